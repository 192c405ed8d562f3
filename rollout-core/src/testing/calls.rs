use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use serde_json::Value;

use super::{RecordedRun, RecordedSpan};

/// Calls of a tool, at least one, of which more can be said. Those that it does not hold for are left
/// out; if none is left the test fails, with the run as a tree.
///
/// ```
/// # use rollout_core as rollout;
/// # use serde_json::json;
/// # let recording = rollout::testing::record();
/// # recording.in_scope(|| {
/// #     let trace = rollout::trace("t").start();
/// #     for city in ["Paris", "Rome"] {
/// #         let call = trace.tool("weather").input(&json!({ "city": city }));
/// #         call.start().record_output(&21);
/// #     }
/// # });
/// let weather = recording.run().assert_tool_called("weather");
/// weather.with_arguments(json!({"city": "Paris"})).with_result(21).once();
/// ```
#[derive(Clone)]
#[must_use = "says no more than that the tool was called"]
pub struct ToolCalls {
    calls: Vec<RecordedSpan>,
    run: RecordedRun,
    /// What is known of them, in words.
    what: String,
}

impl ToolCalls {
    #[track_caller]
    pub(super) fn of(run: &RecordedRun, calls: Vec<RecordedSpan>, name: &str) -> Self {
        let (meant, others): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|call| call.name == name);
        run.check(!meant.is_empty(), || {
            let mut names: Vec<String> = others
                .iter()
                .map(|call| format!("`{}`", call.name))
                .collect();
            names.dedup();
            match names.as_slice() {
                [] => format!("the tool `{name}` was not called, nor any other"),
                names => format!(
                    "the tool `{name}` was not called; called was {}",
                    names.join(", ")
                ),
            }
        });
        Self {
            calls: meant,
            run: run.clone(),
            what: format!("call of `{name}`"),
        }
    }

    /// Asserts that one was given these arguments, no more and no fewer, and returns those.
    #[track_caller]
    pub fn with_arguments(self, arguments: impl Serialize) -> Self {
        let wanted = to_json(arguments);
        self.narrow("arguments", &wanted, RecordedSpan::input)
    }

    /// Asserts that one returned this, and returns those.
    #[track_caller]
    pub fn with_result(self, result: impl Serialize) -> Self {
        let wanted = to_json(result);
        self.narrow("result", &wanted, RecordedSpan::output)
    }

    /// Asserts that this is the number of them.
    #[track_caller]
    pub fn times(self, times: usize) -> Self {
        let (found, what) = (self.calls.len(), &self.what);
        self.run.check(found == times, || {
            format!("{times} times a {what} expected, found {found}")
        });
        self
    }

    /// Asserts that there is one, and returns it.
    #[track_caller]
    pub fn once(self) -> RecordedSpan {
        super::search::only(&self.run, self.calls, &self.what)
    }

    /// Asserts that all of them went well.
    #[track_caller]
    pub fn assert_ok(self) -> Self {
        for call in &self.calls {
            call.assert_ok();
        }
        self
    }

    #[track_caller]
    fn narrow(self, what: &str, wanted: &Value, of: impl Fn(&RecordedSpan) -> Value) -> Self {
        let Self {
            calls,
            run,
            what: whose,
        } = self;
        let (meant, others): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|call| of(call) == *wanted);
        run.check(!meant.is_empty(), || {
            let found = others
                .iter()
                .map(|call| format!("\n   found: {}", of(call)));
            let found: String = found.collect();
            format!("no {whose} has the {what}\nexpected: {wanted}{found}")
        });
        Self {
            calls: meant,
            run,
            what: format!("{whose} with the {what} {wanted}"),
        }
    }
}

/// Returns the value as it would be recorded; null if it can't be.
fn to_json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl Deref for ToolCalls {
    type Target = [RecordedSpan];

    fn deref(&self) -> &[RecordedSpan] {
        &self.calls
    }
}

impl fmt::Debug for ToolCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.calls).finish()
    }
}
