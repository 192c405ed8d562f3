//! Keys of maps: JSON has texts only, programs have anything.

use serde::Serialize;

use super::{Limits, Stop, to_json};

/// Returns a key as text: texts and names as they are, everything else as its JSON.
pub(super) fn key_text<T: Serialize + ?Sized>(key: &T, limits: Limits) -> Result<String, Stop> {
    let written = to_json(key, limits).map_err(Stop::Failed)?;
    match serde_json::from_str::<String>(&written.json) {
        Ok(text) => Ok(text),
        Err(_) => Ok(written.json),
    }
}
