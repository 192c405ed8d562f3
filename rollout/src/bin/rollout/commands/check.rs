//! `rollout check`: whether what programs send is taken.

use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::screen::{Ink, Screen, inert};

/// What `rollout check` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// How long it may take, with all attempts
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &CheckArgs, screen: &mut Screen) -> Result<(), Failure> {
    let report = rollout_core::check().quiet().timeout(args.timeout).run();
    if args.json {
        let errors = report.errors.iter().map(
            |error| json!({"index": error.index, "code": error.code, "message": error.message}),
        );
        screen.json(&json!({
            "ok": report.ok,
            "accepted": report.accepted,
            "rejected": report.rejected,
            "errors": errors.collect::<Vec<Value>>(),
            "message": report.message,
        }))?;
    } else {
        let (ink, mark) = if report.ok {
            (Ink::Good, "✓")
        } else {
            (Ink::Bad, "✗")
        };
        let mark = screen.ink(ink, mark);
        screen.line(&format!("{mark} {}", inert(&report.message)))?;
        for error in &report.errors {
            let line = format!("  event {}: {} {}", error.index, error.code, error.message);
            screen.line(&inert(&line))?;
        }
    }
    if report.ok {
        Ok(())
    } else {
        Err(Failure::said())
    }
}
