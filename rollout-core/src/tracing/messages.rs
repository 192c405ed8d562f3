//! Messages that are told one by one, as events: what the conventions had until version 1.36.

use serde_json::{Map, Value};
use tracing_core::{Event, Metadata};

use super::fields::Fields;
use super::story::{INPUT_MESSAGES, OUTPUT_MESSAGES};

/// More than this of one call are not kept.
const MOST: usize = 1000;

/// The field that names an event where the macro has no place for it.
const NAME: &str = "event.name";

/// The messages of a call, so far.
#[derive(Debug, Default)]
pub(super) struct Messages {
    asked: Vec<Value>,
    answered: Vec<Value>,
    is_new: bool,
}

/// What one event says.
pub(super) struct Said {
    is_answer: bool,
    message: Value,
}

/// Returns whether events of this kind may be messages.
pub(super) fn may_be_one(metadata: &Metadata<'_>) -> bool {
    is_name(metadata.name()) || metadata.fields().field(NAME).is_some()
}

impl Said {
    /// Returns the message that an event is, if it is one.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        if !may_be_one(event.metadata()) {
            return None;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let name = fields.take_text(&[NAME]);
        let name = name.filter(|name| is_name(name));
        Self::read(name.as_deref().unwrap_or(event.metadata().name()), fields)
    }

    fn read(name: &str, mut fields: Fields) -> Option<Self> {
        let role = role_of(name)?;
        // All of it in one text, or each member in a field of its own.
        let whole = fields.take(&["gen_ai.event.content", "body"]).map(json);
        let mut body = match whole {
            Some(Value::Object(body)) => body,
            Some(said) => Map::from_iter([("content".to_owned(), said)]),
            None => Map::new(),
        };
        for (name, value) in fields.rest() {
            let is_nested = matches!(name, "message" | "tool_calls");
            let value = if is_nested { json(value) } else { value };
            body.entry(name).or_insert(value);
        }
        let is_answer = name == "gen_ai.choice";
        let reason = body.remove("finish_reason");
        let mut said = match body.remove("message") {
            Some(Value::Object(said)) if is_answer => said,
            Some(said) if is_answer => Map::from_iter([("content".to_owned(), said)]),
            // An event's words for people.
            _ => body.clone(),
        };
        let mut message = Map::new();
        let own = said.remove("role").filter(Value::is_string);
        message.insert("role".to_owned(), own.unwrap_or_else(|| role.into()));
        message.insert(
            "content".to_owned(),
            said.remove("content").unwrap_or_default(),
        );
        for (key, names) in [
            ("tool_calls", ["tool_calls", "gen_ai.tool_calls"]),
            ("name", ["name"; 2]),
        ] {
            if let Some(value) = names.iter().find_map(|name| said.remove(*name)) {
                message.insert(key.to_owned(), value);
            }
        }
        let id = ["tool_call_id", "id"]
            .iter()
            .find_map(|key| said.remove(*key));
        if let Some(id) = id.filter(|_| role == "tool") {
            message.insert("tool_call_id".to_owned(), id);
        }
        if let Some(reason) = reason.filter(|_| is_answer) {
            message.insert("finish_reason".to_owned(), reason);
        }
        Some(Self {
            is_answer,
            message: message.into(),
        })
    }
}

impl Messages {
    pub(super) fn push(&mut self, said: Said) {
        let list = if said.is_answer {
            &mut self.answered
        } else {
            &mut self.asked
        };
        if list.len() < MOST {
            list.push(said.message);
            self.is_new |= !said.is_answer;
        }
    }

    /// Tells what was asked so far as the newer conventions do, unless the span does so itself.
    pub(super) fn tell_asked(&mut self, fields: &mut Fields) {
        if std::mem::take(&mut self.is_new) && fields.get(INPUT_MESSAGES).is_none() {
            put(fields, INPUT_MESSAGES, &self.asked);
        }
    }

    /// Tells all of it, at the end.
    pub(super) fn tell(&mut self, fields: &mut Fields) {
        self.tell_asked(fields);
        if fields.get(OUTPUT_MESSAGES).is_none() {
            put(fields, OUTPUT_MESSAGES, &self.answered);
        }
    }
}

fn put(fields: &mut Fields, name: &'static str, messages: &[Value]) {
    if !messages.is_empty() {
        fields.put(name, messages.to_vec().into());
    }
}

fn is_name(name: &str) -> bool {
    role_of(name).is_some()
}

fn role_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "gen_ai.system.message" => "system",
        "gen_ai.user.message" => "user",
        "gen_ai.assistant.message" | "gen_ai.choice" => "assistant",
        "gen_ai.tool.message" => "tool",
        _ => return None,
    })
}

/// Returns the JSON that a text holds, else the text.
fn json(value: Value) -> Value {
    let Value::String(text) = &value else {
        return value;
    };
    let held = serde_json::from_str(text).ok();
    held.filter(|held: &Value| held.is_object() || held.is_array())
        .unwrap_or(value)
}
