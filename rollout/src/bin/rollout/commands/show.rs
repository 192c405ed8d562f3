//! `rollout show`: what a run did.

use serde_json::Value;

use super::full;
use super::json::tree;
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::Prices;
use crate::screen::{Ink, Screen, inert_json};
use crate::store::{Row, Store};
use crate::words;

/// What `rollout show` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The run: its id or the beginning of it, the program's own id, or `last`
    #[arg(default_value = "last")]
    run: String,
    /// Whole texts, not only their beginnings
    #[arg(long)]
    full: bool,
    /// The events, as they were recorded
    #[arg(long, conflicts_with = "full")]
    events: bool,
    /// One JSON object; with `--events` one a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ShowArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let store = place.open()?;
    let Some((head, run)) = store.find(&args.run)? else {
        return Err(not_found(&store, &args.run));
    };
    if args.events {
        for line in store.lines(head)? {
            event(&line, args.json, screen)?;
        }
        return Ok(());
    }
    let prices = Prices::load(&place.dir)?;
    if args.json {
        let mut value = tree(&run, &prices);
        if args.full {
            full::replace(&mut value, &events(&store.lines(head)?));
        }
        return Ok(screen.json(&value)?);
    }
    let shown = run.tree().width(screen.width).colored(screen.colored);
    screen.line(&shown.to_string())?;
    let cost = words::cost(&prices.sum(&Row::of(&run).calls));
    if !cost.is_empty() {
        let line = screen.ink(Ink::Dim, &format!("cost {cost}"));
        screen.line(&line)?;
    }
    if args.full {
        full::write(&run, &events(&store.lines(head)?), screen)?;
    }
    Ok(())
}

/// Says what is the matter with an id.
pub(crate) fn not_found(store: &Store, id: &str) -> Failure {
    match store.candidates(id) {
        0 | 1 => Failure::nothing(format!(
            "there is no run `{id}`: `rollout list` shows those there are"
        )),
        several => Failure::nothing(format!(
            "`{id}` may be any of {several} runs: say more of the id"
        )),
    }
}

/// Returns what can be made out of lines.
pub(crate) fn events(lines: &[Vec<u8>]) -> Vec<Value> {
    let events = lines.iter().map(|line| serde_json::from_slice(line));
    events.filter_map(Result::ok).collect()
}

fn event(line: &[u8], as_line: bool, screen: &mut Screen) -> Result<(), Failure> {
    if as_line {
        let text = inert_json(&String::from_utf8_lossy(line));
        return Ok(screen.line(&text)?);
    }
    if let Ok(event) = serde_json::from_slice::<Value>(line) {
        let text = serde_json::to_string_pretty(&event).map_err(std::io::Error::from)?;
        screen.line(&inert_json(&text))?;
    }
    Ok(())
}
