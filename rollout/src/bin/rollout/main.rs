//! The program `rollout`: looks at what was recorded.

mod view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// See what your LLM agents really did
#[derive(Debug, Parser)]
#[command(name = "rollout", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the recorded runs in the browser
    View(view::ViewArgs),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let result = match command {
        Command::View(args) => view::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a program's output")]
fn report(error: &std::io::Error) {
    eprintln!("rollout: {error}");
}
