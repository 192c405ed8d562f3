use std::fmt;

use rollout_core::blocking::{Background, Iter};

use super::super::hooks::Hooks;
use super::super::upstream::{
    Error,
    messages::{Message, StreamEvent, stream::Aggregator},
    types::Usage,
};

/// The events of a message that is streamed, as an iterator: it waits for each.
///
/// Recorded as they pass, until the stream ends or is dropped.
///
/// ```no_run
/// # use claude_api_0_6 as claude_api;
/// # use claude_api::messages::CreateMessageRequest;
/// # fn example(
/// #     claude: rollout::anthropic::Client,
/// #     request: CreateMessageRequest,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let claude = claude.blocking()?;
/// for event in claude.messages().create_stream(request)? {
///     println!("{:?}", event?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "iterators do nothing unless consumed"]
pub struct EventStream {
    inner: Iter<super::super::EventStream>,
    background: Background,
}

impl EventStream {
    pub(super) fn new(stream: super::super::EventStream, background: &Background) -> Self {
        Self {
            inner: background.iterate(stream),
            background: background.clone(),
        }
    }

    /// Calls `handler` with each piece of text, while [`aggregate`](Self::aggregate) runs.
    pub fn on_text_delta<F>(self, handler: F) -> Self
    where
        F: FnMut(&str) + Send + 'static,
    {
        self.with(|hooks| hooks.text_delta = Some(Box::new(handler)))
    }

    /// Calls `handler` with the id, name and input of each tool call that is complete, the
    /// provider's own tools included, while [`aggregate`](Self::aggregate) runs.
    pub fn on_tool_use_complete<F>(self, handler: F) -> Self
    where
        F: FnMut(&str, &str, &serde_json::Value) + Send + 'static,
    {
        self.with(|hooks| hooks.tool_use_complete = Some(Box::new(handler)))
    }

    /// Calls `handler` with each piece of thinking, while [`aggregate`](Self::aggregate) runs.
    pub fn on_thinking_delta<F>(self, handler: F) -> Self
    where
        F: FnMut(&str) + Send + 'static,
    {
        self.with(|hooks| hooks.thinking_delta = Some(Box::new(handler)))
    }

    /// Calls `handler` with what the message consumed when it is complete, while
    /// [`aggregate`](Self::aggregate) runs.
    pub fn on_message_stop<F>(self, handler: F) -> Self
    where
        F: FnMut(&Usage) + Send + 'static,
    {
        self.with(|hooks| hooks.message_stop = Some(Box::new(handler)))
    }

    /// Calls `handler` with an error before [`aggregate`](Self::aggregate) returns it.
    pub fn on_error<F>(self, handler: F) -> Self
    where
        F: FnMut(&Error) + Send + 'static,
    {
        self.with(|hooks| hooks.error = Some(Box::new(handler)))
    }

    /// Reads the stream to its end, and returns the message that it would have been had it not been
    /// streamed.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; the first one ends it.
    pub fn aggregate(self) -> Result<Message, Error> {
        match self.inner.into_inner() {
            Some(stream) => self.background.wait(stream.aggregate()),
            None => Aggregator::default().finalize(),
        }
    }

    fn with(mut self, set: impl FnOnce(&mut Hooks)) -> Self {
        if let Some(stream) = self.inner.get_mut() {
            set(stream.hooks());
        }
        self
    }
}

impl Iterator for EventStream {
    type Item = Result<StreamEvent, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next()
    }
}

impl std::iter::FusedIterator for EventStream {}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::blocking::EventStream")
            .finish_non_exhaustive()
    }
}
