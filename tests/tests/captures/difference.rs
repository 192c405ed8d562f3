//! In what this SDK may differ from the reference: each with its reason.

use serde_json::{Map, Value};

use super::normal::trace_of;

mod model;
mod shared;
mod stream;

pub(crate) use model::*;
pub(crate) use shared::*;
pub(crate) use stream::*;

/// A difference that is allowed, where it is there.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Why this is better, or as good.
    pub(crate) why: &'static str,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// Makes both sides alike in this, and says whether they were not.
    Rule(fn(&mut Both) -> bool),
    /// Attributes that this SDK adds to events of a name; to those of any where it is empty.
    Attributes(&'static str, &'static [&'static str]),
}

/// The events of both sides, in the order in which they were sent.
#[derive(Debug)]
pub(crate) struct Both {
    pub(crate) reference: Vec<Value>,
    pub(crate) ours: Vec<Value>,
}

impl Difference {
    pub(crate) const fn rule(why: &'static str, rule: fn(&mut Both) -> bool) -> Self {
        let what = What::Rule(rule);
        Self { why, what }
    }

    pub(crate) const fn attributes(
        why: &'static str,
        of: &'static str,
        names: &'static [&'static str],
    ) -> Self {
        let what = What::Attributes(of, names);
        Self { why, what }
    }

    /// Makes both sides alike in this; returns what was alike already.
    pub(crate) fn allow(&self, both: &mut Both) -> Vec<String> {
        let why = self.why;
        match self.what {
            What::Rule(rule) if rule(both) => Vec::new(),
            What::Rule(_) => vec![format!("there is no such difference: {why}")],
            What::Attributes(of, names) => {
                let unused = names.iter().filter(|name| !both.strip_attribute(of, name));
                unused
                    .map(|name| format!("there is no attribute {name}: {why}"))
                    .collect()
            }
        }
    }
}

impl Both {
    /// Leaves out what we show of a stream because half a second has passed, where the reference shows
    /// nothing for that reason: how long a program takes is free.
    pub(crate) fn forget_delays(&mut self) {
        if !self.reference.iter().any(is_late) {
            self.leave_out_ours(|event, _| is_late(event));
        }
    }

    /// Removes an attribute that only our events have, and says whether there was one.
    fn strip_attribute(&mut self, of: &str, name: &str) -> bool {
        let theirs = |event: &Value| !event["attributes"][name].is_null();
        if self.reference.iter().any(theirs) {
            return false;
        }
        let mut found = false;
        let ours = self.ours.iter_mut();
        let ours = ours.filter(|event| of.is_empty() || event["name"] == of);
        for event in ours.filter_map(Value::as_object_mut) {
            let Some(Value::Object(attributes)) = event.get_mut("attributes") else {
                continue;
            };
            found |= attributes.remove(name).is_some();
            if attributes.is_empty() {
                event.remove("attributes");
            }
        }
        found
    }

    /// Removes events of the reference, for which the numbers of those behind them move up; says
    /// whether there were any.
    pub(crate) fn leave_out(&mut self, which: impl Fn(&Value, &[Value]) -> bool) -> bool {
        leave_out(&mut self.reference, which)
    }

    /// Does the same with ours.
    pub(crate) fn leave_out_ours(&mut self, which: impl Fn(&Value, &[Value]) -> bool) -> bool {
        leave_out(&mut self.ours, which)
    }

    /// Changes events of the reference, and says whether that changed anything.
    pub(crate) fn change(&mut self, mut change: impl FnMut(&mut Map<String, Value>)) -> bool {
        change_all(&mut self.reference, &mut change)
    }

    /// Changes our events, and says whether that changed anything.
    pub(crate) fn change_ours(&mut self, mut change: impl FnMut(&mut Map<String, Value>)) -> bool {
        change_all(&mut self.ours, &mut change)
    }
}

/// Returns whether an event shows a stream for no other reason than that half a second has passed.
pub(crate) fn is_late(event: &Value) -> bool {
    let chunks = event["attributes"]["chunk_count"].as_u64();
    event["attributes"]["streaming"] == true
        && chunks.is_some_and(|chunks| chunks != 1 && !chunks.is_multiple_of(20))
}

fn leave_out(events: &mut Vec<Value>, which: impl Fn(&Value, &[Value]) -> bool) -> bool {
    let all = events.clone();
    let (gone, mut kept): (Vec<_>, Vec<_>) = events.drain(..).partition(|event| which(event, &all));
    for event in &mut kept {
        let Some(number) = event["sequence"].as_u64() else {
            continue;
        };
        let before = gone.iter().filter(|gone| {
            trace_of(gone) == trace_of(event) && gone["sequence"].as_u64() < Some(number)
        });
        event["sequence"] = (number - before.count() as u64).into();
    }
    *events = kept;
    !gone.is_empty()
}

fn change_all(events: &mut [Value], change: &mut dyn FnMut(&mut Map<String, Value>)) -> bool {
    let before = events.to_vec();
    events
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .for_each(change);
    before != events
}

/// Returns a member of an event, by the names on the way to it.
pub(crate) fn at<'a>(event: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(event.get(*first)?, |value, key| value.get(*key))
}

/// Removes a member of an event, and what is empty then.
pub(crate) fn remove(event: &mut Map<String, Value>, path: &[&str]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return event.remove(*first);
    }
    let inner = event.get_mut(*first)?.as_object_mut()?;
    let removed = remove(inner, rest);
    if inner.is_empty() {
        event.remove(*first);
    }
    removed
}
