//! A part of a message, in any provider's JSON.

use serde_json::Value;

use super::{Part, Source};
use crate::provider::json::{list, string, text, unwrapped};

/// Returns the parts of a message's content: a text, a list of parts, or anything.
pub(super) fn read_all(content: &Value) -> Vec<Part> {
    match content {
        Value::Null => Vec::new(),
        Value::String(text) => vec![Part::Text(text.clone())],
        Value::Array(parts) => parts.iter().filter_map(read).collect(),
        other => read(other).into_iter().collect(),
    }
}

/// Returns a part; `None` where it says nothing.
pub(super) fn read(part: &Value) -> Option<Part> {
    let kind = match part {
        Value::Null => return None,
        Value::String(text) => return Some(Part::Text(text.clone())),
        part => text(part, "type").unwrap_or_default(),
    };
    if let Some(part) = super::convention::read(kind, part) {
        return Some(part);
    }
    let own = |key| string(part, key);
    let found = match kind {
        // Gemini's have no type.
        "" if text(part, "text").is_some() => Part::Text(own("text")?),
        "text" | "input_text" | "output_text" => Part::Text(own("text")?),
        "thinking" => Part::Reasoning(own("thinking")?),
        "reasoning_text" | "summary_text" => Part::Reasoning(own("text")?),
        // Encrypted; that it is there is all there is to tell.
        "redacted_thinking" => Part::Other {
            kind: kind.to_owned(),
            content: serde_json::json!({"bytes": text(part, "data").map_or(0, str::len)}),
        },
        "refusal" => Part::Other {
            kind: kind.to_owned(),
            content: Value::String(own("refusal")?),
        },
        "image_url" | "input_image" | "image" => media("image", part)?,
        "input_audio" | "audio" => media("audio", part)?,
        "video" | "video_url" | "input_video" => media("video", part)?,
        "document" | "file" | "input_file" => media("document", part)?,
        "tool_use" | "function_call" | "custom_tool_call" | "function" => tool_call(part),
        "tool_result" => Part::ToolResponse {
            id: own("tool_use_id"),
            response: response(part.get("content").unwrap_or(&Value::Null)),
        },
        "function_call_output" | "custom_tool_call_output" => Part::ToolResponse {
            id: own("call_id"),
            response: response(part.get("output").unwrap_or(&Value::Null)),
        },
        "server_tool_use" | "mcp_tool_use" => server_call(kind, part),
        kind if kind.ends_with("tool_result") => Part::ServerToolResponse {
            id: own("tool_use_id"),
            kind: kind.to_owned(),
            content: part.get("content").cloned().unwrap_or_default(),
        },
        kind if kind.ends_with("_call") => server_call(kind, part),
        kind => Part::Other {
            kind: if kind.is_empty() { "value" } else { kind }.to_owned(),
            content: part.clone(),
        },
    };
    Some(found)
}

/// Returns the model's call of a tool: the name and arguments are in it, or one level below.
pub(super) fn tool_call(call: &Value) -> Part {
    let inner = ["function", "custom"]
        .iter()
        .find_map(|key| call.get(key))
        .unwrap_or(call);
    let arguments = ["arguments", "input"].iter().find_map(|key| inner.get(key));
    let arguments = arguments.map(|text| unwrapped(text).unwrap_or_else(|| text.clone()));
    Part::ToolCall {
        id: string(call, "call_id").or_else(|| string(call, "id")),
        name: string(inner, "name").unwrap_or_default(),
        arguments: arguments.unwrap_or_default(),
    }
}

/// Returns a tool that the provider ran itself.
fn server_call(kind: &str, part: &Value) -> Part {
    const INPUTS: [&str; 6] = [
        "input",
        "arguments",
        "action",
        "code",
        "queries",
        "operation",
    ];
    let input = INPUTS
        .iter()
        .find_map(|key| part.get(key).filter(|input| !input.is_null()));
    Part::ServerToolCall {
        id: string(part, "id"),
        name: string(part, "name").unwrap_or_else(|| kind.trim_end_matches("_call").to_owned()),
        kind: kind.to_owned(),
        input: input.map(|input| unwrapped(input).unwrap_or_else(|| input.clone())),
    }
}

/// Returns what a tool answered: JSON in a text as JSON, parts that are texts as one text.
pub(super) fn response(content: &Value) -> Value {
    if let Value::String(text) = content {
        let json = serde_json::from_str(text).ok();
        return json
            .filter(|json: &Value| json.is_object() || json.is_array())
            .unwrap_or_else(|| content.clone());
    }
    let Value::Array(parts) = content else {
        return content.clone();
    };
    let texts: Option<Vec<&str>> = parts
        .iter()
        .map(|part| text(part, "text").filter(|_| list(part, "text").is_empty()))
        .collect();
    match texts {
        Some(texts) if !texts.is_empty() => response(&Value::String(texts.join("\n"))),
        _ => content.clone(),
    }
}

/// Returns an image, a sound, a document: where it is, and what.
fn media(modality: &'static str, part: &Value) -> Option<Part> {
    // `{"image_url": {"url": …}}`, `{"source": {"data": …}}`, `{"input_audio": {"data": …}}` …
    const INNER: [&str; 6] = [
        "source",
        "image_url",
        "input_audio",
        "audio",
        "file",
        "video_url",
    ];
    let inner = INNER.iter().find_map(|key| part.get(key)).unwrap_or(part);
    let find = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| text(inner, key).or_else(|| text(part, key)))
    };
    let declared = find(&["media_type", "mime_type"]).map(str::to_owned);
    let declared =
        declared.or_else(|| find(&["format"]).map(|format| format!("{modality}/{format}")));
    let place = inner
        .as_str()
        .or_else(|| find(&["url", "image_url", "file_url"]));
    let (source, mime) = if let Some(place) = place {
        address(place)
    } else if let Some(data) = find(&["data", "file_data"]) {
        match data.split_once(':') {
            Some(("data" | "rollout-blob", _)) => address(data),
            _ => (Source::Blob(data.to_owned()), None),
        }
    } else {
        (Source::File(find(&["file_id", "id"])?.to_owned()), None)
    };
    let mime = mime.or(declared);
    let modality = match mime.as_deref().and_then(|mime| mime.split('/').next()) {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => modality,
    };
    Some(Part::Media {
        modality,
        mime,
        source,
    })
}

/// Returns what is at an address, which may be the data itself.
fn address(url: &str) -> (Source, Option<String>) {
    if let Some((head, data)) = url
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(','))
    {
        let mime = head.split(';').next().filter(|mime| !mime.is_empty());
        return (Source::Blob(data.to_owned()), mime.map(str::to_owned));
    }
    let elided = url.strip_prefix("rollout-blob:");
    let mime = elided.and_then(|rest| {
        rest.split(';')
            .find_map(|field| field.strip_prefix("type="))
    });
    (Source::Uri(url.to_owned()), mime.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn media_of_all_shapes_are_found() {
        let uri = |uri: &str| Source::Uri(uri.to_owned());
        for (part, modality, mime, source) in [
            (
                json!({"type": "image_url", "image_url": {"url": "https://h/a.png"}}),
                "image",
                None,
                uri("https://h/a.png"),
            ),
            (
                json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA"}),
                "image",
                Some("image/png"),
                Source::Blob("AAAA".into()),
            ),
            (
                json!({"type": "image", "source": {"type": "base64", "media_type": "image/webp", "data": "rollout-blob:sha256-ab;type=image/webp;size=9"}}),
                "image",
                Some("image/webp"),
                uri("rollout-blob:sha256-ab;type=image/webp;size=9"),
            ),
            (
                json!({"type": "document", "source": {"type": "file", "file_id": "f"}}),
                "document",
                None,
                Source::File("f".into()),
            ),
            (
                json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
                "audio",
                Some("audio/wav"),
                Source::Blob("AAAA".into()),
            ),
            (
                json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "x"}}),
                "document",
                Some("application/pdf"),
                Source::Blob("AAAA".into()),
            ),
        ] {
            let mime = mime.map(str::to_owned);
            assert_eq!(
                read(&part),
                Some(Part::Media {
                    modality,
                    mime,
                    source
                }),
                "{part}"
            );
        }
    }

    #[test]
    fn calls_of_all_shapes_are_found() {
        let call = |id: &str| Part::ToolCall {
            id: Some(id.into()),
            name: "f".into(),
            arguments: json!({"x": 1}),
        };
        for part in [
            json!({"type": "function", "id": "c", "function": {"name": "f", "arguments": "{\"x\":1}"}}),
            json!({"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": "{\"x\":1}"}),
            json!({"type": "tool_use", "id": "c", "name": "f", "input": {"x": 1}}),
        ] {
            assert_eq!(read(&part), Some(call("c")), "{part}");
        }
        let broken = json!({"function": {"name": "f", "arguments": "{\"x\":"}});
        let Part::ToolCall { arguments, .. } = tool_call(&broken) else {
            panic!()
        };
        assert_eq!(arguments, "{\"x\":");
    }

    #[test]
    fn answers_of_tools_are_json_where_they_hold_json() {
        assert_eq!(response(&json!("{\"c\": 4}")), json!({"c": 4}));
        assert_eq!(response(&json!("4 degrees")), "4 degrees");
        assert_eq!(response(&json!("4")), "4");
        assert_eq!(
            response(&json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])),
            "a\nb"
        );
        let image = json!([{"type": "image", "source": {}}]);
        assert_eq!(response(&image), image);
    }

    #[test]
    fn what_is_unknown_is_kept() {
        let part = json!({"type": "hologram", "depth": 3});
        assert_eq!(
            read(&part),
            Some(Part::Other {
                kind: "hologram".into(),
                content: part.clone()
            })
        );
        let search = json!({"type": "web_search_call", "id": "w", "action": {"query": "q"}, "status": "completed"});
        let Some(Part::ServerToolCall { name, input, .. }) = read(&search) else {
            panic!()
        };
        assert_eq!(
            (name.as_str(), input),
            ("web_search", Some(json!({"query": "q"})))
        );
    }
}
