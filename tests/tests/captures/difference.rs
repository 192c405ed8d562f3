//! In what this SDK may differ from the reference: each with its reason.

use serde_json::{Map, Value};

use super::normal::trace_of;

mod shared;

pub(crate) use shared::*;

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
    /// Attributes that this SDK adds.
    Attributes(&'static [&'static str]),
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

    pub(crate) const fn attributes(why: &'static str, names: &'static [&'static str]) -> Self {
        let what = What::Attributes(names);
        Self { why, what }
    }

    /// Makes both sides alike in this; returns what was alike already.
    pub(crate) fn allow(&self, both: &mut Both) -> Vec<String> {
        let why = self.why;
        match self.what {
            What::Rule(rule) if rule(both) => Vec::new(),
            What::Rule(_) => vec![format!("there is no such difference: {why}")],
            What::Attributes(names) => {
                let unused = names.iter().filter(|name| !both.strip_attribute(name));
                unused
                    .map(|name| format!("there is no attribute {name}: {why}"))
                    .collect()
            }
        }
    }
}

impl Both {
    /// Removes an attribute that only our events have, and says whether there was one.
    fn strip_attribute(&mut self, name: &str) -> bool {
        let theirs = |event: &Value| !event["attributes"][name].is_null();
        if self.reference.iter().any(theirs) {
            return false;
        }
        let mut found = false;
        for event in self.ours.iter_mut().filter_map(Value::as_object_mut) {
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
        let all = self.reference.clone();
        let mut gone = Vec::new();
        for event in std::mem::take(&mut self.reference) {
            if which(&event, &all) {
                gone.push(event);
            } else {
                self.reference.push(event);
            }
        }
        for event in &mut self.reference {
            let Some(number) = event["sequence"].as_u64() else {
                continue;
            };
            let before = gone.iter().filter(|gone| {
                trace_of(gone) == trace_of(event) && gone["sequence"].as_u64() < Some(number)
            });
            event["sequence"] = (number - before.count() as u64).into();
        }
        !gone.is_empty()
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
