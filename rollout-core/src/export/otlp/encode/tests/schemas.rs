//! Messages against the conventions' JSON schemas, as far as they ask for something.

use serde_json::Value;

use super::{FIXTURES, attribute, spans};
use crate::export::otlp::OtlpProfile;

/// Checks a part of a message; the members that its type requires are there and of their type.
fn check_part(part: &Value) {
    let text = |key: &str| assert!(part[key].is_string(), "{key}: {part}");
    text("type");
    match part["type"].as_str().unwrap() {
        "text" | "reasoning" => text("content"),
        "tool_call" => {
            text("name");
            assert!(part.get("arguments").is_some(), "{part}");
        }
        "tool_call_response" => assert!(part.get("response").is_some(), "{part}"),
        kind @ ("server_tool_call" | "server_tool_call_response") => {
            assert!(part[kind]["type"].is_string(), "{part}");
        }
        "blob" => {
            text("modality");
            text("content");
        }
        "file" => {
            text("modality");
            text("file_id");
        }
        "uri" => {
            text("modality");
            text("uri");
        }
        _ => {}
    }
    for key in ["id", "mime_type"] {
        assert!(part.get(key).is_none_or(Value::is_string), "{key}: {part}");
    }
}

fn check_messages(messages: &Value, is_output: bool) {
    for message in messages.as_array().expect("a list of messages") {
        assert!(message["role"].is_string(), "{message}");
        assert!(
            message.get("name").is_none_or(Value::is_string),
            "{message}"
        );
        message["parts"]
            .as_array()
            .expect("a list of parts")
            .iter()
            .for_each(check_part);
        assert_eq!(message["finish_reason"].is_string(), is_output, "{message}");
    }
}

#[test]
fn messages_are_as_the_schemas_have_them() {
    let mut seen = 0;
    for (_, events) in FIXTURES {
        let events = events();
        for profile in OtlpProfile::ALL {
            for span in spans(&events, profile) {
                let json = |name| {
                    let text = attribute(&span, name)?;
                    serde_json::from_str::<Value>(text.as_str().unwrap()).ok()
                };
                if let Some(messages) = json("gen_ai.input.messages") {
                    check_messages(&messages, false);
                    seen += 1;
                }
                if let Some(messages) = json("gen_ai.output.messages") {
                    check_messages(&messages, true);
                    seen += 1;
                }
                if let Some(parts) = json("gen_ai.system_instructions") {
                    parts.as_array().unwrap().iter().for_each(check_part);
                    seen += 1;
                }
                if let Some(tools) = json("gen_ai.tool.definitions") {
                    for tool in tools.as_array().unwrap() {
                        assert!(tool["type"].is_string(), "{tool}");
                    }
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
}
