//! The folder of the runs: whether programs can write to it, and others can not read it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::place::{NamedBy, Place};
use crate::screen::{Ink, Screen, inert};
use crate::store::{Store, files};
use crate::words;

#[derive(Debug, Serialize)]
pub(super) struct Folder {
    path: PathBuf,
    named_by: &'static str,
    exists: bool,
    writable: bool,
    /// Whether nobody but its owner may look into it.
    private: bool,
    runs: usize,
    files: usize,
    bytes: u64,
    #[serde(skip)]
    pub(super) problems: Vec<String>,
}

impl Folder {
    pub(super) fn look(place: &Place) -> Self {
        let path = &place.dir;
        let mut problems = Vec::new();
        let exists = path.is_dir();
        if path.exists() && !exists {
            problems.push(format!("`{}` is a file, not a folder", path.display()));
        }
        let found = files(path).unwrap_or_default();
        let runs = match Store::open(path) {
            Ok(store) => store.heads().len(),
            Err(error) => {
                if exists {
                    problems.push(format!("`{}` can't be read: {error}", path.display()));
                }
                0
            }
        };
        let writable = writable(path);
        if let Err(error) = &writable {
            problems.push(format!(
                "nothing can be written into `{}`: {error}",
                path.display()
            ));
        }
        let open = open_to_others(path);
        problems.extend(open.map(|mode| warning(path, mode)));
        Self {
            named_by: match place.named_by {
                NamedBy::Argument => "--dir",
                NamedBy::Environment => "ROLLOUT_DIR",
                NamedBy::Search => "found",
                NamedBy::Default => "default",
            },
            exists,
            writable: writable.is_ok(),
            private: open.is_none(),
            runs,
            files: found.len(),
            bytes: found.iter().map(|(_, bytes)| bytes).sum(),
            problems,
            path: path.clone(),
        }
    }

    /// Returns whether what is wrong with it matters: it is there, or programs would make it.
    pub(super) fn matters(&self, records_locally: bool) -> bool {
        self.exists || records_locally
    }

    pub(super) fn write(&self, screen: &mut Screen) -> io::Result<()> {
        let title = screen.ink(Ink::Bold, "Folder");
        let named_by = match self.named_by {
            "found" => "found here or above".to_owned(),
            "default" => "the default".to_owned(),
            name => format!("as `{name}` says"),
        };
        let named_by = screen.ink(Ink::Dim, &named_by);
        let path = inert(&self.path.display().to_string());
        screen.line(&format!("{title}  {path}  {named_by}"))?;
        if !self.exists {
            return screen.line("  is not there yet: the first program that records makes it");
        }
        let (runs, files) = (self.runs as u64, self.files as u64);
        let held = format!(
            "  {} in {}, {}",
            words::times(runs, "run"),
            words::times(files, "file"),
            words::bytes(self.bytes),
        );
        screen.line(&held)
    }
}

/// Returns the mode of a folder that others than its owner may look into.
pub(super) fn open_to_others(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

pub(super) fn warning(path: &Path, mode: u32) -> String {
    let path = path.display();
    format!(
        "others may look into `{path}`, where prompts and answers are (its mode is {mode:o}): `chmod 700 {path}` keeps them out"
    )
}

/// Tries whether a folder can be written to; of one that is not there, the one that it would be made in.
fn writable(path: &Path) -> io::Result<()> {
    let existing = path.ancestors().find(|around| around.is_dir());
    let existing = existing.unwrap_or(Path::new("."));
    let trial = existing.join(format!(".rollout-doctor-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).open(&trial)?;
    fs::remove_file(trial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder as Temporary;

    fn look(path: PathBuf) -> Folder {
        Folder::look(&Place {
            dir: path,
            named_by: NamedBy::Argument,
        })
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_no_problem_and_a_file_is_one() {
        let temporary = Temporary::new("doctor");
        let folder = look(temporary.path().join("runs"));
        assert!(!folder.exists && folder.writable && folder.problems.is_empty());
        let file = temporary.path().join("file");
        fs::write(&file, "").unwrap();
        let folder = look(file);
        assert!(folder.problems[0].contains("is a file"), "{folder:?}");
        // The trial leaves nothing.
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_look_into_is_a_problem_with_its_cure() {
        use std::os::unix::fs::PermissionsExt as _;

        let temporary = Temporary::new("doctor-open");
        let set = |mode| fs::set_permissions(temporary.path(), fs::Permissions::from_mode(mode));
        set(0o755).unwrap();
        let folder = look(temporary.path().to_owned());
        assert!(!folder.private && folder.problems[0].contains("chmod 700"));
        set(0o700).unwrap();
        let folder = look(temporary.path().to_owned());
        assert!(folder.private && folder.problems.is_empty(), "{folder:?}");
    }
}
