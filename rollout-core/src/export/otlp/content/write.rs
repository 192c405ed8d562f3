//! Messages as the conventions have them.

use serde_json::{Map, Value, json};

use super::{Message, Part, Source};

/// Returns messages in the shape of the conventions' JSON schemas.
///
/// With `as_text` media go out as texts that say what they are: for backends that take any address for
/// that of an image.
pub(crate) fn messages(messages: &[Message], as_text: bool) -> Value {
    messages.iter().map(|said| message(said, as_text)).collect()
}

/// Returns parts, such as those of the instructions.
pub(crate) fn parts(parts: &[Part], as_text: bool) -> Value {
    parts.iter().map(|said| part(said, as_text)).collect()
}

fn message(message: &Message, as_text: bool) -> Value {
    let mut value = json!({"role": message.role, "parts": parts(&message.parts, as_text)});
    put(&mut value, "name", message.name.as_deref());
    put(
        &mut value,
        "finish_reason",
        message.finish_reason.as_deref(),
    );
    value
}

fn part(part: &Part, as_text: bool) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "content": text}),
        Part::Reasoning(text) => json!({"type": "reasoning", "content": text}),
        Part::ToolCall {
            id,
            name,
            arguments,
        } => {
            let mut value = json!({"type": "tool_call", "name": name, "arguments": arguments});
            put(&mut value, "id", id.as_deref());
            value
        }
        Part::ToolResponse { id, response } => {
            let mut value = json!({"type": "tool_call_response", "response": response});
            put(&mut value, "id", id.as_deref());
            value
        }
        Part::ServerToolCall {
            id,
            name,
            kind,
            input,
        } => {
            let mut call = json!({"type": kind});
            if let (Some(input), Some(call)) = (input, call.as_object_mut()) {
                call.insert("input".to_owned(), input.clone());
            }
            let mut value =
                json!({"type": "server_tool_call", "name": name, "server_tool_call": call});
            put(&mut value, "id", id.as_deref());
            value
        }
        Part::ServerToolResponse { id, kind, content } => {
            let mut value = json!({
                "type": "server_tool_call_response",
                "server_tool_call_response": {"type": kind, "content": content},
            });
            put(&mut value, "id", id.as_deref());
            value
        }
        Part::Media {
            modality,
            mime,
            source,
        } => media(modality, mime.as_deref(), source, as_text),
        Part::Other { kind, content } => match content {
            Value::Object(map) => {
                let mut own: Map<_, _> = map.clone();
                own.insert("type".to_owned(), kind.as_str().into());
                Value::Object(own)
            }
            content => json!({"type": kind, "content": content}),
        },
    }
}

fn media(modality: &str, mime: Option<&str>, source: &Source, as_text: bool) -> Value {
    let mut value = match source {
        Source::Uri(uri) if as_text && !uri.starts_with("http") => {
            return json!({"type": "text", "content": described(modality, uri)});
        }
        Source::File(id) if as_text => {
            return json!({"type": "text", "content": format!("[{modality}: file {id}]")});
        }
        Source::Blob(data) => json!({"type": "blob", "modality": modality, "content": data}),
        Source::Uri(uri) => json!({"type": "uri", "modality": modality, "uri": uri}),
        Source::File(id) => json!({"type": "file", "modality": modality, "file_id": id}),
    };
    put(&mut value, "mime_type", mime);
    value
}

/// Returns what was left out: `rollout-blob:sha256-…;type=image/png;size=4096` in brackets.
pub(super) fn described(modality: &str, uri: &str) -> String {
    format!("[{modality}: {}]", uri.trim_start_matches("rollout-blob:"))
}

fn put(value: &mut Value, key: &str, text: Option<&str>) {
    if let (Some(map), Some(text)) = (value.as_object_mut(), text) {
        map.insert(key.to_owned(), text.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_members_that_the_schemas_require() {
        let blob = |source| Part::Media {
            modality: "image",
            mime: Some("image/png".into()),
            source,
        };
        let said = [
            Part::ToolCall {
                id: Some("c".into()),
                name: "f".into(),
                arguments: json!({"x": 1}),
            },
            Part::ToolResponse {
                id: None,
                response: json!(4),
            },
            Part::ServerToolCall {
                id: None,
                name: "web_search".into(),
                kind: "web_search_call".into(),
                input: None,
            },
            blob(Source::Blob("AAAA".into())),
            blob(Source::File("f".into())),
            Part::Other {
                kind: "refusal".into(),
                content: json!("no"),
            },
        ];
        assert_eq!(
            parts(&said, false),
            json!([
                {"type": "tool_call", "id": "c", "name": "f", "arguments": {"x": 1}},
                {"type": "tool_call_response", "response": 4},
                {"type": "server_tool_call", "name": "web_search", "server_tool_call": {"type": "web_search_call"}},
                {"type": "blob", "modality": "image", "content": "AAAA", "mime_type": "image/png"},
                {"type": "file", "modality": "image", "file_id": "f", "mime_type": "image/png"},
                {"type": "refusal", "content": "no"},
            ])
        );
    }

    #[test]
    fn media_that_are_not_there_can_be_told_in_words() {
        let uri = "rollout-blob:sha256-ab;type=image/png;size=9";
        let elided = [Part::Media {
            modality: "image",
            mime: None,
            source: Source::Uri(uri.into()),
        }];
        assert_eq!(parts(&elided, false)[0]["uri"], uri);
        assert_eq!(
            parts(&elided, true)[0]["content"],
            "[image: sha256-ab;type=image/png;size=9]"
        );
        let link = [Part::Media {
            modality: "image",
            mime: None,
            source: Source::Uri("https://h/a".into()),
        }];
        assert_eq!(parts(&link, true)[0]["uri"], "https://h/a");
    }
}
