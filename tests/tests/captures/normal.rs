//! What is free becomes what it stands for: the third span, a time.

use std::collections::HashMap;

use serde_json::Value;

/// Returns events trace by trace, in the order in which the traces came first. Generated ids become
/// roles by their first appearance, so that what belongs to what can be compared; times and
/// durations become the fact that they are there.
pub(crate) fn normalise(events: &[Value]) -> Vec<Vec<Value>> {
    let mut traces: Vec<(String, Vec<Value>)> = Vec::new();
    for event in events {
        let key = trace_of(event);
        match traces.iter_mut().find(|(known, _)| *known == key) {
            Some((_, events)) => events.push(event.clone()),
            None => traces.push((key, vec![event.clone()])),
        }
    }
    let mut roles = Roles::default();
    for event in traces.iter().flat_map(|(_, events)| events) {
        roles.assign(event);
    }
    let traces = traces.into_iter().map(|(_, mut events)| {
        for event in &mut events {
            roles.replace(event);
            forget_times(event);
        }
        events
    });
    traces.collect()
}

/// Returns what an event's trace is known by.
pub(crate) fn trace_of(event: &Value) -> String {
    let keys = ["trace_id", "external_trace_id"].into_iter();
    let mut ids = keys.filter_map(|key| event[key].as_str());
    ids.next().unwrap_or("none").to_owned()
}

#[derive(Debug, Default)]
struct Roles {
    roles: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
}

impl Roles {
    fn assign(&mut self, event: &Value) {
        let ids = [
            &event["trace_id"],
            &event["span_id"],
            &event["parent_span_id"],
            &event["tool"]["tool_call_id"],
        ];
        for id in ids.into_iter().filter_map(Value::as_str) {
            let Some(kind) = generated(id).filter(|_| !self.roles.contains_key(id)) else {
                continue;
            };
            let count = self.counts.entry(kind).or_default();
            *count += 1;
            self.roles
                .insert(id.to_owned(), format!("<{kind} {count}>"));
        }
        // These are named once, and nobody refers to them.
        if let Some(id) = event["event_id"].as_str()
            && let Some(kind) = generated(id)
        {
            let again = self.roles.insert(id.to_owned(), format!("<{kind}>"));
            assert_eq!(again, None, "two events have the id {id}");
        }
    }

    fn replace(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(role) = self.roles.get(text.as_str()) {
                    text.clone_from(role);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item)),
            Value::Object(members) => members.values_mut().for_each(|item| self.replace(item)),
            _ => {}
        }
    }
}

/// What generated ids begin with.
const KINDS: [&str; 8] = [
    "trace",
    "trace_check",
    "span",
    "tool",
    "evt",
    "evt_check_start",
    "evt_check_metric",
    "evt_check_end",
];

/// Returns what an id names, if an SDK made it: a kind, and a UUID or 16 hexadecimal digits.
fn generated(id: &str) -> Option<&'static str> {
    let (prefix, random) = id.rsplit_once('_')?;
    let digits = random.replace('-', "");
    let is_random =
        matches!(digits.len(), 16 | 32) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    KINDS.into_iter().find(|kind| *kind == prefix && is_random)
}

fn forget_times(event: &mut Value) {
    for key in ["occurred_at", "started_at", "ended_at"] {
        if let Some(Value::String(time)) = event.get_mut(key)
            && humantime::parse_rfc3339(time).is_ok()
        {
            *time = "<time>".into();
        }
    }
    if let Some(duration) = event.get_mut("duration_ms")
        && duration
            .as_f64()
            .is_some_and(|milliseconds| milliseconds >= 0.0)
    {
        *duration = "<duration>".into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_become_roles_and_times_facts() {
        let trace = "trace_4bf92f35-77b3-4da6-a3ce-929d0e0e4736";
        let event = |id: u32, span: &str, parent: Value| {
            json!({
                "event_id": format!("evt_{id:08}-77b3-4da6-a3ce-929d0e0e4736"),
                "trace_id": trace, "span_id": span, "parent_span_id": parent,
                "occurred_at": "2026-11-22T14:58:01.469723Z", "duration_ms": 0.25,
                "attributes": {"in": span},
            })
        };
        let spans = ["span_00000000000000aa", "span_00000000000000ab"];
        let events = [
            event(1, spans[0], Value::Null),
            event(2, spans[1], json!(spans[0])),
            event(3, "span_of_mine", json!(spans[1])),
        ];
        let traces = normalise(&events);
        assert_eq!(traces.len(), 1);
        assert_eq!(
            traces[0][1],
            json!({
                "event_id": "<evt>", "trace_id": "<trace 1>", "span_id": "<span 2>",
                "parent_span_id": "<span 1>", "occurred_at": "<time>", "duration_ms": "<duration>",
                "attributes": {"in": "<span 2>"},
            })
        );
        assert_eq!(traces[0][2]["span_id"], "span_of_mine");
        assert_eq!(traces[0][2]["parent_span_id"], "<span 2>");
    }

    #[test]
    fn traces_are_told_apart_by_either_id() {
        let events = [
            json!({"trace_id": "trace_a", "sequence": 1}),
            json!({"external_trace_id": "user:1"}),
            json!({"trace_id": "trace_a", "sequence": 2}),
        ];
        let traces = normalise(&events);
        let sizes: Vec<_> = traces.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    #[should_panic(expected = "two events have the id")]
    fn an_id_of_an_event_is_there_once() {
        let event = json!({"event_id": "evt_4bf92f35-77b3-4da6-a3ce-929d0e0e4736"});
        normalise(&[event.clone(), event]);
    }
}
