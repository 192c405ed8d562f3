//! `rollout send`: recorded runs, to the ingest API.

mod ledger;
mod ranges;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use rollout_core::__private::Post;
use serde::Serialize;

use super::filter::FilterArgs;
use super::show::not_found;
use crate::failure::Failure;
use crate::place::Place;
use crate::screen::{Ink, Screen, inert};
use crate::store::{Head, Lines, Store, files};
use crate::words;
use ledger::Ledger;
use ranges::Ranges;

/// So many events, and so much of them, go out together: as the library has it.
const BATCH_EVENTS: usize = 100;
const BATCH_BYTES: usize = 512_000;

/// What `rollout send` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct SendArgs {
    /// The runs: their ids or the beginnings of them, or `last`; all by default
    runs: Vec<String>,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Send what was sent before as well; the API knows events that it has, and keeps them once
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    filter: FilterArgs,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What is to be sent, and what came of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    #[serde(skip_serializing_if = "String::is_empty")]
    to: String,
    runs: usize,
    dry_run: bool,
    /// How many events were not sent before.
    events: u64,
    bytes: u64,
    /// How many the API has now.
    sent: u64,
    /// How many it will never take.
    refused: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Parts of a file.
#[derive(Debug)]
struct Parts {
    path: PathBuf,
    name: String,
    ranges: Ranges,
}

pub(crate) fn run(args: &SendArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let store = place.open()?;
    let heads = heads(args, &store)?;
    let post = match Post::from_environment() {
        Ok(post) => Some(post),
        // What there is can be said without it.
        Err(_) if args.dry_run => None,
        Err(why) => return Err(Failure::new(why)),
    };
    let mut report = Report {
        to: post.as_ref().map_or("", Post::address).to_owned(),
        runs: heads.len(),
        dry_run: args.dry_run,
        ..Report::default()
    };
    let mut ledger = match &post {
        Some(post) => Some(open_ledger(&place.dir, post)?),
        None => None,
    };
    let known = ledger.as_ref().filter(|_| !args.again);
    let parts = parts(&place.dir, &store, &heads, known)?;
    report.bytes = parts.iter().map(|parts| parts.ranges.bytes()).sum();
    for parts in &parts {
        each_line(parts, |_, _| {
            report.events += 1;
            Ok(())
        })?;
    }
    let sent = match (&post, &mut ledger) {
        (Some(post), Some(ledger)) if !args.dry_run => {
            let bar = progress(report.bytes);
            send(post, ledger, &parts, &mut report, &bar)
        }
        _ => Ok(()),
    };
    if args.json {
        screen.json(&report)?;
    } else {
        report.write(screen)?;
    }
    sent?;
    if report.refused > 0 {
        return Err(Failure::said());
    }
    Ok(())
}

fn heads<'a>(args: &SendArgs, store: &'a Store) -> Result<Vec<&'a Head>, Failure> {
    if !args.runs.is_empty() {
        let find = |id: &String| {
            let found = store.find(id)?;
            found
                .map(|(head, _)| head)
                .ok_or_else(|| not_found(store, id))
        };
        return args.runs.iter().map(find).collect();
    }
    let filter = args.filter.filter()?;
    let mut heads = Vec::new();
    for head in store.heads() {
        if filter.is_open() || store.rows_of(head)?.iter().any(|row| filter.matches(row)) {
            heads.push(head);
        }
    }
    Ok(heads)
}

fn open_ledger(dir: &Path, post: &Post) -> Result<Ledger, Failure> {
    Ledger::open(dir, post.address(), post.fingerprint()).map_err(|error| {
        let dir = dir.display();
        Failure::new(format!("can't note in `{dir}` what is sent: {error}"))
    })
}

/// Returns what is to be sent, the files in the order of their names, which is that of time.
fn parts(
    dir: &Path,
    store: &Store,
    heads: &[&Head],
    known: Option<&Ledger>,
) -> io::Result<Vec<Parts>> {
    let mut wanted: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for (name, from, to) in heads.iter().flat_map(|head| store.places(head)) {
        wanted.entry(name).or_default().push((from, to));
    }
    let lengths: BTreeMap<String, u64> = files(dir)?.into_iter().collect();
    let parts = wanted.into_iter().map(|(name, wanted)| {
        let wanted: Ranges = wanted.into_iter().collect();
        let length = lengths.get(name).copied().unwrap_or(0);
        Parts {
            path: dir.join(name),
            name: name.to_owned(),
            ranges: known.map_or_else(
                || wanted.clone(),
                |known| known.missing(name, length, &wanted),
            ),
        }
    });
    Ok(parts.collect())
}

/// Hands on each whole line, and from where to where it is.
fn each_line(
    parts: &Parts,
    mut take: impl FnMut(&[u8], (u64, u64)) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for (from, to) in parts.ranges.iter() {
        let mut lines = match Lines::open(&parts.path, from, to, false) {
            // It was removed meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            lines => lines?,
        };
        while let Some(line) = lines.next()? {
            let text = line.text.trim_ascii();
            if line.is_whole && !text.is_empty() {
                take(text, (line.start, line.end))?;
            }
        }
    }
    Ok(())
}

/// Events that go out together.
#[derive(Default)]
struct Batch {
    events: Vec<Vec<u8>>,
    places: Vec<(String, (u64, u64))>,
    bytes: usize,
}

fn send(
    post: &Post,
    ledger: &mut Ledger,
    parts: &[Parts],
    report: &mut Report,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let mut batch = Batch::default();
    let mut send = |batch: &mut Batch| {
        let Batch {
            events,
            places,
            bytes,
        } = std::mem::take(batch);
        let posted = post.send(&events).map_err(|why| {
            bar.abandon();
            Failure::new(format!("{why}\n`rollout send` goes on where this ended"))
        })?;
        report.sent += posted.stored as u64;
        report.refused += posted.refused as u64;
        if report.reason.is_none() {
            report.reason = posted.reason;
        }
        bar.inc(bytes as u64);
        // At once, so that whoever is interrupted need not begin anew.
        Ok::<(), Failure>(ledger.enter(&places)?)
    };
    for parts in parts {
        each_line(parts, |line, place| {
            let is_full =
                batch.events.len() >= BATCH_EVENTS || batch.bytes + line.len() > BATCH_BYTES;
            if is_full && !batch.events.is_empty() {
                send(&mut batch)?;
            }
            batch.bytes += line.len() + 1;
            batch.events.push(line.to_vec());
            batch.places.push((parts.name.clone(), place));
            Ok(())
        })?;
    }
    if !batch.events.is_empty() {
        send(&mut batch)?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Returns a bar on standard error, which shows nothing where that is no terminal.
fn progress(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = "{bar:40} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

impl Report {
    fn write(&self, screen: &mut Screen) -> io::Result<()> {
        let to = inert(&self.to);
        let events = words::times(self.events, "event");
        let runs = words::times(self.runs as u64, "run");
        if self.dry_run {
            let to = match &*to {
                "" => "nowhere: `ROLLOUT_API_KEY` is not set",
                to => to,
            };
            let bytes = words::bytes(self.bytes);
            return screen.line(&format!("would send {events} of {runs}, {bytes}, to {to}"));
        }
        let good = screen.ink(Ink::Good, "✓");
        if self.events == 0 {
            return screen.line(&format!("{good} {to} has all of {runs} already"));
        }
        if self.sent > 0 {
            let sent = words::times(self.sent, "event");
            screen.line(&format!("{good} {sent} of {runs} sent to {to}"))?;
        }
        if self.refused > 0 {
            let refused = words::times(self.refused, "event");
            let reason = inert(self.reason.as_deref().unwrap_or("no reason was given"));
            let bad = screen.ink(Ink::Bad, "✗");
            screen.line(&format!(
                "{bad} {refused} refused, and not sent again: {reason}"
            ))?;
        }
        Ok(())
    }
}
