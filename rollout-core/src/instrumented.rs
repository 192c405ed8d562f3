//! What `#[derive(Instrumented)]` and `#[llm]` expand to calls of. Ordinary code, so that expansions
//! are short.

mod call;
mod json;
mod returned;
mod stream;
#[cfg(feature = "blocking")]
mod waited;

pub use call::{Details, ModelCall, Prepared};
pub use json::ProviderJson;
pub use returned::{Returned, Streaming};
pub use stream::{Chunks, RecordedIterator, RecordedStream};
#[cfg(feature = "blocking")]
pub use waited::Waited;

#[cfg(feature = "blocking")]
pub use crate::blocking::{Background, StartError};
pub use crate::instrument::Scope;
pub use crate::provider::WireFormat;

use crate::llm::CallOptions;

/// What the declaration of a method says of its calls; known at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    format: WireFormat,
    name: Option<&'static str>,
    provider: Option<&'static str>,
    streaming: bool,
    capture_input: bool,
    capture_output: bool,
}

impl Operation {
    /// Returns the operation whose JSON has this format.
    pub const fn new(format: WireFormat) -> Self {
        Self {
            format,
            name: None,
            provider: None,
            streaming: false,
            capture_input: true,
            capture_output: true,
        }
    }

    /// Names the span, instead of the format.
    #[must_use]
    pub const fn name(self, name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..self
        }
    }

    /// Names who serves the model, where it is not the one whose format it is.
    #[must_use]
    pub const fn provider(self, name: &'static str) -> Self {
        Self {
            provider: Some(name),
            ..self
        }
    }

    /// Says that the answer is streamed.
    #[must_use]
    pub const fn streaming(self) -> Self {
        Self {
            streaming: true,
            ..self
        }
    }

    /// Sets whether the request is captured.
    #[must_use]
    pub const fn input(self, capture: bool) -> Self {
        Self {
            capture_input: capture,
            ..self
        }
    }

    /// Sets whether the answer is captured.
    #[must_use]
    pub const fn output(self, capture: bool) -> Self {
        Self {
            capture_output: capture,
            ..self
        }
    }

    fn options(self) -> CallOptions {
        let mut options = CallOptions::new(self.format)
            .streaming(self.streaming)
            .capture_input(self.capture_input)
            .capture_output(self.capture_output);
        if let Some(name) = self.name {
            options = options.name(name);
        }
        if let Some(provider) = self.provider {
            options = options.provider(provider);
        }
        options
    }
}
