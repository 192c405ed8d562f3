//! What is kept on disk until it is delivered.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use rollout_core::show;
use serde::Serialize;
use serde_json::Value;

use crate::screen::{Ink, Screen, inert};
use crate::store::files;
use crate::words;

/// A folder of what is kept, and whose it is.
#[derive(Debug, Serialize)]
pub(super) struct Spool {
    path: PathBuf,
    waiting: Vec<Owner>,
}

/// A process that kept something.
#[derive(Debug, Default, Serialize)]
struct Owner {
    to: String,
    program_runs: bool,
    key_refused: bool,
    events: u64,
    bytes: u64,
}

impl Spool {
    /// Returns what is kept in a folder, if anything is.
    pub(super) fn look(dir: &Path) -> Option<Self> {
        let mut owners: BTreeMap<String, Owner> = BTreeMap::new();
        for (file, bytes) in files(dir).ok()? {
            let path = dir.join(&file);
            let stem = file.strip_suffix(".jsonl").unwrap_or(&file);
            let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
            let owner = owners
                .entry(name.to_owned())
                .or_insert_with(|| Owner::look(dir, name, &path));
            owner.events += waiting(&path).unwrap_or(0);
            owner.bytes += bytes;
        }
        let owners = owners.into_values().filter(|owner| owner.events > 0);
        let waiting: Vec<Owner> = owners.collect();
        (!waiting.is_empty()).then(|| Self {
            path: dir.to_owned(),
            waiting,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn problems(&self) -> Vec<String> {
        let refused = self.waiting.iter().filter(|owner| owner.key_refused);
        let refused = refused.map(|owner| {
            format!(
                "{} refused the API key of {}: the next program with another `ROLLOUT_API_KEY` sends them",
                owner.to,
                words::times(owner.events, "event")
            )
        });
        refused.collect()
    }

    pub(super) fn write(&self, screen: &mut Screen) -> io::Result<()> {
        let dir = screen.ink(Ink::Dim, &inert(&self.path.display().to_string()));
        screen.line(&format!("  {dir}"))?;
        for owner in &self.waiting {
            let events = words::times(owner.events, "event");
            let (bytes, to) = (words::bytes(owner.bytes), inert(&owner.to));
            let (ink, why) = match owner {
                Owner {
                    key_refused: true, ..
                } => (Ink::Warning, "its key was refused"),
                Owner {
                    program_runs: true, ..
                } => (Ink::Dim, "its program runs, and sends them"),
                _ => (
                    Ink::Dim,
                    "its program ended: the next one to this address sends them",
                ),
            };
            let why = screen.ink(ink, why);
            screen.line(&format!("  {events}, {bytes}, for {to}  {why}"))?;
        }
        Ok(())
    }
}

impl Owner {
    fn look(dir: &Path, name: &str, file: &Path) -> Self {
        let card = fs::read_to_string(dir.join(format!("{name}.lock"))).unwrap_or_default();
        let mut lines = card.lines();
        let head: Option<Value> = lines
            .next()
            .and_then(|head| serde_json::from_str(head).ok());
        let to = head
            .as_ref()
            .and_then(|head| head.get("destination")?.as_str());
        Self {
            to: to.unwrap_or("an unknown address").to_owned(),
            program_runs: show::goes_on(file),
            key_refused: lines.any(|line| line == "refused"),
            ..Self::default()
        }
    }
}

/// Returns how many lines of a file wait to be sent.
fn waiting(file: &Path) -> io::Result<u64> {
    let mut reader = BufReader::new(fs::File::open(file)?);
    let mut lines = 0_u64;
    while reader.skip_until(b'\n')? > 0 {
        lines += 1;
    }
    let done = fs::read_to_string(file.with_extension("done")).unwrap_or_default();
    let done = done.lines().filter_map(|range| {
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        last.checked_sub(first)?.checked_add(1)
    });
    Ok(lines.saturating_sub(done.fold(0, u64::saturating_add)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn what_is_not_marked_as_done_waits_for_its_address() {
        let folder = Folder::new("spool");
        let dir = folder.path();
        assert!(Spool::look(dir).is_none());
        fs::write(dir.join("a-0001.jsonl"), "{}\n{}\n{}\n{}\n").unwrap();
        fs::write(dir.join("a-0001.done"), "0-1\n=7\n").unwrap();
        fs::write(dir.join("a-0002.jsonl"), "{}\n").unwrap();
        fs::write(dir.join("b-0001.jsonl"), "{}\n").unwrap();
        fs::write(dir.join("b-0001.done"), "0-0\n").unwrap();
        fs::write(
            dir.join("a.lock"),
            "{\"destination\":\"https://x\"}\nrefused\n",
        )
        .unwrap();
        let spool = Spool::look(dir).unwrap();
        let [owner] = &spool.waiting[..] else {
            panic!("{spool:?}")
        };
        assert_eq!(
            (owner.events, owner.bytes, &*owner.to),
            (3, 15, "https://x")
        );
        assert!(owner.key_refused && spool.problems()[0].contains("3 events"));
    }
}
