//! Which trace each line of a file belongs to, found out without reading what it says.
//!
//! A folder may hold hundreds of megabytes, and nearly all of them are prompts and answers. Where the
//! lines of each trace are is all that must be known before a run is looked at.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

const BUFFER: usize = 1 << 20;

/// What the heads of lines tell of a trace.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Where its lines begin, and how long they are.
    pub(super) lines: Vec<(u64, usize)>,
    /// The earliest moment of them, as it is written.
    pub(super) first: Option<String>,
    /// The trace that it was begun in.
    pub(super) parent: Option<String>,
    /// The program's own id of it.
    pub(super) external: Option<String>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    trace_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    external_trace_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    occurred_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    attributes: Option<Attributes<'a>>,
}

#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(borrow, rename = "rollout.parent.trace_id")]
    parent: Option<Cow<'a, str>>,
}

/// Reads the lines of a file from a place on; returns what they tell by trace, and up to where they
/// are whole.
pub(super) fn read(path: &Path, from: u64) -> io::Result<(HashMap<String, Found>, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let (mut found, mut line, mut at) = (HashMap::new(), Vec::new(), from);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        // The last line may be in the middle of being written.
        if length == 0 || line.last() != Some(&b'\n') {
            return Ok((found, at));
        }
        match serde_json::from_slice::<Head<'_>>(&line) {
            Ok(head) => head.note(&mut found, at, length),
            // Something is of another type than it should be, which need not matter.
            Err(_) => {
                if let Ok(value) = serde_json::from_slice::<Value>(&line) {
                    Head::of(&value).note(&mut found, at, length);
                }
            }
        }
        at += length as u64;
    }
}

impl<'a> Head<'a> {
    fn of(value: &'a Value) -> Self {
        let text = |value: Option<&'a Value>| value.and_then(Value::as_str).map(Cow::Borrowed);
        let attributes = value.get("attributes");
        Self {
            trace_id: text(value.get("trace_id")),
            external_trace_id: text(value.get("external_trace_id")),
            occurred_at: text(value.get("occurred_at")),
            attributes: Some(Attributes {
                parent: text(attributes.and_then(|map| map.get("rollout.parent.trace_id"))),
            }),
        }
    }

    fn note(self, found: &mut HashMap<String, Found>, at: u64, length: usize) {
        let known = |id: Option<Cow<'a, str>>| id.filter(|id| !id.is_empty());
        let (trace, external) = (known(self.trace_id), known(self.external_trace_id));
        let is_named = trace.is_some();
        let Some(trace) = trace.or_else(|| external.clone()) else {
            return;
        };
        let found = match found.get_mut(&*trace) {
            Some(found) => found,
            None => found.entry(trace.clone().into_owned()).or_default(),
        };
        found.lines.push((at, length));
        if let Some(moment) = self.occurred_at
            && found.first.as_deref().is_none_or(|first| *moment < *first)
        {
            found.first = Some(moment.into_owned());
        }
        if let Some(parent) = self.attributes.and_then(|attributes| attributes.parent) {
            found.parent = Some(parent.into_owned());
        }
        if let Some(external) = external.filter(|external| is_named && *external != trace) {
            found.external = Some(external.into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn heads(content: &[u8], from: u64) -> (HashMap<String, Found>, u64) {
        let path = std::env::temp_dir().join(format!(
            "rollout-heads-{}-{from}-{}",
            std::process::id(),
            content.len()
        ));
        fs::write(&path, content).unwrap();
        let found = read(&path, from).unwrap();
        fs::remove_file(path).unwrap();
        found
    }

    #[test]
    fn each_line_is_found_by_its_trace() {
        let text = concat!(
            "{\"trace_id\":\"a\",\"occurred_at\":\"2026-01-02\",\"raw\":{\"input\":\"x\"}}\n",
            "{\"trace_id\":\"b\",\"external_trace_id\":\"mine\",\"attributes\":{\"rollout.parent.trace_id\":\"a\"}}\n",
            "{\"trace_id\":\"a\",\"occurred_at\":\"2026-01-01\",\"attributes\":[1]}\n",
            "no json\n",
            "{\"external_trace_id\":\"c\",\"trace_id\":7}\n",
            "{\"trace_id\":\"half",
        );
        let (found, whole) = heads(text.as_bytes(), 0);
        assert_eq!(
            usize::try_from(whole).unwrap(),
            text.rfind('\n').unwrap() + 1
        );
        let first = text.find('\n').unwrap() + 1;
        assert_eq!(found["a"].lines[0], (0, first));
        assert_eq!(found["a"].lines.len(), 2);
        assert_eq!(found["a"].first.as_deref(), Some("2026-01-01"));
        assert_eq!(found["b"].parent.as_deref(), Some("a"));
        assert_eq!(found["b"].external.as_deref(), Some("mine"));
        assert_eq!(found["c"].external, None);
        assert_eq!(found.len(), 3);
        let (later, _) = heads(text.as_bytes(), first as u64);
        assert_eq!(later["a"].lines.len(), 1);
    }
}
