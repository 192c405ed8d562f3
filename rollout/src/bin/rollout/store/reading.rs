//! The lines of a run, read without the store, which others may need in the meantime.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use rollout_core::show::{Assembly, Run};
use serde_json::Value;

use super::catalog::Piece;
use super::{Head, Store};

/// A file is read in blocks of this, as the lines of a trace stand near each other.
const BLOCK: u64 = 256 * 1024;

/// Where the lines of a head are.
#[derive(Debug)]
pub(crate) struct Reading {
    pieces: Vec<Piece>,
    /// The files by their numbers, and whether the program that writes each may still run.
    files: Vec<(u32, PathBuf, bool)>,
}

impl Store {
    /// Returns where the lines of a head are.
    pub(crate) fn reading(&self, head: &Head) -> Reading {
        let pieces = self.pieces(head);
        let mut files: Vec<(u32, PathBuf, bool)> = Vec::new();
        // They are in the order of the files.
        for Piece(number, ..) in &pieces {
            if files.last().is_none_or(|(last, ..)| last != number)
                && let Ok(place) = usize::try_from(*number)
                && let Some(known) = self.files.get(place)
            {
                let goes_on = self.goes_on.get(place).copied().unwrap_or(true);
                files.push((*number, self.dir.join(&known.name), goes_on));
            }
        }
        Reading { pieces, files }
    }
}

impl Reading {
    /// Returns how much there is to read, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.2).sum()
    }

    /// Reads the events, and puts the runs together that they tell of, the oldest first.
    pub(crate) fn runs(&self) -> io::Result<(Vec<Run>, Vec<Value>)> {
        let (mut assembly, mut events) = (Assembly::default(), Vec::new());
        self.each_line(&mut Blocks::default(), |line, goes_on| {
            if let Ok(event) = serde_json::from_slice::<Value>(line) {
                assembly.take(&event, goes_on);
                events.push(event);
            }
        })?;
        Ok((assembly.finish(), events))
    }

    /// Hands each line on, and whether the program that wrote it may still run.
    pub(super) fn each_line(
        &self,
        blocks: &mut Blocks,
        mut take: impl FnMut(&[u8], bool),
    ) -> io::Result<()> {
        for Piece(number, start, length) in &self.pieces {
            let file = self.files.iter().find(|(known, ..)| known == number);
            let Some((_, path, goes_on)) = file else {
                continue;
            };
            let text = blocks.read(*number, path, *start, *length)?;
            for line in text.split(|byte| *byte == b'\n') {
                if !line.is_empty() {
                    take(line, *goes_on);
                }
            }
        }
        Ok(())
    }
}

/// The block of a file that was read last.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    file: Option<(u32, File)>,
    start: u64,
    block: Vec<u8>,
}

impl Blocks {
    /// Returns a part of a file; what is no longer there is empty.
    fn read(&mut self, number: u32, path: &Path, start: u64, length: u64) -> io::Result<&[u8]> {
        let is_there = |blocks: &Self| {
            let end = blocks.start + blocks.block.len() as u64;
            start >= blocks.start && start + length <= end
        };
        let is_open = self.file.as_ref().is_some_and(|(open, _)| *open == number);
        if !is_open || !is_there(self) {
            let mut file = match self.file.take() {
                Some((open, file)) if open == number => file,
                _ => match File::open(path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(&[]),
                    file => file?,
                },
            };
            file.seek(SeekFrom::Start(start))?;
            self.block.clear();
            self.start = start;
            (&mut file)
                .take(length.max(BLOCK))
                .read_to_end(&mut self.block)?;
            self.file = Some((number, file));
        }
        let from = usize::try_from(start - self.start).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let end = from.saturating_add(length).min(self.block.len());
        Ok(self.block.get(from..end).unwrap_or_default())
    }
}
