//! The texts of an event, for those who change them: masks, limits.

use serde_json::Value;

use super::Event;
use crate::protocol::Context;
use crate::protocol::objects::Field as _;

impl Event {
    /// Calls `change` with every text of the program, its users and its models: inputs, outputs,
    /// messages, attributes, traits and error messages. What masks personal data starts here.
    pub fn for_each_text(&mut self, mut change: impl FnMut(&mut String)) {
        for (_, json) in self.raw_members() {
            if let Some(json) = json {
                each_text(json.as_value_mut(), &mut change);
            }
        }
        if let Some(content) = &mut self.message.content {
            each_text(content.as_value_mut(), &mut change);
        }
        let Context {
            user_traits,
            account_traits,
            ..
        } = &mut self.context;
        let maps = [
            Some(&mut self.attributes),
            Some(&mut self.raw.more),
            user_traits.as_mut(),
            account_traits.as_mut(),
        ];
        for map in maps.into_iter().flatten() {
            map.values_mut()
                .for_each(|value| each_text(value, &mut change));
        }
        self.error.message_preview.iter_mut().for_each(change);
    }

    /// Calls `change` with every text that is a field by itself: names, ids, what a user is called.
    /// Values, attributes and traits have their own ways.
    pub(crate) fn each_field(&mut self, change: &mut dyn FnMut(&mut String)) {
        // In full, so that whoever adds a field is asked whether it holds texts.
        let Self {
            event_id: _,
            event_type: _,
            schema_version: _,
            trace_id,
            external_trace_id,
            span_id,
            parent_span_id,
            span_type,
            sequence: _,
            occurred_at: _,
            started_at: _,
            ended_at: _,
            duration_ms: _,
            name,
            status,
            attributes: _,
            agent,
            model,
            tool,
            usage,
            outcome,
            error,
            context,
            message,
            integration,
            links,
            raw: _,
            format: _,
        } = self;
        for field in [
            trace_id,
            external_trace_id,
            span_id,
            parent_span_id,
            span_type,
            name,
            status,
        ] {
            field.each_field(change);
        }
        agent.each_field(change);
        model.each_field(change);
        tool.each_field(change);
        usage.each_field(change);
        outcome.each_field(change);
        error.each_field(change);
        context.each_field(change);
        message.each_field(change);
        integration.each_field(change);
        links.each_field(change);
    }
}

/// Calls `change` with every text inside a value; keys are left alone.
fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(map) => map.values_mut().for_each(|item| each_text(item, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::{EventType, Json};

    #[test]
    fn every_text_can_be_masked() {
        let mut event = Event::now(EventType::SpanEnd);
        event.raw.input = Json::from_text(r#"{"q":["secret",1]}"#.into());
        event.raw.more.insert("hit".into(), "secret".into());
        event
            .attributes
            .insert("k".into(), json!({"deep": "secret"}));
        event.error.message_preview = Some("secret".into());
        event.message.content = Some("secret".to_owned().into());
        event.for_each_text(|text| *text = text.replace("secret", "•"));
        let json = String::from_utf8(event.to_json().unwrap()).unwrap();
        assert!(!json.contains("secret"), "{json}");
        assert_eq!(json.matches('•').count(), 5);
    }
}
