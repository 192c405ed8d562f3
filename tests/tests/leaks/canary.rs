//! Secrets, one for each place, so that one that is found says where it comes from.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Mutex;

/// The places so far, by their secrets.
static PLANTED: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Returns the secret of a place: only its name tells that it is one.
pub(crate) fn bare(place: &str) -> String {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    let secret = format!("s3cr3t{:016x}", hasher.finish());
    let mut planted = PLANTED.lock().unwrap();
    planted.insert(secret.clone(), place.to_owned());
    secret
}

/// Returns the same as a key, which is known by the look of it.
pub(crate) fn key(place: &str) -> String {
    format!("sk-proj-{}", bare(place))
}

pub(crate) fn planted() -> BTreeMap<String, String> {
    PLANTED.lock().unwrap().clone()
}
