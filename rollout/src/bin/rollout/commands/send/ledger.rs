//! What was sent to where: a file that is only appended to. Without it all is sent once more, which the
//! API tells by the ids of the events.
//!
//! ```text
//! {"version":1,"to":"https://app.rollout.work"}
//! 20261123T112345-123456-0a1b2c-0001.jsonl 0 40312
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use super::ranges::Ranges;

const VERSION: u64 = 1;
const FOLDER: &str = "sent";

/// The parts of files that need no sending any more.
#[derive(Debug)]
pub(super) struct Ledger {
    done: BTreeMap<String, Ranges>,
    file: File,
}

impl Ledger {
    /// Reads what was sent from a folder to an address, with a key that has this fingerprint.
    pub(super) fn open(dir: &Path, to: &str, fingerprint: &str) -> io::Result<Self> {
        let dir = dir.join(FOLDER);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(dir.join(format!("{fingerprint}.txt")))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.split_inclusive('\n');
        let head: Option<Value> = lines
            .next()
            .and_then(|head| serde_json::from_str(head).ok());
        let is_ours = head.is_some_and(|head| head.get("version") == Some(&json!(VERSION)));
        let mut done: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
        if is_ours {
            for (name, part) in lines.filter_map(parse) {
                done.entry(name.to_owned()).or_default().push(part);
            }
            if !text.ends_with('\n') {
                // What was cut off does not continue in the next entry.
                writeln!(file)?;
            }
        } else {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", json!({"version": VERSION, "to": to}))?;
        }
        let done = done.into_iter();
        Ok(Self {
            done: done
                .map(|(name, parts)| (name, parts.into_iter().collect()))
                .collect(),
            file,
        })
    }

    /// Returns what of these parts of a file, which has this length, is not sent yet.
    pub(super) fn missing(&self, name: &str, length: u64, wanted: &Ranges) -> Ranges {
        match self.done.get(name) {
            // A file that is shorter than what was sent of it is another one.
            Some(done) if done.end() <= length => wanted.without(done),
            _ => wanted.clone(),
        }
    }

    /// Enters what was sent.
    pub(super) fn enter(&mut self, parts: &[(String, (u64, u64))]) -> io::Result<()> {
        let mut fresh: BTreeMap<&str, Ranges> = BTreeMap::new();
        for (name, part) in parts {
            fresh.entry(name).or_default().extend([*part]);
        }
        let mut text = String::new();
        for (name, parts) in fresh {
            for (from, to) in parts.iter() {
                let _ = writeln!(text, "{name} {from} {to}");
            }
            self.done
                .entry(name.to_owned())
                .or_default()
                .extend(parts.iter());
        }
        self.file.write_all(text.as_bytes())
    }
}

fn parse(line: &str) -> Option<(&str, (u64, u64))> {
    let (rest, to) = line.strip_suffix('\n')?.rsplit_once(' ')?;
    let (name, from) = rest.rsplit_once(' ')?;
    Some((name, (from.parse().ok()?, to.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn ranges(parts: &[(u64, u64)]) -> Ranges {
        parts.iter().copied().collect()
    }

    fn missing(ledger: &Ledger) -> Ranges {
        ledger.missing("a b.jsonl", 100, &ranges(&[(0, 100)]))
    }

    fn part(from: u64, to: u64) -> (String, (u64, u64)) {
        ("a b.jsonl".to_owned(), (from, to))
    }

    #[test]
    fn what_was_sent_is_known_the_next_time_and_only_for_that_address() {
        let folder = Folder::new("ledger");
        let mut ledger = Ledger::open(folder.path(), "https://a", "a").unwrap();
        assert_eq!(missing(&ledger), ranges(&[(0, 100)]));
        ledger
            .enter(&[part(10, 20), part(20, 30), part(50, 60)])
            .unwrap();
        for ledger in [
            ledger,
            Ledger::open(folder.path(), "https://a", "a").unwrap(),
        ] {
            assert_eq!(missing(&ledger), ranges(&[(0, 10), (30, 50), (60, 100)]));
            // Another file of this name.
            assert_eq!(
                ledger.missing("a b.jsonl", 5, &ranges(&[(0, 5)])),
                ranges(&[(0, 5)])
            );
        }
        let other = Ledger::open(folder.path(), "https://b", "b").unwrap();
        assert_eq!(missing(&other), ranges(&[(0, 100)]));
    }

    #[test]
    fn an_entry_that_was_cut_off_is_not_continued_and_one_of_another_version_not_read() {
        let folder = Folder::new("ledger-torn");
        let mut ledger = Ledger::open(folder.path(), "x", "f").unwrap();
        ledger.enter(&[part(0, 5)]).unwrap();
        let file = folder.path().join("sent/f.txt");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}a b.jsonl 5 1")).unwrap();
        let mut ledger = Ledger::open(folder.path(), "x", "f").unwrap();
        assert_eq!(missing(&ledger), ranges(&[(5, 100)]));
        ledger.enter(&[part(7, 9)]).unwrap();
        let ledger = Ledger::open(folder.path(), "x", "f").unwrap();
        assert_eq!(missing(&ledger), ranges(&[(5, 7), (9, 100)]));
        fs::write(&file, text.replace("\"version\":1", "\"version\":2")).unwrap();
        let mut ledger = Ledger::open(folder.path(), "x", "f").unwrap();
        assert_eq!(missing(&ledger), ranges(&[(0, 100)]));
        ledger.enter(&[part(0, 100)]).unwrap();
        let ledger = Ledger::open(folder.path(), "x", "f").unwrap();
        assert_eq!(missing(&ledger), Ranges::default());
    }
}
