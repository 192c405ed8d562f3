//! Whether a comparison would notice if the SDK sent something else: it is made again with events that
//! are not what they were.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use super::compare::compare;
use super::difference::{Difference, is_late};

/// Programs with more events than this are changed here and there only, and so are their values.
const MANY: usize = 24;
/// How many values of a program are changed, at most: more would take longer than they are worth.
const VALUES: usize = 60;

/// Returns the changes of our events that their comparison with a capture does not notice, though they
/// are about what the reference sends as well.
pub(crate) fn unnoticed(
    reference: &[Value],
    ours: &[Value],
    allowed: &[&Difference],
) -> Vec<String> {
    let is_noticed = |changed: Vec<Value>| {
        // A difference that is no longer as it should be may say so by a panic.
        let compared = AssertUnwindSafe(|| compare(reference.to_vec(), changed, allowed));
        catch_unwind(compared).map_or(true, |problems| !problems.is_empty())
    };
    let mut missed = Vec::new();
    let mut values = Vec::new();
    for place in (0..ours.len()).step_by(ours.len().div_ceil(MANY).max(1)) {
        let event = &ours[place];
        if is_late(event) {
            continue;
        }
        let told = format!("{place}: {} {}", event["event_type"], event["name"]);
        let mut without = ours.to_vec();
        without.remove(place);
        if !is_noticed(without) {
            missed.push(format!("{told} is missing"));
        }
        if let Some(next) = ours.get(place + 1)
            && next["trace_id"] == event["trace_id"]
            && !is_late(next)
        {
            let mut swapped = ours.to_vec();
            swapped.swap(place, place + 1);
            if !is_noticed(swapped) {
                missed.push(format!("{told} comes later"));
            }
        }
        let mut more = ours.to_vec();
        more[place]["more"] = json!(1);
        if !is_noticed(more) {
            missed.push(format!("{told} has a member more"));
        }
        let theirs = leaves(event)
            .into_iter()
            .filter(|path| is_compared(event, path, reference));
        values.extend(theirs.map(|path| (place, path)));
    }
    // An odd step does not fall into step with the events.
    let step = values.len().div_ceil(VALUES) | 1;
    for (place, path) in values.into_iter().step_by(step) {
        let mut changed = ours.to_vec();
        change(changed[place].pointer_mut(&path).unwrap());
        if !is_noticed(changed) {
            let (kind, name) = (&ours[place]["event_type"], &ours[place]["name"]);
            missed.push(format!("{place}: {kind} {name} has another {path}"));
        }
    }
    missed
}

/// Returns whether a value is one that a comparison looks at.
fn is_compared(event: &Value, path: &str, reference: &[Value]) -> bool {
    let is_ours_alone = path.starts_with("/attributes/")
        && reference.iter().all(|event| event.pointer(path).is_none());
    // An error's type and words are the client's, and of a streamed answer its text is compared.
    let is_the_clients = path.starts_with("/error/")
        || path.starts_with("/raw/output/") && event["event_type"] == "llm.stream_end";
    path != "/duration_ms" && path != "/model/model_version" && !is_ours_alone && !is_the_clients
}

/// Returns the paths of all values that are neither objects nor lists.
fn leaves(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => return vec![String::new()],
    };
    let below = inner.into_iter().flat_map(|(key, value)| {
        let paths = leaves(value).into_iter();
        paths.map(move |path| format!("/{key}{path}"))
    });
    below.collect()
}

fn change(value: &mut Value) {
    *value = match &*value {
        Value::String(text) => json!(format!("{text}x")),
        Value::Bool(yes) => json!(!yes),
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 1.0),
        _ => json!("x"),
    };
}
