//! `rollout tail`: what agents do, while they do it.

mod follow;
mod print;

use std::io::Write as _;
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::place::Place;
use crate::screen::{Ink, Screen, inert_json};
use follow::Follower;
use print::Printer;

/// How often the folder is looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// What `rollout tail` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct TailArgs {
    /// Begin with what is recorded already, not with what comes next
    #[arg(long)]
    all: bool,
    /// Stop after so many seconds without anything new; never by default
    #[arg(long, value_name = "SECONDS")]
    idle: Option<u64>,
    /// The events as they are recorded, one a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &TailArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let mut follower = Follower::new(&place.dir, args.all)?;
    let mut printer = Printer::default();
    if !args.json && !args.all {
        let dir = place.dir.display();
        let line = screen.ink(Ink::Dim, &format!("following {dir}; ctrl-c ends it"));
        screen.line(&line)?;
        screen.flush()?;
    }
    let mut quiet = Duration::ZERO;
    loop {
        let is_new = follower.read(|line| {
            if args.json {
                screen.line(&inert_json(&String::from_utf8_lossy(line)))
            } else {
                match serde_json::from_slice(line) {
                    Ok(event) => printer.event(&event, screen),
                    Err(_) => Ok(()),
                }
            }
        })?;
        screen.flush()?;
        quiet = if is_new {
            Duration::ZERO
        } else {
            quiet + INTERVAL
        };
        if args
            .idle
            .is_some_and(|idle| quiet >= Duration::from_secs(idle))
        {
            return Ok(());
        }
        thread::sleep(INTERVAL);
    }
}
