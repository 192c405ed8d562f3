//! The program `rollout`: looks at what was recorded.

mod commands;
mod failure;
mod place;
mod prices;
mod screen;
mod store;
mod table;
#[cfg(test)]
mod testing;
mod view;
mod words;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use failure::Failure;
use place::Place;
use screen::{Color, Screen};

/// See what your LLM agents really did
///
/// Exit codes: 0 for what went well, 1 for what failed, 2 for arguments that make no sense, 3 for runs
/// that are not there.
#[derive(Debug, Parser)]
#[command(name = "rollout", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What all commands understand.
#[derive(Debug, clap::Args)]
struct Global {
    /// The folder that the runs are in [default: `$ROLLOUT_DIR`, else the next `.rollout` upwards]
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "FOLDER"
    )]
    dir: Option<PathBuf>,
    /// When to use colours
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the recorded runs, the newest first
    List(commands::list::ListArgs),
    /// Show what a run did, as a tree
    Show(commands::show::ShowArgs),
    /// Follow agents while they run
    Tail(commands::tail::TailArgs),
    /// Find a regular expression in what went in and came out, in errors and names
    Grep(commands::grep::GrepArgs),
    /// Sum up tokens, cost, errors and latency, by model and by agent
    Stats(commands::stats::StatsArgs),
    /// Write runs for other programs
    Export(commands::export::ExportArgs),
    /// Open the recorded runs in the browser
    View(view::ViewArgs),
    /// Send runs to the ingest API, each event once
    Send(commands::send::SendArgs),
    /// Tell what is set, where records go, and what is in their way
    Doctor(commands::doctor::DoctorArgs),
    /// Ask the ingest API whether it takes what programs send
    Check(commands::check::CheckArgs),
    /// Write the completions for a shell
    Completions(commands::shell::CompletionsArgs),
    /// Write the manual page of the program or of a command
    Man(commands::shell::ManArgs),
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let place = Place::of(global.dir.as_deref());
    let mut screen = Screen::new(global.color);
    let result = run(command, &place, &mut screen);
    // What was written before it failed is shown before the reason.
    match result.and(screen.flush().map_err(Failure::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = screen.flush();
            failure.report()
        }
    }
}

fn run(command: Command, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        Command::List(args) => commands::list::run(&args, place, screen),
        Command::Show(args) => commands::show::run(&args, place, screen),
        Command::Tail(args) => commands::tail::run(&args, place, screen),
        Command::Grep(args) => commands::grep::run(&args, place, screen),
        Command::Stats(args) => commands::stats::run(&args, place, screen),
        Command::Export(args) => commands::export::run(&args, place, screen),
        Command::View(args) => Ok(view::run(&args, place)?),
        Command::Send(args) => commands::send::run(&args, place, screen),
        Command::Doctor(args) => commands::doctor::run(&args, place, screen),
        Command::Check(args) => commands::check::run(&args, screen),
        Command::Completions(args) => {
            commands::shell::completions(&args, Arguments::command(), screen)
        }
        Command::Man(args) => commands::shell::man(&args, Arguments::command(), screen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }
}
