//! Two lists of events, one of which should be the other.

use serde_json::Value;

use super::difference::{Both, Difference};
use super::normal::normalise;

/// Returns what is different between what the reference SDK sent and what this one did, apart from
/// the differences that are allowed; and which of those are not there.
pub(crate) fn compare(
    reference: Vec<Value>,
    ours: Vec<Value>,
    allowed: &[&Difference],
) -> Vec<String> {
    let mut both = Both { reference, ours };
    both.forget_delays();
    let mut problems = Vec::new();
    for difference in allowed {
        problems.extend(difference.allow(&mut both));
    }
    let (reference, ours) = (normalise(&both.reference), normalise(&both.ours));
    if reference.len() != ours.len() {
        problems.push(format!("{} traces, not {}", ours.len(), reference.len()));
    }
    for (number, (reference, ours)) in reference.iter().zip(&ours).enumerate() {
        compare_traces(number + 1, reference, ours, &mut problems);
    }
    problems
}

fn compare_traces(number: usize, reference: &[Value], ours: &[Value], problems: &mut Vec<String>) {
    let (expected, found) = (told(reference), told(ours));
    if expected != found {
        let expected = expected.join("\n    ");
        let found = found.join("\n    ");
        problems.push(format!(
            "trace {number}: expected\n    {expected}\n  found\n    {found}"
        ));
        return;
    }
    for (place, (reference, ours)) in reference.iter().zip(ours).enumerate() {
        let path = format!("trace {number}, {}: {}", place + 1, found[place]);
        compare_values(&path, "", reference, ours, problems);
    }
}

/// Returns each event's type and name.
fn told(events: &[Value]) -> Vec<String> {
    let words = events.iter().map(|event| {
        let kind = event["event_type"].as_str().unwrap_or("no type");
        match event["name"].as_str() {
            Some(name) => format!("{kind} {name}"),
            None => kind.to_owned(),
        }
    });
    words.collect()
}

fn compare_values(
    event: &str,
    path: &str,
    reference: &Value,
    ours: &Value,
    problems: &mut Vec<String>,
) {
    if let (Value::Object(reference), Value::Object(ours)) = (reference, ours) {
        let keys = reference.keys().chain(ours.keys());
        let mut keys: Vec<_> = keys.collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let path = format!("{path}.{key}");
            match (reference.get(key), ours.get(key)) {
                (Some(reference), Some(ours)) => {
                    compare_values(event, &path, reference, ours, problems);
                }
                (Some(reference), None) => {
                    problems.push(format!("{event}: {path} is missing: {reference}"));
                }
                (_, ours) => {
                    let ours = ours.unwrap_or(&Value::Null);
                    problems.push(format!("{event}: {path} is too much: {ours}"));
                }
            }
        }
    } else if reference != ours {
        problems.push(format!("{event}: {path} is {ours}, not {reference}"));
    }
}

#[cfg(test)]
mod tests;
