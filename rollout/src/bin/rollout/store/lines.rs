//! Lines of a part of a file, each no longer than fits in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Longer lines are passed over: an event is a few hundred kilobytes at most.
const LONGEST: usize = 64 * 1024 * 1024;

/// Reads the lines that begin in a part of a file.
pub(crate) struct Lines {
    reader: BufReader<File>,
    /// Where the next line begins.
    at: u64,
    /// Where the part ends.
    end: u64,
    line: Vec<u8>,
}

/// A line without its line break.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a [u8],
    /// Where it begins.
    pub(crate) start: u64,
    /// Where the next one does.
    pub(crate) end: u64,
    /// Whether its line break is there.
    pub(crate) is_whole: bool,
}

impl Lines {
    /// Opens a file for the lines that begin in a part of it. Where `is_cut`, the part may begin in
    /// the middle of a line, which is that of the part before.
    pub(crate) fn open(path: &Path, start: u64, end: u64, is_cut: bool) -> io::Result<Self> {
        let mut file = File::open(path)?;
        // The byte before tells whether a line begins here.
        let from = if is_cut { start - 1 } else { start };
        file.seek(SeekFrom::Start(from))?;
        let mut lines = Self {
            reader: BufReader::with_capacity(256 * 1024, file),
            at: from,
            end,
            line: Vec::new(),
        };
        if is_cut {
            lines.at += lines.skip()?;
        }
        Ok(lines)
    }

    /// Returns the next line, if another one begins in this part.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        while self.at < self.end {
            self.line.clear();
            let start = self.at;
            let limit = LONGEST as u64 + 1;
            let read = (&mut self.reader)
                .take(limit)
                .read_until(b'\n', &mut self.line)? as u64;
            if read == 0 {
                break;
            }
            self.at += read;
            let is_whole = self.line.last() == Some(&b'\n');
            if !is_whole && read == limit {
                self.line = Vec::new();
                self.at += self.skip()?;
                continue;
            }
            let length = self.line.len() - usize::from(is_whole);
            let text = self.line.get(..length).unwrap_or_default();
            return Ok(Some(Line {
                text,
                start,
                end: self.at,
                is_whole,
            }));
        }
        Ok(None)
    }

    /// Passes over what is left of a line, as far as it is in this part: what begins behind it is of the
    /// next one. Returns how long that was.
    fn skip(&mut self) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            if self.at + skipped >= self.end {
                return Ok(skipped);
            }
            let buffer = self.reader.fill_buf()?;
            let found = buffer.iter().position(|byte| *byte == b'\n');
            let length = found.map_or(buffer.len(), |found| found + 1);
            self.reader.consume(length);
            skipped += length as u64;
            if found.is_some() || length == 0 {
                return Ok(skipped);
            }
        }
    }
}
