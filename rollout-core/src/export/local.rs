//! The local folder: a line of JSON an event, in files that are only ever appended to.
//!
//! A line is what the ingest API would be sent, so a file is mail that can still be posted. Events get
//! there within milliseconds, and a lock tells whether the program that writes them is alive: what it
//! had begun when it was killed is known, and known to be interrupted.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Exporter;
use super::folder;
use super::owner::Owner;
use crate::diagnostics::Diagnostics;
use crate::pipeline::DropReason;
use crate::pipeline::batch::{Batch, Receipt};

/// Files get no longer than this.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Writes events into a folder that only its owner can read, and that git ignores.
///
/// ```no_run
/// use rollout_core::LocalExporter;
///
/// let client = rollout_core::builder().exporter(LocalExporter::new("runs")?).build()?;
/// client.trace("nightly").start().end();
/// drop(client); // all is written
/// println!("{}", rollout_core::show::latest("runs")?.expect("the run that was just recorded"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LocalExporter {
    dir: PathBuf,
    owner: Option<Owner>,
    segment: Option<Segment>,
    diagnostics: Diagnostics,
    /// Whether it was said that batches are lost: a disk that is full now and then is reported once, too.
    is_said: bool,
}

#[derive(Debug)]
struct Segment {
    file: File,
    bytes: u64,
}

impl LocalExporter {
    /// Makes the folder if it does not exist.
    ///
    /// # Errors
    ///
    /// Fails if the folder can't be made.
    pub fn new(dir: impl Into<PathBuf>) -> io::Result<Self> {
        let dir = dir.into();
        folder::make(&dir)?;
        remove_free_locks(&dir);
        Ok(Self {
            dir,
            owner: None,
            segment: None,
            diagnostics: Diagnostics::default(),
            is_said: false,
        })
    }

    pub(crate) fn with_diagnostics(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics = diagnostics;
        self
    }

    fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let is_full = |segment: &Segment| segment.bytes >= SEGMENT_BYTES;
        let segment = match self.segment.take() {
            Some(segment) if !is_full(&segment) => segment,
            _ => self.new_segment()?,
        };
        let segment = self.segment.insert(segment);
        let lines = batch.lines();
        let mut text = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
        for line in lines {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        let written = segment.file.write_all(&text);
        match written {
            Ok(()) => segment.bytes += text.len() as u64,
            // What is there of it counts as lost, and should be so.
            Err(_) => drop(segment.file.set_len(segment.bytes)),
        }
        written
    }

    fn new_segment(&mut self) -> io::Result<Segment> {
        // The folder may have been removed while the program runs.
        let mut owner = match self.owner.take() {
            Some(owner) if owner.is_registered() => owner,
            _ => Owner::register(&self.dir, "")?,
        };
        let file = owner.new_file();
        self.owner = Some(owner);
        let (file, _) = file?;
        Ok(Segment { file, bytes: 0 })
    }
}

impl Exporter for LocalExporter {
    fn name(&self) -> &'static str {
        "local"
    }

    fn is_eager(&self) -> bool {
        true
    }

    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        match self.write(&batch) {
            Ok(()) => receipt.delivered(),
            Err(error) => {
                // Should something half written be left, it stays the last line of its file.
                self.segment = None;
                if !std::mem::replace(&mut self.is_said, true) {
                    let dir = self.dir.display();
                    self.diagnostics
                        .error(format_args!("can't write into `{dir}`: {error}"));
                }
                receipt.lost(DropReason::Undeliverable);
            }
        }
    }

    fn shutdown(&mut self, _: Duration) {
        self.segment = None;
        if let Some(owner) = self.owner.take() {
            owner.leave();
        }
    }
}

/// Removes the locks of programs that were killed. A file without one tells the same.
fn remove_free_locks(dir: &std::path::Path) {
    for name in Owner::all(dir).unwrap_or_default() {
        if let Ok(Some((gone, _))) = Owner::take_over(dir, &name) {
            gone.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rollout;
    use crate::export::testing::Folder;

    #[test]
    fn the_lock_is_there_while_the_program_writes() {
        let folder = Folder::new("local");
        drop(Owner::register(&folder, "").unwrap());
        let rollout = Rollout::builder()
            .exporter(LocalExporter::new(&*folder).unwrap())
            .build()
            .unwrap();
        assert_eq!(
            folder.files("lock").len(),
            0,
            "that of a killed one is gone"
        );
        rollout.trace("t").start().end();
        rollout.flush(Duration::from_secs(60)).unwrap();
        let [lock] = &folder.files("lock")[..] else {
            panic!("one lock")
        };
        let events = format!("{}-0001.jsonl", lock.trim_end_matches(".lock"));
        assert_eq!(folder.files("jsonl"), [events]);
        rollout.shutdown();
        assert_eq!(folder.files("lock").len(), 0);
    }

    #[test]
    fn what_has_begun_is_on_disk_long_before_a_batch_would_be() {
        let folder = Folder::new("early");
        let rollout = Rollout::builder()
            .exporter(LocalExporter::new(&*folder).unwrap())
            .flush_interval(Duration::from_secs(3_600))
            .build()
            .unwrap();
        let trace = rollout.trace("t").start();
        let started = std::time::Instant::now();
        let is_there = || {
            let files = folder.files("jsonl");
            let text = files
                .iter()
                .map(|file| std::fs::read_to_string(folder.join(file)).unwrap());
            text.collect::<String>().contains("trace.start")
        };
        while !is_there() {
            assert!(started.elapsed() < Duration::from_secs(60), "not written");
            std::thread::yield_now();
        }
        drop(trace);
    }

    #[test]
    fn a_folder_that_is_removed_is_made_again() {
        let folder = Folder::new("removed");
        let dir = folder.join("inner");
        let mut exporter = LocalExporter::new(&dir).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        exporter.write(&Batch::new(Vec::new())).unwrap();
        exporter.segment = None;
        std::fs::remove_dir_all(&dir).unwrap();
        exporter.write(&Batch::new(Vec::new())).unwrap();
        assert_eq!(Owner::all(&dir).unwrap().len(), 1);
    }
}
