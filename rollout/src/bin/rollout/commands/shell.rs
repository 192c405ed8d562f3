//! `rollout completions` and `rollout man`: what shells and `man` know of the program.

use std::io::Write as _;

use clap_complete::Shell;

use crate::failure::Failure;
use crate::screen::Screen;

/// What `rollout completions` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// What `rollout man` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// A command; the program by default
    command: Option<String>,
}

pub(crate) fn completions(
    args: &CompletionsArgs,
    mut program: clap::Command,
    screen: &mut Screen,
) -> Result<(), Failure> {
    // The generator does not hear of a pipe that is closed, but panics.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "rollout", &mut script);
    Ok(screen.write_all(&script)?)
}

pub(crate) fn man(
    args: &ManArgs,
    mut program: clap::Command,
    screen: &mut Screen,
) -> Result<(), Failure> {
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::usage(format!(
                "there is no command `{name}`: `rollout --help` tells those there are"
            ))
        })?,
    };
    Ok(clap_mangen::Man::new(command).render(screen)?)
}
