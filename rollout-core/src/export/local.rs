//! The local folder: a line of JSON an event, in files that are only ever appended to.
//!
//! A line is what the ingest API would be sent, so a file is mail that can still be posted.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Exporter;
use crate::clock::Timestamp;
use crate::diagnostics::Diagnostics;
use crate::id::random_u64;
use crate::pipeline::DropReason;
use crate::pipeline::batch::{Batch, Receipt};

/// Files get no longer than this.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Writes events into a folder that only its owner can read, and that git ignores.
#[derive(Debug)]
pub struct LocalExporter {
    dir: PathBuf,
    segment: Option<Segment>,
    diagnostics: Diagnostics,
    /// Whether the last batch was lost, so that a full disk is reported once and not for each batch.
    failing: bool,
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
        make_dir(&dir)?;
        Ok(Self {
            dir,
            segment: None,
            diagnostics: Diagnostics::default(),
            failing: false,
        })
    }

    pub(crate) fn with_diagnostics(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics = diagnostics;
        self
    }

    fn write(&mut self, batch: &Batch) -> io::Result<()> {
        if self
            .segment
            .as_ref()
            .is_some_and(|segment| segment.bytes >= SEGMENT_BYTES)
        {
            self.segment = None;
        }
        let segment = match &mut self.segment {
            Some(segment) => segment,
            None => self.segment.insert(Segment {
                file: new_file(&self.dir)?,
                bytes: 0,
            }),
        };
        let lines = batch.lines();
        let mut text = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
        for line in lines {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        segment.file.write_all(&text)?;
        segment.bytes += text.len() as u64;
        Ok(())
    }
}

impl Exporter for LocalExporter {
    fn name(&self) -> &'static str {
        "local"
    }

    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        match self.write(&batch) {
            Ok(()) => {
                self.failing = false;
                receipt.delivered();
            }
            Err(error) => {
                // What is half written stays the last line of its file.
                self.segment = None;
                if !std::mem::replace(&mut self.failing, true) {
                    let dir = self.dir.display();
                    self.diagnostics
                        .error(format_args!("can't write into `{dir}`: {error}"));
                }
                receipt.lost(DropReason::Undeliverable);
            }
        }
    }
}

/// Makes the folder, readable for its owner alone, and keeps it out of git.
fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(())
}

/// Makes a file whose name sorts by time and is nobody else's.
fn new_file(dir: &Path) -> io::Result<File> {
    let now = Timestamp::from(std::time::SystemTime::now()).to_string();
    let time = now
        .replace([':', '-'], "")
        .replace('.', "-")
        .replace('Z', "");
    let name = format!("{time}-{:06x}.jsonl", random_u64() & 0x00ff_ffff);
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // The folder may have been removed while the program runs.
    if !dir.exists() {
        make_dir(dir)?;
    }
    options.open(dir.join(name))
}
