//! Ways in for the fuzz targets of this repository, which look at more than the public API shows. Not part
//! of any build but theirs.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "that is what is looked for"
)]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::config::{Secret, SpoolOptions};
use crate::diagnostics::Diagnostics;
use crate::export::spool::Spool;
use crate::pipeline::limits::Limits;
use crate::pipeline::redact::{Redaction, Redactor};
use crate::protocol::{Event, Json};

/// Makes a value fit, which then has to be JSON within the limit, and stay as it is the next time.
pub fn limits(text: &str, bytes: usize) {
    let bytes = bytes.max(16);
    let fit = |redactor: &Redactor, text: String| {
        let limits = Limits {
            redactor,
            media: None,
            bytes,
        };
        limits.fit(Json::from_text(text).unwrap()).0.to_text()
    };
    if Json::from_text(text.to_owned()).is_none() {
        return;
    }
    let off = Redactor::new(&Redaction::off());
    for redactor in [Redactor::BUILT_IN, &off] {
        let fitted = fit(redactor, text.to_owned());
        assert!(serde_json::from_str::<serde_json::Value>(&fitted).is_ok());
        assert!(
            fitted.len() <= bytes.max(text.len()),
            "{} of {bytes}",
            fitted.len()
        );
    }
    // A mask that was cut may be masked once more.
    let fitted = fit(&off, text.to_owned());
    let again = fit(&off, fitted.clone());
    // serde_json reads a number of more digits than a double has to the last but one.
    let digits = text.split(|c: char| !c.is_ascii_digit());
    let has_long_numbers = digits.map(str::len).any(|digits| digits > 15);
    assert!(has_long_numbers || again == fitted, "{again} of {fitted}");
}

/// Masks a text, of which a key that stands behind it has to go as well.
pub fn redaction(text: &str) {
    const KEY: &str = "abcdefgh0123456789";
    let behind = format!("{text}\n\nsk-proj-{KEY}");
    let masked = Redactor::BUILT_IN.text(&behind);
    // What is no key by itself may stay.
    assert!(text.contains(KEY) || !masked.contains(KEY), "{masked}");
}

/// Reads an event, and writes it as it would be sent; that is to be read as the same.
pub fn event(text: &[u8]) {
    let Ok(mut event) = serde_json::from_slice::<Event>(text) else {
        return;
    };
    if event.make_valid().is_err() {
        return;
    }
    let line = event.to_json().unwrap();
    assert!(!line.contains(&b'\n'));
    let mut again: Event = serde_json::from_slice(&line).unwrap();
    again.make_valid().unwrap();
    assert_eq!(again.to_json().unwrap(), line);
}

/// Takes over what a process left in a folder, of which no event may come twice.
pub fn spool(dir: &Path, segment: &[u8], done: &[u8]) {
    let options = SpoolOptions {
        dirs: vec![dir.to_owned()],
        max_bytes: 1024 * 1024,
    };
    let key = Secret::new("rl_secret".into());
    let quiet = Diagnostics::new(Some(std::sync::Arc::new(|_| ())), false);
    let open = || Spool::new(&options, "http://a", &key, quiet.clone()).unwrap();
    // One that writes a file, so that there is a lock and a name; then what is in it is another's.
    let first = open();
    let batch = crate::Batch::new(vec![Event::now(crate::protocol::EventType::Metric)]);
    first.append(&batch).unwrap();
    drop(first);
    for file in fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|end| end == "jsonl") {
            fs::write(&file, segment).unwrap();
            fs::write(file.with_extension("done"), done).unwrap();
        }
    }
    let next = open();
    let letters = next.take_over();
    let places: Vec<_> = letters.iter().map(|letter| letter.place).collect();
    let lines = next.read(&places);
    assert_eq!(lines.len(), places.len());
    let distinct: HashSet<_> = places.iter().map(|place| format!("{place:?}")).collect();
    assert_eq!(distinct.len(), places.len());
    next.settle(places);
    next.close();
}
