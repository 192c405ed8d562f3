//! Messages as `OpenInference` has them: an attribute for each text, with the place in its name.

use serde_json::{Map, Value};

use super::write::described;
use super::{Message, Part, Source};

/// Calls `set` with the attributes of messages below a prefix, `llm.input_messages` or
/// `llm.output_messages`.
pub(crate) fn flatten(prefix: &str, messages: &[Message], mut set: impl FnMut(String, String)) {
    for (index, said) in messages.iter().flat_map(answers_apart).enumerate() {
        message(&format!("{prefix}.{index}.message"), &said, &mut set);
    }
}

/// Returns the message; several where it has the answers of several tools, as each has an id of its own.
fn answers_apart(message: &Message) -> Vec<Message> {
    let is_answer = |part: &&Part| matches!(part, Part::ToolResponse { .. });
    if message.parts.iter().filter(is_answer).count() < 2 {
        return vec![message.clone()];
    }
    let (answers, others): (Vec<_>, Vec<_>) = message
        .parts
        .iter()
        .cloned()
        .partition(|part| is_answer(&part));
    let answers = answers
        .into_iter()
        .map(|part| Message::new("tool", vec![part]));
    let others = (!others.is_empty()).then(|| Message::new(message.role.clone(), others));
    answers.chain(others).collect()
}

fn message(prefix: &str, message: &Message, set: &mut impl FnMut(String, String)) {
    set(format!("{prefix}.role"), message.role.clone());
    if let Some(name) = &message.name {
        set(format!("{prefix}.name"), name.clone());
    }
    if let [Part::Text(text)] = message.parts.as_slice() {
        return set(format!("{prefix}.content"), text.clone());
    }
    let (mut contents, mut calls) = (0, 0);
    for part in &message.parts {
        match part {
            Part::ToolCall {
                id,
                name,
                arguments,
            } => {
                let call = format!("{prefix}.tool_calls.{calls}.tool_call");
                calls += 1;
                if let Some(id) = id {
                    set(format!("{call}.id"), id.clone());
                }
                set(format!("{call}.function.name"), name.clone());
                set(format!("{call}.function.arguments"), arguments.to_string());
            }
            Part::ToolResponse { id, response } => {
                if let Some(id) = id {
                    set(format!("{prefix}.tool_call_id"), id.clone());
                }
                set(format!("{prefix}.content"), text_of(response));
            }
            part => {
                let content = format!("{prefix}.contents.{contents}.message_content");
                contents += 1;
                self::content(&content, part, set);
            }
        }
    }
}

fn content(prefix: &str, part: &Part, set: &mut impl FnMut(String, String)) {
    let mut text = |kind: &str, text: String| {
        set(format!("{prefix}.type"), kind.to_owned());
        set(format!("{prefix}.text"), text);
    };
    match part {
        Part::Text(said) => text("text", said.clone()),
        Part::Reasoning(said) => text("reasoning", said.clone()),
        Part::Media {
            modality,
            mime,
            source,
        } => {
            let url = match source {
                Source::Uri(uri) if uri.starts_with("http") => uri.clone(),
                Source::Uri(uri) => return text("text", described(modality, uri)),
                Source::Blob(data) => {
                    format!(
                        "data:{};base64,{data}",
                        mime.as_deref().unwrap_or("image/png")
                    )
                }
                Source::File(id) => return text("text", format!("[{modality}: file {id}]")),
            };
            if *modality != "image" {
                return text("text", format!("[{modality}: {} bytes of text]", url.len()));
            }
            set(format!("{prefix}.type"), "image".to_owned());
            set(format!("{prefix}.image.image.url"), url);
        }
        Part::ServerToolCall { name, input, .. } => {
            let input = input.as_ref().map(Value::to_string).unwrap_or_default();
            text("text", format!("[{name}] {input}").trim_end().to_owned());
        }
        Part::ServerToolResponse { kind, content, .. } | Part::Other { kind, content } => {
            text("text", format!("[{kind}] {}", text_of(content)));
        }
        Part::ToolCall { .. } | Part::ToolResponse { .. } => {}
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the options of a request: all of it but what was said and the tools.
pub(crate) fn invocation_parameters(request: &Value) -> Option<String> {
    const SAID: [&str; 8] = [
        "messages",
        "input",
        "prompt",
        "system",
        "instructions",
        "tools",
        "functions",
        "conversation",
    ];
    let options: Map<_, _> = request
        .as_object()?
        .iter()
        .filter(|(key, _)| !SAID.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (!options.is_empty()).then(|| Value::Object(options).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attributes(said: &[Message]) -> Value {
        let mut map = Map::new();
        flatten("m", said, |key, value| {
            map.insert(key, value.into());
        });
        map.into()
    }

    #[test]
    fn one_text_is_the_content_and_several_are_numbered() {
        let text = |text: &str| Part::Text(text.to_owned());
        let said = [
            Message::new("user", vec![text("a")]),
            Message::new("assistant", vec![Part::Reasoning("hm".into()), text("b")]),
        ];
        assert_eq!(
            attributes(&said),
            json!({
                "m.0.message.role": "user",
                "m.0.message.content": "a",
                "m.1.message.role": "assistant",
                "m.1.message.contents.0.message_content.type": "reasoning",
                "m.1.message.contents.0.message_content.text": "hm",
                "m.1.message.contents.1.message_content.type": "text",
                "m.1.message.contents.1.message_content.text": "b",
            })
        );
    }

    #[test]
    fn calls_and_answers_of_tools_have_keys_of_their_own() {
        let call = Part::ToolCall {
            id: Some("c".into()),
            name: "f".into(),
            arguments: json!({"x": 1}),
        };
        let answer = Part::ToolResponse {
            id: Some("c".into()),
            response: json!({"y": 2}),
        };
        let said = [
            Message::new("assistant", vec![call]),
            Message::new("tool", vec![answer]),
        ];
        assert_eq!(
            attributes(&said),
            json!({
                "m.0.message.role": "assistant",
                "m.0.message.tool_calls.0.tool_call.id": "c",
                "m.0.message.tool_calls.0.tool_call.function.name": "f",
                "m.0.message.tool_calls.0.tool_call.function.arguments": "{\"x\":1}",
                "m.1.message.role": "tool",
                "m.1.message.tool_call_id": "c",
                "m.1.message.content": "{\"y\":2}",
            })
        );
    }

    #[test]
    fn options_are_what_is_not_said() {
        let request = json!({"model": "m", "messages": [], "temperature": 0.5, "tools": []});
        let options = invocation_parameters(&request).unwrap();
        assert_eq!(options, r#"{"model":"m","temperature":0.5}"#);
    }
}
