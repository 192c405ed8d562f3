//! What is known of the files, kept beside them: `index/` in the folder that they are in.
//!
//! Nothing depends on it. It is read if it is of this version and fits the files as they are, and
//! else made again; where it can't be written, all is read each time.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::catalog::{Catalog, Entry};
use super::scan::{self, Found, Known};

/// To be raised when what is in it, or how it is found out, changes.
const VERSION: u32 = 2;
const FOLDER: &str = "index";
const TRACES: &str = "traces.json";

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u32,
    content: T,
}

#[derive(Default, Deserialize)]
struct Index {
    files: Vec<Known>,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct IndexRef<'a> {
    files: &'a [Known],
    entries: &'a [Entry],
}

/// The traces of the files of a folder, and the files as they were read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) catalog: Catalog,
    pub(super) files: Vec<Known>,
    /// The ids of the traces of which there is more than was known; `None` if the files are as they were.
    pub(super) new: Option<HashSet<String>>,
}

/// Reads a folder, as far as the index does not know it.
pub(super) fn read(dir: &Path) -> io::Result<Read> {
    // Whether there is a folder comes first.
    fs::read_dir(dir)?;
    let index = load::<Index>(dir, TRACES).unwrap_or_default();
    let read = update(dir, index.files, Catalog::of(index.entries))?;
    if read.new.is_some() {
        let (files, entries) = (&*read.files, &*read.catalog.entries);
        save(dir, TRACES, &IndexRef { files, entries });
    }
    Ok(read)
}

/// Reads what a folder has more of than is known.
pub(super) fn update(dir: &Path, known: Vec<Known>, catalog: Catalog) -> io::Result<Read> {
    let found = scan::files(dir)?;
    let continued = continued(dir, &known, &found);
    if continued.as_ref() == Some(&known) {
        return Ok(Read {
            catalog,
            files: known,
            new: None,
        });
    }
    let (mut files, mut catalog) = match continued {
        Some(files) => (files, catalog),
        None => (
            found.iter().map(Found::unread).collect(),
            Catalog::default(),
        ),
    };
    let new = scan::scan(dir, &mut files, &mut catalog)?;
    let mut known = known.iter();
    for file in &mut files {
        // They go on in the order of those that were known.
        if known
            .next()
            .is_none_or(|known| known.read != file.read || known.name != file.name)
        {
            file.mark = scan::mark(&dir.join(&file.name), file.read)?;
        }
    }
    Ok(Read {
        catalog,
        files,
        new: Some(new),
    })
}

/// Returns the files to go on with: those of the index in their order, as their numbers are in it,
/// and the new ones. `None` where one is not what it was.
fn continued(dir: &Path, known: &[Known], found: &[Found]) -> Option<Vec<Known>> {
    let mut files = Vec::with_capacity(found.len());
    for old in known {
        let now = found.iter().find(|file| file.name == old.name)?;
        let is_same = now.length == old.length && now.changed == old.changed;
        // Nothing but appending leaves a beginning as it was, and makes it longer.
        let is_longer =
            now.length > old.length && scan::mark(&dir.join(&old.name), old.read).ok()? == old.mark;
        if !is_same && !is_longer {
            return None;
        }
        files.push(Known {
            length: now.length,
            changed: now.changed,
            ..old.clone()
        });
    }
    let is_new = |file: &&Found| known.iter().all(|old| old.name != file.name);
    files.extend(found.iter().filter(is_new).map(Found::unread));
    Some(files)
}

impl Found {
    fn unread(&self) -> Known {
        Known {
            name: self.name.clone(),
            length: self.length,
            changed: self.changed,
            read: 0,
            mark: 0,
        }
    }
}

/// Reads a file of the index.
pub(super) fn load<T: DeserializeOwned>(dir: &Path, name: &str) -> Option<T> {
    let text = fs::read(dir.join(FOLDER).join(name)).ok()?;
    let versioned: Versioned<T> = serde_json::from_slice(&text).ok()?;
    (versioned.version == VERSION).then_some(versioned.content)
}

/// Writes a file of the index; without it, the next one who asks waits longer.
pub(super) fn save<T: Serialize>(dir: &Path, name: &str, content: &T) {
    let _ = try_save(&dir.join(FOLDER), name, content);
}

fn try_save<T: Serialize>(dir: &Path, name: &str, content: &T) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Whoever reads it meanwhile sees the old one, as a whole.
    let new = dir.join(format!("{name}.{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|file| {
        let mut file = io::BufWriter::new(file);
        let version = VERSION;
        serde_json::to_writer(&mut file, &Versioned { version, content })?;
        file.flush()
    });
    let renamed = written.and_then(|()| fs::rename(&new, dir.join(name)));
    if renamed.is_err() {
        let _ = fs::remove_file(&new);
    }
    renamed
}
