//! Lines as they are added to the files of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::Lines;

/// Follows the files of a folder, which may not be there yet.
#[derive(Debug)]
pub(super) struct Follower {
    dir: PathBuf,
    /// Up to where each file is read.
    read: BTreeMap<PathBuf, u64>,
}

impl Follower {
    /// Begins at the beginning of all files, or at their ends.
    pub(super) fn new(dir: &Path, from_beginning: bool) -> io::Result<Self> {
        let mut follower = Self {
            dir: dir.to_owned(),
            read: BTreeMap::new(),
        };
        if !from_beginning {
            follower.read(|_| Ok(()))?;
        }
        Ok(follower)
    }

    /// Hands on each line that is whole and was not there before; returns whether there were any.
    pub(super) fn read(
        &mut self,
        mut take: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<bool> {
        let mut is_new = false;
        for (file, length) in files(&self.dir)? {
            let read = self.read.entry(file.clone()).or_default();
            if length < *read {
                // It is another file by now.
                *read = 0;
            }
            if length == *read {
                continue;
            }
            let mut lines = Lines::open(&file, *read, length, false)?;
            while let Some(line) = lines.next()?.filter(|line| line.is_whole) {
                *read = line.end;
                is_new = true;
                take(line.text)?;
            }
        }
        Ok(is_new)
    }
}

fn files(dir: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|what| what == "jsonl")
            && let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
        {
            files.push((path, metadata.len()));
        }
    }
    files.sort();
    Ok(files)
}
