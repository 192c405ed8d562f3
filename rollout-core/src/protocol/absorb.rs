//! Several events about one thing, put together.

use serde_json::Value;

use super::{Event, Json, Raw};

impl Event {
    /// Adds what a later event about the same thing says, which wins where both say something.
    pub(crate) fn absorb(&mut self, later: Self) {
        macro_rules! take {
            ($($field:ident)*) => {$(
                if later.$field.is_some() {
                    self.$field = later.$field;
                }
            )*};
        }
        take!(external_trace_id parent_span_id span_type started_at ended_at duration_ms name status);
        self.occurred_at = self.occurred_at.max(later.occurred_at);
        self.format = later.format.or(self.format);
        self.attributes.extend(later.attributes);
        self.agent.absorb(later.agent);
        self.model.absorb(later.model);
        self.tool.absorb(later.tool);
        self.usage.absorb(later.usage);
        self.outcome.absorb(later.outcome);
        self.error.absorb(later.error);
        self.context.absorb(later.context);
        self.message.absorb(later.message);
        self.integration.absorb(later.integration);
        self.links.absorb(later.links);
        self.raw.absorb(later.raw);
    }
}

impl Raw {
    fn absorb(&mut self, later: Self) {
        macro_rules! take {
            ($($field:ident)*) => {$(
                if later.$field.is_some() {
                    self.$field = later.$field;
                }
            )*};
        }
        take!(input output arguments result chunk stream_preview data);
        self.more.extend(later.more);
    }
}

impl Json {
    /// Estimates how much memory it takes.
    pub(crate) fn weight(&self) -> usize {
        self.as_raw()
            .map_or_else(|| weight(self.as_value()), str::len)
    }
}

/// Estimates how much memory a value takes.
pub(crate) fn weight(value: &Value) -> usize {
    const ITEM: usize = 32;
    let content: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| key.len() + weight(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    ITEM + content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::EventType;
    use serde_json::json;

    #[test]
    fn the_later_word_wins_and_nothing_that_was_said_is_lost() {
        let mut event = Event::now(EventType::SpanStart);
        event.name = Some("first".into());
        event.model.provider = Some("openai".into());
        event.attributes.insert("a".into(), json!(1));
        event.raw.input = Some("in".to_owned().into());
        let mut later = Event::now(EventType::SpanEnd);
        later.name = Some("second".into());
        later.model.model = Some("m".into());
        later.attributes.insert("b".into(), json!(2));
        later.raw.output = Some("out".to_owned().into());
        event.absorb(later);
        assert_eq!(event.event_type(), EventType::SpanStart);
        assert_eq!(event.name.as_deref(), Some("second"));
        assert_eq!(event.model.provider.as_deref(), Some("openai"));
        assert_eq!(event.model.model.as_deref(), Some("m"));
        assert_eq!(json!(event.attributes), json!({"a": 1, "b": 2}));
        assert!(event.raw.input.is_some() && event.raw.output.is_some());
    }

    #[test]
    fn long_values_weigh_more() {
        let long = Json::from(json!({"list": ["x".repeat(1000)]}));
        assert!((1000..1200).contains(&long.weight()), "{}", long.weight());
        let text = Json::from_text("\"x\"".into()).unwrap();
        assert_eq!(text.weight(), 3);
    }
}
