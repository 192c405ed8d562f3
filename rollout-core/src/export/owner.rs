//! Who writes the files of a folder: each process has a lock of its own there, as long as it lives.
//!
//! ```text
//! 20261123T112345-123456-0a1b2c.lock          locked by the process that writes
//! 20261123T112345-123456-0a1b2c-0001.jsonl    its files, which are read by anybody
//! 20261123T112345-123456-0a1b2c-0002.jsonl
//! ```
//!
//! The operating system lets go of the lock when the process ends, however it ends. So a lock that is
//! free tells of a process that is gone, and whoever gets it may go on with what that one left. A lock
//! of its own, and not one on the files, as on some systems a locked file can't be read.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::folder;
use crate::clock::Timestamp;
use crate::id::random_u64;

/// The extension of the files of events.
pub(crate) const EVENTS: &str = "jsonl";
const LOCK: &str = "lock";

/// Files in a folder, and the lock that makes them this process's.
#[derive(Debug)]
pub(super) struct Owner {
    dir: PathBuf,
    name: String,
    files: u32,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "held, not used"))]
    lock: File,
}

/// What a file tells of the process that writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// It runs.
    Alive,
    /// It ended, or was killed.
    Gone,
    /// The file system has no locks.
    Unknown,
}

impl Owner {
    /// Registers this process in a folder, which is made if it is not there. The card says what its
    /// files are; it is not for secrets.
    pub(super) fn register(dir: &Path, card: &str) -> io::Result<Self> {
        folder::make(dir)?;
        loop {
            let name = new_name();
            let path = dir.join(&name).with_extension(LOCK);
            let mut lock = folder::new_file(&path)?;
            let is_ours = match lock.try_lock() {
                // Somebody who tidies up may have been quicker.
                Ok(()) => path.exists(),
                Err(TryLockError::WouldBlock) => false,
                // Without locks there are no others who look for them.
                Err(TryLockError::Error(_)) => true,
            };
            if is_ours {
                lock.write_all(card.as_bytes())?;
                return Ok(Self {
                    dir: dir.to_owned(),
                    name,
                    files: 0,
                    lock,
                });
            }
        }
    }

    /// Returns the names of all who are registered in a folder, the oldest first.
    pub(super) fn all(dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let is_lock = path.extension().is_some_and(|extension| extension == LOCK);
            if is_lock
                && let Some(name) = path.file_stem().and_then(|name| name.to_str())
                && is_name(name)
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Takes the place of a process that is gone, and returns its card; `None` if it is not gone, or
    /// somebody else has taken its place.
    pub(super) fn take_over(dir: &Path, name: &str) -> io::Result<Option<(Self, String)>> {
        let path = dir.join(name).with_extension(LOCK);
        let mut lock = OpenOptions::new().read(true).append(true).open(&path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // It may have been removed, and with it the files, before it was locked.
        if !path.exists() {
            return Ok(None);
        }
        let mut card = String::new();
        lock.read_to_string(&mut card)?;
        let mut owner = Self {
            dir: dir.to_owned(),
            name: name.to_owned(),
            files: 0,
            lock,
        };
        let numbers = owner.files()?.into_iter().map(|(number, _)| number);
        owner.files = numbers.max().unwrap_or(0);
        Ok(Some((owner, card)))
    }

    /// Returns its files of events, the oldest first, with their numbers.
    pub(super) fn files(&self) -> io::Result<Vec<(u32, PathBuf)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if let Some((name, number)) = parse(&path)
                && name == self.name
            {
                files.push((number, path));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Makes its next file of events.
    pub(super) fn new_file(&mut self) -> io::Result<(File, PathBuf)> {
        self.files += 1;
        let path = self
            .dir
            .join(format!("{}-{:04}.{EVENTS}", self.name, self.files));
        Ok((folder::new_file(&path)?, path))
    }

    /// Returns whether its lock is still in the folder, which may have been removed as a whole.
    pub(super) fn is_registered(&self) -> bool {
        self.path().exists()
    }

    /// Removes the lock: the files, if there are any, are nobody's from here on.
    pub(super) fn leave(self) {
        let _ = fs::remove_file(self.path());
    }

    fn path(&self) -> PathBuf {
        self.dir.join(&self.name).with_extension(LOCK)
    }
}

/// For what is kept to be sent.
#[cfg(feature = "http")]
impl Owner {
    /// Adds to the card.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        self.lock.write_all(text.as_bytes())
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Writer {
    /// Returns whether the process that writes a file is alive. Holds its lock for a moment if it is
    /// not.
    pub(crate) fn of(file: &Path) -> Self {
        let Some((name, _)) = parse(file) else {
            return Self::Gone;
        };
        let Ok(lock) = File::open(file.with_file_name(name).with_extension(LOCK)) else {
            return Self::Gone;
        };
        match lock.try_lock_shared() {
            Ok(()) => Self::Gone,
            Err(TryLockError::WouldBlock) => Self::Alive,
            Err(TryLockError::Error(_)) => Self::Unknown,
        }
    }
}

/// Returns a name that sorts by time and is nobody else's.
fn new_name() -> String {
    let now = Timestamp::from(SystemTime::now()).to_string();
    let time = now
        .replace([':', '-'], "")
        .replace('.', "-")
        .replace('Z', "");
    format!("{time}-{:06x}", random_u64() & 0x00ff_ffff)
}

/// Returns whose file it is, and its number.
fn parse(file: &Path) -> Option<(&str, u32)> {
    if file.extension()? != EVENTS {
        return None;
    }
    let (name, number) = file.file_stem()?.to_str()?.rsplit_once('-')?;
    is_name(name).then_some((name, number.parse().ok()?))
}

/// Returns whether it may be a name of ours: the folder may have other files.
fn is_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match parts[..] {
        [time, micros, lot] => {
            (time.len(), micros.len(), lot.len()) == (15, 6, 6) && digits(micros) && digits(lot)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::testing::Folder;

    #[test]
    fn a_process_that_is_gone_leaves_its_place_to_one_other() {
        let folder = Folder::new("owner");
        let mut owner = Owner::register(&folder, "card").unwrap();
        let (_, path) = owner.new_file().unwrap();
        let name = owner.name.clone();
        assert_eq!(Owner::all(&folder).unwrap(), [&*name]);
        assert_eq!(Writer::of(&path), Writer::Alive);
        assert!(Owner::take_over(&folder, &name).unwrap().is_none());
        drop(owner);
        assert_eq!(Writer::of(&path), Writer::Gone);
        let (mut next, card) = Owner::take_over(&folder, &name).unwrap().unwrap();
        assert_eq!(card, "card");
        assert!(Owner::take_over(&folder, &name).unwrap().is_none());
        assert_eq!(next.files().unwrap(), [(1, path)]);
        assert!(
            next.new_file()
                .unwrap()
                .1
                .to_str()
                .unwrap()
                .ends_with("-0002.jsonl")
        );
        assert!(next.is_registered());
        next.leave();
        assert_eq!(Owner::all(&folder).unwrap(), [""; 0]);
    }

    #[test]
    fn only_files_of_this_form_have_a_writer() {
        let name = new_name();
        let of =
            |file: String| parse(Path::new(&file)).map(|(name, number)| (name.to_owned(), number));
        assert_eq!(of(format!("a/{name}-0012.jsonl")), Some((name.clone(), 12)));
        assert_eq!(
            of(format!("{name}-1234567.jsonl")),
            Some((name.clone(), 1_234_567))
        );
        for file in [
            "x.jsonl",
            "a/20261123T112345-123456-012345.jsonl",
            "a-b-c-0001.jsonl",
        ] {
            assert_eq!(of(file.to_owned()), None, "{file}");
        }
        assert_eq!(of(format!("{name}-000x.jsonl")), None);
        assert_eq!(of(format!("{name}-0001.txt")), None);
    }

    #[test]
    fn locks_of_others_are_left_alone() {
        let folder = Folder::new("foreign");
        fs::write(folder.join("Cargo.lock"), "").unwrap();
        assert_eq!(Owner::all(&folder).unwrap(), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_was_recorded() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new("modes");
        let dir = folder.join("inner");
        let mut owner = Owner::register(&dir, "").unwrap();
        let (_, path) = owner.new_file().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&dir), mode(&path), mode(&owner.path())),
            (0o700, 0o600, 0o600)
        );
    }
}
