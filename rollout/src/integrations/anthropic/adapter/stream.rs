use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use rollout_core::{LlmStream, StreamTap};

use super::hooks::Hooks;
use super::upstream::{
    self, Error,
    messages::{Message, StreamEvent, stream::Aggregator},
    types::Usage,
};
use super::{error, record};

type Note = fn(&mut StreamTap<StreamEvent>, &Result<StreamEvent, Error>);

/// The events of a message that is streamed: the same items as those of claude-api's `EventStream`,
/// and the same methods.
///
/// Recorded as they pass, until the stream ends or is dropped.
///
/// ```no_run
/// # use claude_api_0_6 as claude_api;
/// # use claude_api::messages::CreateMessageRequest;
/// use futures::StreamExt as _;
///
/// # async fn example(
/// #     claude: rollout::anthropic::Client,
/// #     request: CreateMessageRequest,
/// # ) -> Result<(), claude_api::Error> {
/// let mut events = claude.messages().create_stream(request).await?;
/// while let Some(event) = events.next().await {
///     println!("{:?}", event?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct EventStream {
    inner: LlmStream<upstream::messages::stream::EventStream, StreamEvent, Note>,
    hooks: Hooks,
}

impl EventStream {
    pub(super) fn new(
        inner: upstream::messages::stream::EventStream,
        tap: StreamTap<StreamEvent>,
    ) -> Self {
        Self {
            inner: LlmStream::new(inner, tap, record::note),
            hooks: Hooks::default(),
        }
    }

    pub(super) fn hooks(&mut self) -> &mut Hooks {
        &mut self.hooks
    }

    /// Calls `handler` with each piece of text, while [`aggregate`](Self::aggregate) runs.
    pub fn on_text_delta<F>(mut self, handler: F) -> Self
    where
        F: FnMut(&str) + Send + 'static,
    {
        self.hooks.text_delta = Some(Box::new(handler));
        self
    }

    /// Calls `handler` with the id, name and input of each tool call that is complete, the
    /// provider's own tools included, while [`aggregate`](Self::aggregate) runs.
    pub fn on_tool_use_complete<F>(mut self, handler: F) -> Self
    where
        F: FnMut(&str, &str, &serde_json::Value) + Send + 'static,
    {
        self.hooks.tool_use_complete = Some(Box::new(handler));
        self
    }

    /// Calls `handler` with each piece of thinking, while [`aggregate`](Self::aggregate) runs.
    pub fn on_thinking_delta<F>(mut self, handler: F) -> Self
    where
        F: FnMut(&str) + Send + 'static,
    {
        self.hooks.thinking_delta = Some(Box::new(handler));
        self
    }

    /// Calls `handler` with what the message consumed when it is complete, while
    /// [`aggregate`](Self::aggregate) runs.
    pub fn on_message_stop<F>(mut self, handler: F) -> Self
    where
        F: FnMut(&Usage) + Send + 'static,
    {
        self.hooks.message_stop = Some(Box::new(handler));
        self
    }

    /// Calls `handler` with an error before [`aggregate`](Self::aggregate) returns it.
    pub fn on_error<F>(mut self, handler: F) -> Self
    where
        F: FnMut(&Error) + Send + 'static,
    {
        self.hooks.error = Some(Box::new(handler));
        self
    }

    /// Reads the stream to its end, and returns the message that it would have been had it not been
    /// streamed.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; the first one ends it.
    pub async fn aggregate(self) -> Result<Message, Error> {
        let Self { inner, mut hooks } = self;
        let (mut events, mut tap, note) = inner.into_parts();
        let mut aggregator = Aggregator::default();
        let result = loop {
            let Some(event) = poll_fn(|cx| Pin::new(&mut events).poll_next(cx)).await else {
                break aggregator.finalize();
            };
            note(&mut tap, &event);
            let taken = event.and_then(|event| {
                hooks.event(&event);
                aggregator.handle(event)
            });
            if let Err(error) = taken {
                hooks.error(&error);
                break Err(error);
            }
        };
        if let Err(error) = &result {
            tap.note_error(|| error::failure(error));
        }
        tap.finish();
        result
    }
}

impl Stream for EventStream {
    type Item = Result<StreamEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.inner).poll_next(cx)
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::EventStream")
            .finish_non_exhaustive()
    }
}
