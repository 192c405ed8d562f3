//! Images, sounds and documents in base64: replaced by what they are.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::MediaStore;

/// Shorter texts stay.
const SHORTEST: usize = 1024;

/// Returns whether a JSON text may hold media: a long run of characters that base64 is made of.
pub(super) fn may_contain(text: &str) -> bool {
    // Looks where a run of that length would have to end, and back from there: of ordinary text a byte
    // here and there is all that is looked at.
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(window) = bytes.get(start..start + SHORTEST) {
        match window.iter().rposition(|byte| !is_base64(*byte)) {
            Some(gap) => start += gap + 1,
            None => return true,
        }
    }
    false
}

/// Returns whether a text that begins like this is probably media.
pub(crate) fn seems_media(head: &str) -> bool {
    let url = head
        .strip_prefix("data:")
        .and_then(|url| url.split_once(";base64,"));
    let data = url.map_or(head, |(_, data)| data);
    data.len() >= SHORTEST && looks_encoded(data)
}

/// Replaces media by their hash, type and size.
pub(super) fn replace(value: &mut Value, store: Option<&MediaStore>) {
    match value {
        Value::Object(map) => {
            let declared = declared_type(map);
            for value in map.values_mut() {
                match value {
                    Value::String(text) => replace_text(text, declared.as_deref(), store),
                    value => replace(value, store),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, store)),
        Value::String(text) => replace_text(text, None, store),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns the media type that stands beside the data.
fn declared_type(map: &Map<String, Value>) -> Option<String> {
    ["media_type", "mime_type", "format"]
        .into_iter()
        .find_map(|key| map.get(key)?.as_str().map(str::to_owned))
}

fn replace_text(text: &mut String, declared: Option<&str>, store: Option<&MediaStore>) {
    if text.len() < SHORTEST {
        return;
    }
    let (declared, data) = match text
        .strip_prefix("data:")
        .and_then(|url| url.split_once(','))
    {
        Some((head, data)) if head.ends_with(";base64") => {
            (Some(head.trim_end_matches(";base64")), data)
        }
        Some(_) => return,
        None => (declared, text.as_str()),
    };
    if !looks_encoded(data) {
        return;
    }
    let Some(bytes) = decode(data) else { return };
    let kind = declared
        .filter(|kind| !kind.is_empty())
        .unwrap_or_else(|| guess(data));
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(&bytes) {
        let _ = write!(hash, "{byte:02x}");
    }
    if let Some(store) = store {
        store.keep(&hash, kind, &bytes);
    }
    let blob = format!(
        "rollout-blob:sha256-{hash};type={kind};size={}",
        bytes.len()
    );
    *text = blob;
}

/// Returns whether a text is base64, and not a long word of a single kind of letter.
fn looks_encoded(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().take(4 * SHORTEST).any(test);
    text.bytes()
        .all(|byte| is_base64(byte) || byte == b'\n' || byte == b'\r')
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let data: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD
        .decode(&data)
        .or_else(|_| URL_SAFE.decode(&data))
        .ok()
}

/// Returns the media type that the first bytes tell.
fn guess(text: &str) -> &'static str {
    const SIGNATURES: [(&str, &str); 8] = [
        ("iVBORw0KGgo", "image/png"),
        ("/9j/", "image/jpeg"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "audio/wav"),
        ("JVBERi0", "application/pdf"),
        ("SUQz", "audio/mpeg"),
        ("T2dnUw", "audio/ogg"),
        ("UEsDB", "application/zip"),
    ];
    SIGNATURES
        .iter()
        .find(|(start, _)| text.starts_with(start))
        .map_or("application/octet-stream", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_type_is_declared_or_told_by_the_first_bytes() {
        let data = format!("/9j/{}", "a1B2".repeat(400));
        let mut value = json!([
            {"source": {"type": "base64", "media_type": "image/webp", "data": data}},
            {"b64_json": data},
        ]);
        replace(&mut value, None);
        let text = value.to_string();
        assert!(text.contains(";type=image/webp;size=1203"), "{text}");
        assert!(text.contains(";type=image/jpeg;size=1203"), "{text}");
    }

    #[test]
    fn long_words_and_prose_stay() {
        for text in [
            "x".repeat(5_000),
            "Lorem ipsum 1 ".repeat(200),
            "short".into(),
        ] {
            let mut value = json!({"text": text});
            replace(&mut value, None);
            assert_eq!(value, json!({"text": text}));
        }
    }
}
