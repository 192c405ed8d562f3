//! What the recorder itself has to say: warnings about the configuration, losses, failures.
//!
//! It goes to standard error unless the program takes it, because a recorder whose warnings need a
//! logger to be set up is silent exactly when it is needed.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use crate::pipeline::redact;

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Only said with `debug` on.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is not as the program asked for.
    Warning,
    /// Something was lost.
    Error,
}

/// Something that the recorder says about itself.
///
/// ```
/// # use rollout_core as rollout;
/// let builder = rollout::builder().on_diagnostic(|diagnostic| {
///     // … into the program's own log, rather than to standard error …
///     eprintln!("rollout says: {diagnostic}");
/// });
/// # drop(builder);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The message, without a final full stop.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Where diagnostics go.
#[derive(Clone)]
pub(crate) struct Diagnostics {
    handler: Option<Arc<Handler>>,
    lowest: Severity,
}

pub(crate) type Handler = dyn Fn(&Diagnostic) + Send + Sync;

impl Diagnostics {
    pub(crate) fn new(handler: Option<Arc<Handler>>, debug: bool) -> Self {
        Self {
            handler,
            lowest: if debug {
                Severity::Debug
            } else {
                Severity::Info
            },
        }
    }

    /// Returns whether `debug` is on, for what is costly to say.
    pub(crate) fn is_debug(&self) -> bool {
        self.lowest == Severity::Debug
    }

    pub(crate) fn debug(&self, message: impl fmt::Display) {
        self.say(Severity::Debug, message);
    }

    pub(crate) fn info(&self, message: impl fmt::Display) {
        self.say(Severity::Info, message);
    }

    pub(crate) fn warn(&self, message: impl fmt::Display) {
        self.say(Severity::Warning, message);
    }

    pub(crate) fn error(&self, message: impl fmt::Display) {
        self.say(Severity::Error, message);
    }

    fn say(&self, severity: Severity, message: impl fmt::Display) {
        if severity < self.lowest {
            return;
        }
        let diagnostic = Diagnostic {
            severity,
            // Values of variables, addresses and what servers say are quoted in them.
            message: redact::text(&message.to_string()).into_owned(),
        };
        let Some(handler) = &self.handler else {
            // A closed standard error is no reason to panic, as `eprintln!` would.
            let _ = writeln!(std::io::stderr().lock(), "rollout: {diagnostic}");
            return;
        };
        // The handler is the program's code: if it panics, that is not the worker's end.
        let call = std::panic::AssertUnwindSafe(|| handler(&diagnostic));
        let _ = std::panic::catch_unwind(call);
    }
}

impl Default for Diagnostics {
    fn default() -> Self {
        Self::new(None, false)
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnostics")
            .field("lowest", &self.lowest)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn the_program_may_take_the_diagnostics_and_debug_ones_are_asked_for() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let handler: Arc<Handler> = Arc::new(move |d| sink.lock().unwrap().push(d.clone()));
        Diagnostics::new(Some(Arc::clone(&handler)), false).debug("quiet");
        Diagnostics::new(Some(handler), true).debug("heard");
        assert_eq!(
            said.lock()
                .unwrap()
                .iter()
                .map(|d| &*d.message)
                .collect::<Vec<_>>(),
            ["heard"]
        );
    }

    #[test]
    fn a_handler_that_panics_does_no_harm() {
        Diagnostics::new(Some(Arc::new(|_| panic!("handler"))), false).warn("x");
    }
}
