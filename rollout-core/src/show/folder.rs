//! The local folder, read.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::assemble::Assembly;
use super::model::Run;

/// Returns the runs that are recorded in a folder, the oldest first.
///
/// Lines that are no events, such as the last one of a program that was killed, are passed over.
///
/// # Errors
///
/// Fails if the folder or one of its files can't be read.
pub fn load(dir: impl AsRef<Path>) -> io::Result<Vec<Run>> {
    let mut assembly = Assembly::default();
    for file in files(dir.as_ref())? {
        let mut reader = BufReader::new(fs::File::open(file)?);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if let Ok(event) = serde_json::from_slice(&line) {
                assembly.take(&event);
            }
            line.clear();
        }
    }
    Ok(assembly.finish())
}

/// Returns the run that began last, if there is any.
///
/// # Errors
///
/// As [`load`].
pub fn latest(dir: impl AsRef<Path>) -> io::Result<Option<Run>> {
    Ok(load(dir)?.pop())
}

/// Returns the run of this id: the trace's, with or without `trace_` and cut to any length that is
/// not ambiguous, or the program's own.
///
/// # Errors
///
/// As [`load`].
pub fn find(dir: impl AsRef<Path>, id: &str) -> io::Result<Option<Run>> {
    let mut runs = load(dir)?;
    let exact = |run: &Run| run.trace_id == id || run.external_trace_id.as_deref() == Some(id);
    let begins = |run: &Run| {
        let short = run.trace_id.strip_prefix("trace_").unwrap_or(&run.trace_id);
        !id.is_empty() && (run.trace_id.starts_with(id) || short.starts_with(id))
    };
    let found = runs.iter().position(exact).or_else(|| {
        let mut found = runs.iter().enumerate().filter(|(_, run)| begins(run));
        let (first, other) = (found.next()?, found.next());
        other.is_none().then_some(first.0)
    });
    Ok(found.map(|index| runs.swap_remove(index)))
}

/// Returns the files of a folder whose lines are events, in the order of their names.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
