//! Which lines of a segment need no sending any more: a file of ranges beside it, only appended to.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::export::folder;

/// What is known of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// It needs no sending any more.
    pub(super) is_done: bool,
    /// What began in it has ended in another segment, which may be gone.
    pub(super) has_ended: bool,
}

#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    /// Made with the first entry.
    file: Option<File>,
}

impl Ledger {
    /// Returns the ledger of a segment that nothing is in yet. One that is there already is of a segment
    /// of the same name, whose process was killed between removing the one and the other.
    pub(super) fn new(segment: &Path) -> Self {
        let ledger = Self::beside(segment);
        let _ = fs::remove_file(&ledger.path);
        ledger
    }

    fn beside(segment: &Path) -> Self {
        Self {
            path: segment.with_extension("done"),
            file: None,
        }
    }

    /// Returns the ledger of a segment with so many lines, and what is known of each.
    pub(super) fn read(segment: &Path, lines: usize) -> io::Result<(Self, Vec<Mark>)> {
        let mut ledger = Self::beside(segment);
        let mut marks = vec![Mark::default(); lines];
        let text = match fs::read_to_string(&ledger.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((ledger, marks)),
            Err(error) => return Err(error),
        };
        // What follows the last line break was cut off, and may be the beginning of another number.
        let whole = text
            .rfind('\n')
            .map_or("", |end| text.get(..end).unwrap_or(""));
        for entry in whole.lines() {
            if let Some((first, last)) = parse(entry) {
                let range = first..last.saturating_add(1).min(lines);
                for mark in marks.get_mut(range).unwrap_or_default() {
                    mark.is_done = true;
                }
            } else if let Some(line) = entry.strip_prefix('=').and_then(|line| line.parse().ok())
                && let Some(mark) = marks.get_mut::<usize>(line)
            {
                mark.has_ended = true;
            }
        }
        let mut file = fs::OpenOptions::new().append(true).open(&ledger.path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            // So that the next entry does not continue it.
            file.write_all(b"?\n")?;
        }
        ledger.file = Some(file);
        Ok((ledger, marks))
    }

    /// Enters lines, which are in order.
    pub(super) fn enter(&mut self, lines: impl IntoIterator<Item = u32>) -> io::Result<()> {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for line in lines {
            match ranges.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(line) => *last = line,
                _ => ranges.push((line, line)),
            }
        }
        let mut text = String::new();
        for (first, last) in ranges {
            // There is always room in a text.
            let _ = writeln!(text, "{first}-{last}");
        }
        self.write(&text)
    }

    /// Enters that what began in a line has ended.
    pub(super) fn enter_ended(&mut self, line: u32) -> io::Result<()> {
        self.write(&format!("={line}\n"))
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(folder::new_file(&self.path)?),
        };
        file.write_all(text.as_bytes())
    }

    pub(super) fn remove(self) {
        if self.file.is_some() {
            let _ = fs::remove_file(self.path);
        }
    }
}

fn parse(line: &str) -> Option<(usize, usize)> {
    let (first, last) = line.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::testing::Folder;

    #[test]
    fn what_a_segment_left_that_is_gone_is_not_taken_for_another_ones() {
        let folder = Folder::new("ledger-left");
        let segment = folder.join("a-0001.jsonl");
        Ledger::new(&segment).enter([0, 1]).unwrap();
        let mut ledger = Ledger::new(&segment);
        ledger.enter([1]).unwrap();
        let (_, marks) = Ledger::read(&segment, 2).unwrap();
        assert!(!marks[0].is_done && marks[1].is_done);
    }

    #[test]
    fn what_was_entered_is_read_back_though_the_last_entry_is_torn() {
        let folder = Folder::new("ledger");
        let segment = folder.join("a-0001.jsonl");
        let mut ledger = Ledger::new(&segment);
        ledger.enter([0, 1, 2, 5]).unwrap();
        ledger.enter([9]).unwrap();
        let path = folder.join("a-0001.done");
        assert_eq!(fs::read_to_string(&path).unwrap(), "0-2\n5-5\n9-9\n");
        fs::write(&path, "0-2\n5-5\nx\n7-3\n3-1").unwrap();
        let done = |marks: &[Mark]| marks.iter().map(|mark| mark.is_done).collect::<Vec<_>>();
        let (mut ledger, marks) = Ledger::read(&segment, 6).unwrap();
        assert_eq!(done(&marks), [true, true, true, false, false, true]);
        ledger.enter([4]).unwrap();
        ledger.enter_ended(2).unwrap();
        let (ledger, marks) = Ledger::read(&segment, 6).unwrap();
        assert_eq!(marks.iter().position(|mark| mark.has_ended), Some(2));
        assert_eq!(done(&marks), [true, true, true, false, true, true]);
        ledger.remove();
        assert!(!path.exists());
        let (_, marks) = Ledger::read(&segment, 2).unwrap();
        assert_eq!(done(&marks), [false, false]);
    }
}
