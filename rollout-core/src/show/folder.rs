//! The local folder, read.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::assemble::Assembly;
use super::model::{Run, Step, StepKind};
use crate::export::{EVENTS, Writer};

/// Returns the runs that are recorded in a folder, the oldest first.
///
/// Lines that are no events, such as the last one of a program that was killed, are passed over. What
/// has no end is [interrupted](super::Status::Interrupted) where the program that wrote it is gone, as
/// its lock tells.
///
/// ```
/// # use rollout_core as rollout;
/// let folder = std::env::temp_dir().join(format!("rollout-doc-load-{}", std::process::id()));
/// let client = rollout::builder().local_dir(&folder).build()?;
/// client.trace("support").start().end();
/// client.shutdown();
///
/// let runs = rollout::show::load(&folder)?;
/// assert_eq!(runs[0].name, "support");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the folder or one of its files can't be read.
pub fn load(dir: impl AsRef<Path>) -> io::Result<Vec<Run>> {
    let mut assembly = Assembly::default();
    for file in files(dir.as_ref())? {
        // Asked first, so that what it wrote before it ended is read as well.
        let goes_on = goes_on(&file);
        let mut reader = BufReader::new(fs::File::open(file)?);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if let Ok(event) = serde_json::from_slice(&line) {
                assembly.take(&event, goes_on);
            }
            line.clear();
        }
    }
    Ok(assembly.finish())
}

/// Returns whether the program that writes a file of a local folder may still run: its lock tells, or
/// there are no locks. To be asked before the file is read, so that what it wrote before it ended is
/// read as well.
///
/// ```
/// # use rollout_core as rollout;
/// assert!(!rollout::show::goes_on("a-file-that-nobody-writes.jsonl"));
/// ```
pub fn goes_on(file: impl AsRef<Path>) -> bool {
    Writer::of(file.as_ref()) != Writer::Gone
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
/// not ambiguous, or the program's own. Of a run inside another one: the one around.
///
/// # Errors
///
/// As [`load`].
pub fn find(dir: impl AsRef<Path>, id: &str) -> io::Result<Option<Run>> {
    let mut runs = load(dir)?;
    let is_own = |run: &Run| run.external_trace_id.as_deref() == Some(id);
    let begins = |trace: &str| {
        let short = trace.strip_prefix("trace_").unwrap_or(trace);
        !id.is_empty() && (trace.starts_with(id) || short.starts_with(id))
    };
    let exact = |run: &Run| is_own(run) || is_of(run, &|trace| trace == id);
    let found = runs.iter().position(exact).or_else(|| {
        let mut found = runs
            .iter()
            .enumerate()
            .filter(|(_, run)| is_of(run, &begins));
        let (first, other) = (found.next()?, found.next());
        other.is_none().then_some(first.0)
    });
    Ok(found.map(|index| runs.swap_remove(index)))
}

/// Returns whether a run, or one inside it, is of such a trace.
fn is_of(run: &Run, is_wanted: &dyn Fn(&str) -> bool) -> bool {
    fn inside(steps: &[Step], is_wanted: &dyn Fn(&str) -> bool) -> bool {
        steps.iter().any(|step| {
            let is_run = step.kind == StepKind::Run;
            let is_it = is_run && step.id.as_deref().is_some_and(is_wanted);
            is_it || inside(&step.steps, is_wanted)
        })
    }
    is_wanted(&run.trace_id) || inside(&run.steps, is_wanted)
}

/// Returns the files of a folder whose lines are events, in the order of their names.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_jsonl = path
            .extension()
            .is_some_and(|extension| extension == EVENTS);
        if is_jsonl && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
