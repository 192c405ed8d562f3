//! A file of events, one a line.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Place;
use super::ledger::{Ledger, Mark};

#[derive(Debug)]
pub(super) struct Segment {
    /// Whose it is.
    pub(super) owner: usize,
    pub(super) bytes: u64,
    path: PathBuf,
    ledger: Ledger,
    lines: u32,
    settled: u32,
}

/// A segment that another process wrote.
pub(super) struct Found {
    pub(super) segment: Segment,
    pub(super) content: Vec<u8>,
    /// Where each line is, and what is known of it.
    pub(super) lines: Vec<(Place, Mark)>,
}

impl Segment {
    /// Returns a segment that nothing is in yet.
    pub(super) fn new(owner: usize, path: PathBuf) -> Self {
        Self {
            owner,
            bytes: 0,
            ledger: Ledger::new(&path),
            path,
            lines: 0,
            settled: 0,
        }
    }

    /// Reads a segment that another process wrote. A line without its end is one that it did not finish.
    pub(super) fn read(owner: usize, id: u32, path: PathBuf) -> io::Result<Found> {
        let content = fs::read(&path)?;
        let mut places = Vec::new();
        let mut offset = 0;
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            if line.ends_with(b"\n") {
                places.push(Place {
                    segment: id,
                    line: number(places.len()),
                    offset: number(offset),
                    length: number(line.len() - 1),
                });
            }
            offset += line.len();
        }
        let (ledger, marks) = Ledger::read(&path, places.len())?;
        let segment = Self {
            owner,
            bytes: content.len() as u64,
            path,
            ledger,
            lines: number(places.len()),
            settled: number(marks.iter().filter(|mark| mark.is_done).count()),
        };
        Ok(Found {
            segment,
            content,
            lines: places.into_iter().zip(marks).collect(),
        })
    }

    /// Writes lines in one write, and returns where they are.
    pub(super) fn append(
        &mut self,
        id: u32,
        file: &mut File,
        lines: &[Bytes],
    ) -> io::Result<Vec<Place>> {
        let mut text = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
        let mut places = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            let offset = usize::try_from(self.bytes).unwrap_or(usize::MAX) + text.len();
            places.push(Place {
                segment: id,
                line: self.lines + number(index),
                offset: number(offset),
                length: number(line.len()),
            });
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        if self.bytes + text.len() as u64 > u64::from(u32::MAX) {
            return Err(io::Error::other("the events are too long"));
        }
        let written = file.write_all(&text);
        if written.is_err() {
            // Some of it may be there, which nobody is to count on.
            if file.set_len(self.bytes).is_ok() {
                return written.map(|()| places);
            }
            let length = file
                .metadata()
                .map_or(self.bytes, |metadata| metadata.len());
            self.bytes = self.bytes.max(length);
            return written.map(|()| places);
        }
        self.bytes += text.len() as u64;
        self.lines += number(lines.len());
        Ok(places)
    }

    /// Notes that lines, which are in order, need no sending any more.
    pub(super) fn settle(&mut self, places: &[Place]) -> io::Result<()> {
        self.settled += number(places.len());
        self.ledger.enter(places.iter().map(|place| place.line))
    }

    /// Notes that what began in a line has ended. Should that fail, and the process be killed, it may
    /// be ended twice.
    pub(super) fn note_ended(&mut self, line: u32) {
        let _ = self.ledger.enter_ended(line);
    }

    pub(super) fn is_settled(&self) -> bool {
        self.settled >= self.lines
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn remove(self) {
        // The events first: a ledger alone does no harm.
        let _ = fs::remove_file(&self.path);
        self.ledger.remove();
    }
}

/// Reads lines of one file; those that are next to each other at once.
pub(super) fn read(path: Option<&Path>, places: &[Place]) -> Vec<Option<Bytes>> {
    let mut file = path.and_then(|path| File::open(path).ok());
    let mut lines = Vec::with_capacity(places.len());
    for run in places.chunk_by(|a, b| b.line == a.line + 1) {
        let text = file.as_mut().and_then(|file| read_run(file, run).ok());
        let begin = run.first().map_or(0, |place| place.offset);
        lines.extend(run.iter().map(|place| {
            let from = place.offset.checked_sub(begin)? as usize;
            let line = text.as_ref()?.slice(from..from + place.length());
            // The file may have been changed, and must not spoil what travels with it.
            (line.first() == Some(&b'{') && !line.contains(&b'\n')).then_some(line)
        }));
    }
    lines
}

fn read_run(file: &mut File, run: &[Place]) -> io::Result<Bytes> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return Ok(Bytes::new());
    };
    let length = last.offset as usize + last.length() - first.offset as usize;
    let mut text = vec![0; length];
    file.seek(SeekFrom::Start(u64::from(first.offset)))?;
    file.read_exact(&mut text)?;
    Ok(text.into())
}

fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::folder;
    use crate::export::testing::Folder;

    fn lines(texts: &[&'static str]) -> Vec<Bytes> {
        texts
            .iter()
            .map(|text| Bytes::from_static(text.as_bytes()))
            .collect()
    }

    #[test]
    fn what_is_written_is_read_back_wherever_it_is() {
        let folder = Folder::new("segment");
        let path = folder.join("a-0001.jsonl");
        let mut file = folder::new_file(&path).unwrap();
        let mut segment = Segment::new(0, path.clone());
        let mut places = segment
            .append(7, &mut file, &lines(&["{1}", "{22}"]))
            .unwrap();
        places.extend(
            segment
                .append(7, &mut file, &lines(&["{333}", "{4}"]))
                .unwrap(),
        );
        let text = |place: &Place| read(Some(&path), &[*place])[0].clone().unwrap();
        assert_eq!(
            places.iter().map(text).collect::<Vec<_>>(),
            lines(&["{1}", "{22}", "{333}", "{4}"])
        );
        let some = [places[3], places[0], places[1]];
        let read_back: Vec<_> = read(Some(&path), &some).into_iter().flatten().collect();
        assert_eq!(read_back, lines(&["{4}", "{1}", "{22}"]));
        segment.settle(&places[1..3]).unwrap();
        assert!(!segment.is_settled());

        file.write_all(b"{\"torn").unwrap();
        let Found {
            segment: mut other,
            lines: found,
            ..
        } = Segment::read(1, 7, path.clone()).unwrap();
        let done: Vec<_> = found.iter().map(|(_, mark)| mark.is_done).collect();
        assert_eq!(done, [false, true, true, false]);
        assert_eq!(
            found.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
            places
        );
        other.settle(&[places[0], places[3]]).unwrap();
        assert!(other.is_settled());
        other.remove();
        assert_eq!(read(Some(&path), &places), vec![None; 4]);
        assert_eq!(folder.files("done").len(), 0);
    }

    #[test]
    fn a_line_that_was_changed_is_not_sent() {
        let folder = Folder::new("changed");
        let path = folder.join("a-0001.jsonl");
        let mut file = folder::new_file(&path).unwrap();
        let mut segment = Segment::new(0, path.clone());
        let places = segment
            .append(0, &mut file, &lines(&["{1}", "{2}"]))
            .unwrap();
        fs::write(&path, "xxxxxxxxxxxxxxx").unwrap();
        assert_eq!(read(Some(&path), &places), [None, None]);
        fs::write(&path, "").unwrap();
        assert_eq!(read(Some(&path), &places), [None, None]);
    }
}
