//! What the reference SDK sent.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Where the captures are.
const VARIABLE: &str = "ROLLOUT_WIRE_EXAMPLES";

/// A capture of a run of the reference SDK.
#[derive(Debug)]
pub(crate) struct Capture(Value);

/// Returns the folder of the captures, if there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(VARIABLE).map(PathBuf::from)
}

impl Capture {
    /// Returns the capture of this name; one that was written by hand where there is no folder.
    ///
    /// # Panics
    ///
    /// If the folder has no such capture.
    #[track_caller]
    pub(crate) fn load(name: &str) -> Option<Self> {
        let file = format!("{name}.json");
        let Some(folder) = folder() else {
            let by_hand = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/captures/handwritten")
                .join(file);
            if !by_hand.exists() {
                eprintln!("not compared with {name}: {VARIABLE} names no folder of captures");
                return None;
            }
            return Some(Self::read(&by_hand));
        };
        Some(Self::read(&folder.join(file)))
    }

    #[track_caller]
    fn read(file: &Path) -> Self {
        let text =
            std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self(serde_json::from_slice(&text).unwrap())
    }

    /// Returns the requests, with what they were answered.
    pub(crate) fn requests(&self) -> &[Value] {
        self.0["requests"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Returns the envelopes in the order in which they were sent.
    pub(crate) fn batches(&self) -> Vec<Value> {
        let requests = self.requests().iter();
        requests.map(|request| request["batch"].clone()).collect()
    }

    /// Returns the events in the order in which they were sent first.
    pub(crate) fn events(&self) -> Vec<Value> {
        events(&self.batches())
    }
}

/// Returns the events of these envelopes, each where it was sent first.
pub(crate) fn events(batches: &[Value]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let events = batches
        .iter()
        .filter_map(|batch| batch["events"].as_array());
    events
        .flatten()
        .filter(|event| seen.insert(event["event_id"].as_str()))
        .cloned()
        .collect()
}
