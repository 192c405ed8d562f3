//! Whole texts: what the tree shows only the beginning of.

use std::collections::HashMap;
use std::io;

use rollout_core::show::{Run, Step};
use serde_json::{Map, Value};

use super::list::mark;
use crate::screen::{Ink, Screen, inert, inert_lines, ink_of};
use crate::store::name_of;

/// What events say that goes in and comes out, by the id of a span; that of the trace itself is by its own.
type Payloads<'a> = HashMap<&'a str, Map<String, Value>>;

/// The parts of an event that are worth showing, and what they are called.
const PARTS: [(&str, &str); 5] = [
    ("input", "input"),
    ("arguments", "input"),
    ("output", "output"),
    ("result", "output"),
    ("stream_preview", "stream"),
];

fn payloads(events: &[Value]) -> Payloads<'_> {
    let mut payloads = Payloads::new();
    for event in events {
        let text = |key: &str| {
            event
                .get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let kind = text("event_type").unwrap_or_default();
        let id = match kind {
            "trace.start" | "trace.end" => text("trace_id").or_else(|| text("external_trace_id")),
            kind if kind.starts_with("span.")
                || kind.starts_with("llm.")
                || kind.starts_with("tool.") =>
            {
                text("span_id")
            }
            _ => text("event_id"),
        };
        let Some(id) = id else { continue };
        let parts: &mut Map<String, Value> = payloads.entry(id).or_default();
        for (key, name) in PARTS {
            if let Some(value) = event.get("raw").and_then(|raw| raw.get(key)) {
                parts.insert(name.to_owned(), value.clone());
            }
        }
        if let Some(content) = event
            .get("message")
            .and_then(|message| message.get("content"))
        {
            parts.insert("output".to_owned(), content.clone());
        }
        if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
            parts.insert("error".to_owned(), error.clone());
        }
    }
    for parts in payloads.values_mut() {
        // What a stream had brought so far is in what it brought.
        if parts.contains_key("output") {
            parts.remove("stream");
        }
    }
    payloads
}

/// Writes what went in and came out of a run and each of its steps.
pub(crate) fn write(run: &Run, events: &[Value], screen: &mut Screen) -> io::Result<()> {
    let payloads = payloads(events);
    let status = name_of(&run.status);
    section(&run.trace_id, &run.name, &status, &payloads, screen)?;
    steps(&run.steps, &payloads, screen)
}

fn steps(list: &[Step], payloads: &Payloads<'_>, screen: &mut Screen) -> io::Result<()> {
    for step in list {
        if let Some(id) = &step.id {
            let name = format!("{} {}", step.label, step.name);
            section(id, name.trim(), &name_of(&step.status), payloads, screen)?;
        }
        steps(&step.steps, payloads, screen)?;
    }
    Ok(())
}

fn section(
    id: &str,
    name: &str,
    status: &str,
    payloads: &Payloads<'_>,
    screen: &mut Screen,
) -> io::Result<()> {
    let Some(parts) = payloads.get(id).filter(|parts| !parts.is_empty()) else {
        return Ok(());
    };
    let mark = screen.ink(ink_of(status), mark(status));
    let name = screen.ink(Ink::Bold, &inert(name));
    let id = screen.ink(Ink::Dim, &inert(id));
    screen.line(&format!("\n{mark} {name}  {id}"))?;
    for (part, value) in parts {
        let part = screen.ink(Ink::Dim, part);
        screen.line(&format!("  {part}"))?;
        let text = match value {
            Value::String(text) => text.clone(),
            value => serde_json::to_string_pretty(value)?,
        };
        for line in inert_lines(&text).lines() {
            screen.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}

/// Puts whole values into the JSON of a run, in place of their beginnings.
pub(crate) fn replace(run: &mut Value, events: &[Value]) {
    replace_in(run, "trace_id", &payloads(events));
}

fn replace_in(value: &mut Value, key: &str, payloads: &Payloads<'_>) {
    let Value::Object(map) = value else { return };
    let id = map.get(key).and_then(Value::as_str);
    if let Some(parts) = id.and_then(|id| payloads.get(id)) {
        for (part, value) in parts {
            map.insert(part.clone(), value.clone());
        }
    }
    if let Some(Value::Array(steps)) = map.get_mut("steps") {
        for step in steps {
            replace_in(step, "id", payloads);
        }
    }
}
