//! Folders for what programs write.

use std::path::{Path, PathBuf};
use std::{fs, io, process};

use serde_json::Value;

/// A folder of a test's own, removed when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes an empty one.
    ///
    /// # Panics
    ///
    /// If none can be made.
    #[expect(
        clippy::new_without_default,
        reason = "it does more than a default should"
    )]
    pub fn new() -> Self {
        let id = rollout_core::TraceId::random();
        let name = format!("rollout-test-{}-{id}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the files in it with this extension, in the order of their names.
    pub fn files(&self, extension: &str) -> Vec<PathBuf> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => panic!("{error}"),
        };
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == extension))
            .collect();
        files.sort();
        files
    }

    /// Returns the events in its files: the lines that are whole.
    pub fn events(&self) -> Vec<Value> {
        let texts = self.files("jsonl").into_iter().map(fs::read_to_string);
        // One that is removed at this moment has none.
        let lines = texts.map(Result::unwrap_or_default);
        let lines: Vec<String> = lines
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let events = lines.iter().map(|line| serde_json::from_str(line));
        events.filter_map(Result::ok).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
