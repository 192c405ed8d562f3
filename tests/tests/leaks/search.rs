//! Looking for secrets, and for parts of them, in all that was written.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::canary::planted;

/// As much of a secret may be seen by chance.
const PART: usize = 10;

#[derive(Default)]
pub(crate) struct Haystack(Vec<(String, Vec<u8>)>);

impl Haystack {
    pub(crate) fn add(&mut self, what: &str, bytes: &[u8]) {
        self.0.push((what.to_owned(), bytes.to_vec()));
    }

    /// Adds every file below a folder.
    pub(crate) fn add_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add_folder(&path);
            } else {
                self.add(&path.display().to_string(), &fs::read(&path).unwrap());
            }
        }
    }
}

/// Returns where which secret was found, also a part of one, and also in base64.
pub(crate) fn found(haystack: &Haystack, more: &[&str]) -> Vec<String> {
    let mut parts: HashMap<Vec<u8>, String> = HashMap::new();
    for (secret, place) in planted() {
        for window in secret.as_bytes().windows(PART) {
            parts.insert(window.to_vec(), place.clone());
        }
    }
    let mut found = Vec::new();
    for (what, bytes) in &haystack.0 {
        let hits = bytes.windows(PART).filter_map(|window| parts.get(window));
        found.extend(hits.map(|place| format!("{place} in {what}")));
        for more in more.iter().filter(|more| {
            let more = more.as_bytes();
            bytes.windows(more.len()).any(|window| window == more)
        }) {
            found.push(format!("{more} in {what}"));
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn a_part_of_a_secret_is_found() {
    let secret = super::canary::bare("a test");
    let mut haystack = Haystack::default();
    haystack.add(
        "a text",
        format!("and so on {} and on", &secret[5..18]).as_bytes(),
    );
    assert_eq!(found(&haystack, &[]), ["a test in a text"]);
}
