//! Texts that come in pieces: what they are, and where in which item they go.

use serde_json::{Value, json};

use super::items::{Items, MESSAGE_CONTENT, PartOf, REASONING_CONTENT, REASONING_SUMMARY};
use crate::provider::Delta;
use crate::provider::budget::Budget;
use crate::provider::json::{index, text};

/// Where the pieces of a text go.
#[derive(Clone, Copy)]
enum Target {
    /// A member of an item of this type.
    Member(&'static str, &'static str),
    /// A member of an object in an item of this type.
    Nested(&'static str, &'static str, &'static str),
    /// One of the commands of a shell call.
    Command,
    /// A member of a part of this type.
    Part(PartOf, &'static str, &'static str),
}

/// Returns where a text goes that events of this name, without `.delta` or `.done`, are about.
fn target(subject: &str) -> Option<Target> {
    Some(match subject {
        "response.output_text" => Target::Part(MESSAGE_CONTENT, "output_text", "text"),
        "response.refusal" => Target::Part(MESSAGE_CONTENT, "refusal", "refusal"),
        "response.reasoning_text" => Target::Part(REASONING_CONTENT, "reasoning_text", "text"),
        "response.reasoning_summary_text" | "response.reasoning_summary" => {
            Target::Part(REASONING_SUMMARY, "summary_text", "text")
        }
        "response.function_call_arguments" => Target::Member("function_call", "arguments"),
        "response.mcp_call_arguments" => Target::Member("mcp_call", "arguments"),
        "response.custom_tool_call_input" => Target::Member("custom_tool_call", "input"),
        "response.code_interpreter_call_code" => Target::Member("code_interpreter_call", "code"),
        "response.apply_patch_call_operation_diff" => {
            Target::Nested("apply_patch_call", "operation", "diff")
        }
        "response.shell_call_command" => Target::Command,
        _ => return None,
    })
}

/// Takes a piece of a text (`….delta`), or the whole of it (`….done`).
pub(super) fn add(items: &mut Items, kind: &str, event: &Value, budget: &mut Budget) {
    let Some((subject, step)) = kind.rsplit_once('.') else {
        return;
    };
    let (holder, member) = match target(subject) {
        Some(Target::Nested(item, object, member)) => {
            let item = items.of(event, item, budget);
            let object = item.map(|item| item.entry(object).or_insert_with(|| json!({})));
            (object.and_then(Value::as_object_mut), member)
        }
        Some(Target::Command) => return add_command(items, step, event, budget),
        Some(Target::Member(item, member)) => (items.of(event, item, budget), member),
        Some(Target::Part(of, kind, member)) => (items.part(event, of, kind, budget), member),
        None => return,
    };
    let Some(holder) = holder else { return };
    if let ("done", "arguments", Some(name)) = (step, member, event.get("name")) {
        // Where the item has not been announced, this is the only one to tell.
        if !holder.contains_key("name") {
            budget.put(holder, "name", name);
        }
    }
    match (step, text(event, "delta"), event.get(member)) {
        ("delta", Some(piece), _) => budget.append_to(holder, member, piece),
        ("done", _, Some(whole @ Value::String(_))) => budget.put(holder, member, whole),
        _ => {}
    }
}

/// Takes a piece of a command, which begins with what `….added` says of it.
fn add_command(items: &mut Items, step: &str, event: &Value, budget: &mut Budget) {
    let place = index(event, "command_index").unwrap_or(0);
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    let Some(item) = items.of(event, "shell_call", budget) else {
        return;
    };
    let action = item.entry("action").or_insert_with(|| json!({}));
    let Some(action) = action.as_object_mut() else {
        return;
    };
    let commands = action.entry("commands").or_insert_with(|| json!([]));
    let Some(commands) = commands.as_array_mut() else {
        return;
    };
    if place == commands.len() {
        budget.push(commands, &"".into());
    }
    let Some(Value::String(command)) = commands.get_mut(place) else {
        return;
    };
    match (step, text(event, "delta"), text(event, "command")) {
        ("delta", Some(piece), _) => budget.append(command, piece),
        ("added" | "done", _, Some(whole)) if !whole.is_empty() => {
            command.clear();
            budget.append(command, whole);
        }
        _ => {}
    }
}

/// Says what kind of content an event brought.
pub(super) fn brought(kind: &str, event: &Value) -> Delta {
    let mut delta = Delta::default();
    let piece = text(event, "delta").filter(|piece| !piece.is_empty());
    match (kind.rsplit_once('.'), piece) {
        (Some(("response.output_text", "delta")), Some(piece)) => {
            delta.text = Some(piece.to_owned());
        }
        (Some((subject, "delta")), Some(_)) => {
            delta.reasoning = subject.starts_with("response.reasoning");
            delta.tool_call = subject.contains("_call");
            delta.other = !delta.reasoning && !delta.tool_call;
        }
        (Some(("response.output_item", "added")), _) => {
            let item = event.get("item").and_then(|item| text(item, "type"));
            delta.tool_call = item.is_some_and(|item| item.ends_with("_call"));
        }
        (Some((_, "partial_image")), _) => delta.other = true,
        _ => {}
    }
    delta
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_whole_of_a_text_replaces_its_pieces() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        for (kind, event) in [
            ("response.output_text.delta", json!({"delta": "a"})),
            ("response.output_text.delta", json!({"delta": 7})),
            ("response.output_text.done", json!({"text": "ab"})),
            ("response.output_text.done", json!({"text": null})),
            ("response.unheard_of.delta", json!({"delta": "c"})),
        ] {
            add(&mut items, kind, &event, &mut budget);
        }
        let content = json!([{"type": "output_text", "text": "ab"}]);
        assert_eq!(
            items.finish(),
            [json!({"type": "message", "content": content})]
        );
    }

    #[test]
    fn what_tools_of_the_provider_are_given_comes_in_pieces_too() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        let command =
            |at: u64, delta| json!({"output_index": 0, "command_index": at, "delta": delta});
        for (kind, event) in [
            (
                "response.shell_call_command.added",
                json!({"output_index": 0, "command_index": 0, "command": ""}),
            ),
            ("response.shell_call_command.delta", command(0, "l")),
            ("response.shell_call_command.delta", command(0, "s")),
            ("response.shell_call_command.delta", command(1, "pw")),
            (
                "response.shell_call_command.done",
                json!({"output_index": 0, "command_index": 1, "command": "pwd"}),
            ),
            (
                "response.shell_call_command.delta",
                command(u64::MAX, "lost"),
            ),
            (
                "response.apply_patch_call_operation_diff.delta",
                json!({"output_index": 1, "delta": "+a"}),
            ),
            (
                "response.apply_patch_call_operation_diff.done",
                json!({"output_index": 1, "diff": "+ab"}),
            ),
            (
                "response.function_call_arguments.done",
                json!({"output_index": 2, "name": "f", "arguments": "{}"}),
            ),
            (
                "response.function_call_arguments.done",
                json!({"output_index": 2, "name": "g", "arguments": "{}"}),
            ),
        ] {
            add(&mut items, kind, &event, &mut budget);
        }
        assert_eq!(
            items.finish(),
            [
                json!({"type": "shell_call", "action": {"commands": ["ls", "pwd"]}}),
                json!({"type": "apply_patch_call", "operation": {"diff": "+ab"}}),
                json!({"type": "function_call", "name": "f", "arguments": "{}"}),
            ]
        );
    }

    #[test]
    fn events_say_what_they_brought() {
        let event = json!({"output_index": 1, "delta": "x"});
        assert_eq!(
            brought("response.output_text.delta", &event)
                .text
                .as_deref(),
            Some("x")
        );
        assert!(brought("response.function_call_arguments.delta", &event).tool_call);
        assert!(brought("response.reasoning_text.delta", &event).reasoning);
        assert!(brought("response.refusal.delta", &event).other);
        assert!(!brought("response.output_text.done", &event).has_content());
        assert!(!brought("keepalive", &json!({"sequence_number": 3})).has_content());
        let call = json!({"item": {"type": "function_call", "name": "f"}});
        assert!(brought("response.output_item.added", &call).tool_call);
        assert!(brought("response.image_generation_call.partial_image", &event).other);
    }
}
