//! What is looked for in a run, and in a part of it.

use crate::show::{RecordedError, Status, Step, StepKind};

/// Gives a type that has `steps`, and a run `around` it, the methods that look into them.
macro_rules! searches {
    ($type:ident) => {
        #[allow(
            clippy::return_self_not_must_use,
            reason = "to look for something is to assert that it is there"
        )]
        impl $type {
            /// Returns all steps inside it that are as described, at any depth, each before those that
            /// are inside it.
            pub fn all(
                &self,
                is_meant: impl Fn(&$crate::show::Step) -> bool,
            ) -> Vec<$crate::testing::RecordedSpan> {
                let mut found = Vec::new();
                $crate::testing::search::walk(&self.steps, &mut |step| {
                    if is_meant(step) {
                        found.push(self.around().step(step));
                    }
                });
                found
            }

            /// Returns the first step inside it that is as described.
            pub fn find(
                &self,
                is_meant: impl Fn(&$crate::show::Step) -> bool,
            ) -> Option<$crate::testing::RecordedSpan> {
                self.all(is_meant).into_iter().next()
            }

            /// Returns the only step of this name inside it, at any depth. Events, such as messages,
            /// are not among them: [`find`](Self::find) finds those.
            ///
            /// # Panics
            ///
            /// If there is none, or more than one.
            #[track_caller]
            pub fn span(&self, name: &str) -> $crate::testing::RecordedSpan {
                let found = self
                    .all(|step| step.name == name && step.kind != $crate::show::StepKind::Event);
                $crate::testing::search::only(self.around(), found, &format!("span `{name}`"))
            }

            /// Returns the calls of tools inside it, in the order in which they began.
            pub fn tools(&self) -> Vec<$crate::testing::RecordedSpan> {
                self.all(|step| step.kind == $crate::show::StepKind::Tool)
            }

            /// Returns the only call of the tool of this name inside it.
            ///
            /// # Panics
            ///
            /// If there is none, or more than one.
            #[track_caller]
            pub fn tool(&self, name: &str) -> $crate::testing::RecordedSpan {
                let mut found = self.tools();
                found.retain(|call| call.name == name);
                let what = format!("call of the tool `{name}`");
                $crate::testing::search::only(self.around(), found, &what)
            }

            /// Returns the calls to models inside it, in the order in which they began.
            pub fn llm_calls(&self) -> Vec<$crate::testing::RecordedSpan> {
                self.all(|step| step.kind == $crate::show::StepKind::Model)
            }

            /// Returns the only call to a model inside it.
            ///
            /// # Panics
            ///
            /// If there is none, or more than one.
            #[track_caller]
            pub fn llm_call(&self) -> $crate::testing::RecordedSpan {
                $crate::testing::search::only(self.around(), self.llm_calls(), "call to a model")
            }

            /// Asserts that a tool of this name was called inside it, and returns the calls, of which
            /// more can be said.
            #[track_caller]
            pub fn assert_tool_called(&self, name: &str) -> $crate::testing::ToolCalls {
                $crate::testing::ToolCalls::of(self.around(), self.tools(), name)
            }

            /// Asserts that no tool of this name was called inside it.
            #[track_caller]
            pub fn assert_tool_not_called(&self, name: &str) -> &Self {
                let calls = self.tools();
                let calls = calls.iter().filter(|call| call.name == name).count();
                self.around().check(calls == 0, || {
                    format!("the tool `{name}` was called, {calls} times")
                });
                self
            }

            /// Asserts that these are the tools that were called inside it, in this order.
            #[track_caller]
            pub fn assert_tools<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> &Self {
                let calls = self.tools();
                let called: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
                let names: Vec<S> = names.into_iter().collect();
                let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                self.around().check(called == names, || {
                    format!("other tools were called\nexpected: {names:?}\n  called: {called:?}")
                });
                self
            }

            /// Asserts that it went well. Something inside it may have failed that it got over.
            #[track_caller]
            pub fn assert_ok(&self) -> &Self {
                let (name, status, error) = self.fate();
                self.around()
                    .check(*status == $crate::show::Status::Ok, || {
                        $crate::testing::search::complaint(name, status, error, "gone well")
                    });
                self
            }

            /// Asserts that it failed, by an error of this type, or with this text in its message.
            #[track_caller]
            pub fn assert_failed(&self, text: &str) -> &Self {
                let (name, status, error) = self.fate();
                let is_so = *status == $crate::show::Status::Failed
                    && error.is_some_and(|error| $crate::testing::search::says(error, text));
                self.around().check(is_so, || {
                    let expected = format!("failed with `{text}`");
                    $crate::testing::search::complaint(name, status, error, &expected)
                });
                self
            }
        }
    };
}

pub(super) use searches;

use super::{RecordedRun, RecordedSpan};

/// Visits all steps, each before those inside it.
pub(super) fn walk(steps: &[Step], visit: &mut dyn FnMut(&Step)) {
    for step in steps {
        visit(step);
        walk(&step.steps, visit);
    }
}

/// Returns the only one that was found.
#[track_caller]
pub(super) fn only(around: &RecordedRun, mut found: Vec<RecordedSpan>, what: &str) -> RecordedSpan {
    match (found.pop(), found.len()) {
        (Some(step), 0) => step,
        (None, _) => {
            let near = nearest(around, what);
            panic!("there is no {what}{near}\n\n{}\n", around.show())
        }
        (_, others) => panic!(
            "there are {} times a {what}\n\n{}\n",
            others + 1,
            around.show()
        ),
    }
}

/// Says what there is instead.
fn nearest(around: &RecordedRun, what: &str) -> String {
    let is_tool = what.contains("tool");
    let mut names: Vec<String> = Vec::new();
    walk(&around.steps, &mut |step| {
        let is_meant = !is_tool || step.kind == StepKind::Tool;
        if is_meant && step.kind != StepKind::Event && !names.contains(&step.name) {
            names.push(step.name.clone());
        }
    });
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("; there is {}", names.join(", "))
    }
}

pub(super) fn says(error: &RecordedError, text: &str) -> bool {
    error.kind.as_deref() == Some(text)
        || error.code.as_deref() == Some(text)
        || error.message.contains(text)
}

pub(super) fn complaint(
    name: &str,
    status: &Status,
    error: Option<&RecordedError>,
    expected: &str,
) -> String {
    let error = error.map(|error| {
        let kind = error.kind.as_deref().unwrap_or("error");
        format!(", {kind}: {}", error.message)
    });
    format!(
        "`{name}` should have {expected}, but its status is `{status}`{}",
        error.unwrap_or_default()
    )
}
