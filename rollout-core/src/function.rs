//! What the attributes on functions expand to calls of. Ordinary code, so that expansions are short.

mod call;
mod id;
mod opening;
mod split;
mod stream;

pub use call::{Call, CallFuture};
pub use id::{IntoId, id};
pub use opening::{Opening, Prepared};
pub use split::{SplitPlain, SplitResult};
pub use stream::{CallStream, Items};

/// Calls a function's body, which may return early.
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Stands where a value of some type would be returned, to tell the compiler the type. Never called.
pub fn never<T>() -> T {
    unreachable!("only its type is used")
}

/// What an attribute says of its function; known at compile time.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Site {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) capture_input: bool,
    pub(crate) capture_output: bool,
    pub(crate) wait: bool,
}

/// What a call of a function is recorded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A trace of its own.
    Trace,
    /// A span of this type.
    Span(&'static str),
    /// A tool.
    Tool,
}

impl Site {
    /// Returns the site of a function that nothing of is captured.
    pub const fn new(kind: Kind, name: &'static str) -> Self {
        Self {
            kind,
            name,
            capture_input: false,
            capture_output: false,
            wait: false,
        }
    }

    /// Captures the arguments.
    #[must_use]
    pub const fn input(self, capture: bool) -> Self {
        Self {
            capture_input: capture,
            ..self
        }
    }

    /// Captures the result.
    #[must_use]
    pub const fn output(self, capture: bool) -> Self {
        Self {
            capture_output: capture,
            ..self
        }
    }

    /// Waits for delivery at the end.
    #[must_use]
    pub const fn wait(self, wait: bool) -> Self {
        Self { wait, ..self }
    }
}
