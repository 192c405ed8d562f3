//! Media that are kept aside, each once, in files that are named after their hash.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::diagnostics::Diagnostics;
use crate::export::folder;
use crate::id::TraceId;

/// How much may be in the folder; what comes after that is described, but not kept.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// How a file's name ends while it is written.
const UNFINISHED: &str = ".part";

/// So long after it was begun a file belongs to a program that is gone.
const GIVEN_UP: Duration = Duration::from_secs(60 * 60);

#[derive(Debug)]
pub(crate) struct MediaStore {
    dir: PathBuf,
    most_bytes: u64,
    diagnostics: Diagnostics,
    state: Mutex<Option<State>>,
}

#[derive(Debug, Default)]
struct State {
    bytes: u64,
    /// The files that are there.
    names: HashSet<String>,
    /// Whether it was said that nothing more is kept.
    failing: bool,
}

impl MediaStore {
    pub(crate) fn new(dir: PathBuf, diagnostics: Diagnostics) -> Self {
        Self {
            dir,
            most_bytes: MOST_BYTES,
            diagnostics,
            state: Mutex::new(None),
        }
    }

    /// Keeps bytes, if they are not kept already and there is room.
    pub(super) fn keep(&self, hash: &str, kind: &str, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = state.get_or_insert_with(|| State::of(&self.dir));
        let name = format!("{hash}.{}", extension(kind));
        if state.names.contains(&name) {
            return;
        }
        let length = bytes.len() as u64;
        let kept = if state.bytes.saturating_add(length) > self.most_bytes {
            Err(io::Error::other("there is no more room"))
        } else {
            self.write(&name, bytes)
        };
        match kept {
            Ok(()) => {
                state.bytes += length;
                state.names.insert(name);
            }
            Err(error) => {
                if !std::mem::replace(&mut state.failing, true) {
                    let dir = self.dir.display();
                    self.diagnostics
                        .warn(format_args!("media are not kept in `{dir}`: {error}"));
                }
            }
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        folder::make(&self.dir)?;
        // Under another name first: what has the name of its hash is whole. A name that nobody else
        // has: another client, or one with the same process id in another container, may be at it too.
        let unfinished = self.dir.join(format!("{}{UNFINISHED}", TraceId::random()));
        let mut file = folder::new_file(&unfinished)?;
        let written = file
            .write_all(bytes)
            .and_then(|()| fs::rename(&unfinished, self.dir.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }
}

impl State {
    /// Looks at what is there from before, and removes what was not finished.
    fn of(dir: &Path) -> Self {
        let mut state = Self::default();
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let (Ok(metadata), Ok(name)) = (entry.metadata(), entry.file_name().into_string())
            else {
                continue;
            };
            let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
            if name.ends_with(UNFINISHED) && age.is_some_and(|age| age > GIVEN_UP) {
                let _ = fs::remove_file(entry.path());
                continue;
            }
            state.bytes = state.bytes.saturating_add(metadata.len());
            state.names.insert(name);
        }
        state
    }
}

/// Returns the end of the name of a file of this type. A type is told by whoever sent the data, so that
/// nothing but letters and digits of it gets into a name.
fn extension(kind: &str) -> String {
    let known = match kind {
        "image/jpeg" => "jpg",
        "audio/mpeg" => "mp3",
        "image/svg+xml" => "svg",
        "application/octet-stream" => "bin",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let end = kind.rsplit('/').next().unwrap_or_default();
    let end: String = end
        .chars()
        .take(8)
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if end.is_empty() {
        "bin".to_owned()
    } else {
        end.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::testing::Folder;

    fn store(dir: &Path, most_bytes: u64) -> (MediaStore, std::sync::Arc<Mutex<Vec<String>>>) {
        let said = std::sync::Arc::new(Mutex::new(Vec::new()));
        let sink = std::sync::Arc::clone(&said);
        let handler = move |d: &crate::Diagnostic| sink.lock().unwrap().push(d.to_string());
        let diagnostics = Diagnostics::new(Some(std::sync::Arc::new(handler)), false);
        let mut store = MediaStore::new(dir.to_owned(), diagnostics);
        store.most_bytes = most_bytes;
        (store, said)
    }

    #[test]
    fn each_is_kept_once_and_no_more_than_there_is_room_for() {
        let folder = Folder::new("media");
        let dir = folder.join("media");
        let (first, said) = store(&dir, 10);
        first.keep("aa", "image/png", b"12345");
        first.keep("aa", "image/png", b"12345");
        assert_eq!(fs::read(dir.join("aa.png")).unwrap(), b"12345");
        // What is there from before counts.
        let (second, said_later) = store(&dir, 10);
        second.keep("bb", "audio/mpeg", b"123");
        second.keep("cc", "../../x", b"1234567");
        second.keep("dd", "../../x", b"1234567");
        assert!(dir.join("bb.mp3").exists());
        assert!(!dir.join("cc.x").exists());
        assert!(said.lock().unwrap().is_empty());
        assert_eq!(said_later.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_a_killed_program_left_is_removed_and_what_another_one_writes_is_not() {
        let folder = Folder::new("media-part");
        let dir = folder.join("media");
        fs::create_dir_all(&dir).unwrap();
        let old = dir.join(format!("old{UNFINISHED}"));
        let young = dir.join(format!("young{UNFINISHED}"));
        fs::write(&young, "1").unwrap();
        let file = fs::File::create(&old).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * GIVEN_UP;
        file.set_modified(long_ago).unwrap();
        let (store, said) = store(&dir, 10);
        store.keep("aa", "image/png", b"1");
        assert!(!old.exists() && young.exists() && dir.join("aa.png").exists());
        assert!(said.lock().unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_kept_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new("media-mode");
        let dir = folder.join("there/media");
        store(&dir, 10).0.keep("aa", "image/png", b"1");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(mode(&dir.join("aa.png")), 0o600);
        assert_eq!(fs::read_to_string(dir.join(".gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn the_end_of_a_name_is_letters_and_digits() {
        for (kind, expected) in [
            ("image/jpeg", "jpg"),
            ("image/WEBP", "webp"),
            ("a/../../etc", "etc"),
            ("x/..", "bin"),
            ("wav", "wav"),
            ("", "bin"),
        ] {
            assert_eq!(extension(kind), expected, "{kind}");
        }
    }

    #[test]
    fn a_folder_that_can_not_be_made_is_said_once() {
        let folder = Folder::new("media-file");
        let file = folder.join("media");
        fs::write(&file, "in the way").unwrap();
        let (store, said) = store(&file, 10);
        store.keep("aa", "image/png", b"1");
        store.keep("bb", "image/png", b"1");
        assert_eq!(said.lock().unwrap().len(), 1);
    }
}
