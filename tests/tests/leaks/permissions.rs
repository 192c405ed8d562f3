//! Who can read what was recorded.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rollout_tests::Folder;

/// Records something, locally and for a server that is not there.
fn record_into(folder: &Path) {
    let rollout = rollout::builder()
        .api_key("rl_key_0123456789")
        .base_url("http://127.0.0.1:1")
        .local_dir(folder)
        .shutdown_timeout(std::time::Duration::from_millis(200))
        .on_diagnostic(|_| ())
        .build()
        .unwrap();
    rollout.trace("t").start().end();
    rollout.shutdown();
}

/// Returns the permissions of all that is in a folder.
fn modes(folder: &Path) -> Vec<(String, bool, u32)> {
    let mut modes = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        modes.push((path.display().to_string(), metadata.is_dir(), mode));
        if metadata.is_dir() {
            modes.extend(self::modes(&path));
        }
    }
    modes
}

#[track_caller]
fn assert_private(folder: &Path) {
    let modes = modes(folder);
    let events = modes.iter().filter(|(path, ..)| path.ends_with(".jsonl"));
    assert!(events.count() >= 2, "locally and in the spool: {modes:?}");
    for (path, is_dir, mode) in modes {
        assert_eq!(mode, if is_dir { 0o700 } else { 0o600 }, "{path}: {mode:o}");
    }
}

#[test]
fn what_is_recorded_is_its_owners_alone() {
    let folder = Folder::new();
    let dir = folder.path().join("a/.rollout");
    record_into(&dir);
    assert_private(&dir);
    for made in [folder.path().join("a"), dir] {
        assert_eq!(
            fs::metadata(made).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
}

#[test]
fn a_folder_that_was_there_keeps_its_permissions_and_its_files_are_private() {
    let folder = Folder::new();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    record_into(folder.path());
    assert_private(folder.path());
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o755);
}
