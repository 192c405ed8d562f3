//! Credentials that requests carry in their bodies, as for the tools of an MCP server.

use serde_json::{Map, Value};

const MASK: &str = "[REDACTED]";

/// Keys whose text is a credential, in lower case and with `_` as the dash.
const KEYS: [&str; 11] = [
    "authorization",
    "proxy_authorization",
    "api_key",
    "apikey",
    "x_api_key",
    "access_token",
    "refresh_token",
    "client_secret",
    "cookie",
    "set_cookie",
    "password",
];

/// Returns whether a JSON text may hold one of the keys.
pub(super) fn may_contain(text: &str) -> bool {
    // Whatever is before a colon outside of a string is a key; inside one it does no harm to look.
    text.match_indices(':').any(|(colon, _)| {
        let key = text.get(..colon).unwrap_or_default().trim_ascii_end();
        let Some(key) = key.strip_suffix('"') else {
            return false;
        };
        // Escapes hide nothing: none of the keys has to be written with one, and who does so means to.
        let start = key.rfind('"').map_or(0, |quote| quote + 1);
        is_secret(key.get(start..).unwrap_or_default())
    })
}

/// Masks the texts of such keys, wherever they are.
pub(super) fn mask(value: &mut Value) {
    match value {
        Value::Object(map) => mask_map(map),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Masks the texts of such keys in a map, and below it.
pub(super) fn mask_map(map: &mut Map<String, Value>) {
    for (key, value) in map {
        match value {
            Value::String(text) if is_secret(key) => MASK.clone_into(text),
            value => mask(value),
        }
    }
}

fn is_secret(key: &str) -> bool {
    let matches = |key: &[u8], secret: &str| {
        let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || (*a == b'-' && *b == b'_');
        key.len() == secret.len() && key.iter().zip(secret.as_bytes()).all(same)
    };
    let ends_with = |secret: &str| {
        let start = key.len().checked_sub(secret.len());
        start.is_some_and(|start| matches(key.as_bytes().get(start..).unwrap_or_default(), secret))
    };
    KEYS.iter().any(|secret| matches(key.as_bytes(), secret)) || ends_with("_api_key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defect_43_credentials_are_masked_and_their_descriptions_kept() {
        let mut value = json!({
            "extra_headers": {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret"},
            "tools": [
                {"type": "mcp", "authorization": "s3cret", "headers": {"X-Goog-Api-Key": "s3cret"}},
                {"parameters": {"properties": {"password": {"type": "string"}}}},
            ],
            "max_tokens": 5,
        });
        assert!(may_contain(&value.to_string()));
        mask(&mut value);
        let text = value.to_string();
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains(r#""password":{"type":"string"}"#), "{text}");
        assert!(!may_contain(
            r#"{"max_tokens":5,"prompt_tokens":1,"text":"the password: x"}"#
        ));
        assert!(may_contain("{\"a\": 1, \"Proxy-Authorization\" : \"x\"}"));
    }
}
