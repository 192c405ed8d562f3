//! What is sent, byte for byte. `ROLLOUT_GOLDEN=write cargo test -p rollout-core --features otlp golden`
//! writes the files anew; the differences are then to be read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{FIXTURES, translate};
use crate::export::otlp::OtlpProfile;

fn path(profile: OtlpProfile, fixture: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/otlp");
    dir.join(profile.as_str()).join(format!("{fixture}.json"))
}

#[test]
fn golden_files_are_what_is_sent() {
    let writes = std::env::var("ROLLOUT_GOLDEN").is_ok_and(|word| word == "write");
    let mut different = Vec::new();
    for (name, events) in FIXTURES {
        let events = events();
        for profile in OtlpProfile::ALL {
            let sent = without_version(translate(&events, profile));
            let text = format!("{}\n", laid_out(&sent, 0));
            let path = path(profile, name);
            if writes {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, text).unwrap();
            } else if fs::read_to_string(&path).unwrap_or_default() != text {
                different.push(format!("{profile}/{name}"));
            }
        }
    }
    assert!(different.is_empty(), "not as in golden/otlp: {different:?}");
}

#[test]
fn what_was_recorded_before_is_translated_alike() {
    for (name, events) in FIXTURES {
        let events = events();
        for profile in OtlpProfile::ALL {
            let mut translator = crate::OtlpTranslator::new(profile);
            for event in &events {
                translator
                    .add(serde_json::to_value(event).unwrap())
                    .unwrap();
            }
            let recorded: Value = serde_json::from_slice(&translator.finish().to_json()).unwrap();
            assert_eq!(recorded, translate(&events, profile), "{profile}/{name}");
        }
    }
}

#[test]
fn protobuf_says_what_json_says() {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message as _;
    for (name, events) in FIXTURES {
        let mut translator = crate::OtlpTranslator::new(OtlpProfile::Otel);
        for event in events() {
            translator.add_event(event);
        }
        let traces = translator.finish();
        let decoded = ExportTraceServiceRequest::decode(&traces.to_protobuf()[..]).unwrap();
        let json: ExportTraceServiceRequest = serde_json::from_slice(&traces.to_json()).unwrap();
        assert_eq!(decoded, json, "{name}");
    }
}

/// Returns JSON with an attribute a line.
fn laid_out(value: &Value, depth: usize) -> String {
    let compact = value.to_string();
    let items: Vec<String> = match value {
        Value::Object(map) if compact.len() > 90 && !map.contains_key("key") => {
            let members = map.iter();
            members
                .map(|(key, value)| format!("{key:?}: {}", laid_out(value, depth + 1)))
                .collect()
        }
        Value::Array(items) if compact.len() > 90 => {
            items.iter().map(|item| laid_out(item, depth + 1)).collect()
        }
        _ => return compact,
    };
    let indent = " ".repeat(depth + 1);
    let (open, close) = if value.is_array() {
        ('[', ']')
    } else {
        ('{', '}')
    };
    let body = items.join(&format!(",\n{indent}"));
    format!("{open}\n{indent}{body}\n{}{close}", &indent[1..])
}

/// A release changes the version, and nothing else.
fn without_version(mut sent: Value) -> Value {
    let text = sent
        .to_string()
        .replace(env!("CARGO_PKG_VERSION"), "VERSION");
    sent = serde_json::from_str(&text).unwrap();
    sent
}
