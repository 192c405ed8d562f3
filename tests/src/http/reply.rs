//! What a server is told to answer.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

/// An answer, good or bad.
///
/// ```
/// use std::time::Duration;
/// use rollout_tests::Reply;
/// use serde_json::json;
///
/// let busy = Reply::json(json!({"error": {"message": "busy"}}))
///     .with_status(429)
///     .with_header("retry-after", "2");
/// let broken = Reply::sse(["data: 1\n\n", "data: 2\n\n"])
///     .paced(Duration::from_millis(5))
///     .reset_after(1);
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) pieces: Vec<Bytes>,
    /// A body that is streamed has no length in the head.
    pub(super) streamed: bool,
    pub(super) head_delay: Duration,
    pub(super) piece_delay: Duration,
    pub(super) fault: Option<(At, Fault)>,
    pub(crate) only_for: Option<String>,
}

/// When something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Before anything is sent.
    Head,
    /// After so many pieces of the body.
    Piece(usize),
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is closed in an orderly way.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing more happens.
    Hang,
}

impl Reply {
    fn new(content_type: Option<&str>, pieces: Vec<Bytes>) -> Self {
        let content_type = content_type.map(|kind| ("content-type".to_owned(), kind.to_owned()));
        Self {
            status: 200,
            headers: content_type.into_iter().collect(),
            pieces,
            streamed: false,
            head_delay: Duration::ZERO,
            piece_delay: Duration::ZERO,
            fault: None,
            only_for: None,
        }
    }

    /// Answers 200 with a JSON body.
    pub fn json(body: Value) -> Self {
        Self::new(Some("application/json"), vec![body.to_string().into()])
    }

    /// Answers 200 with a text.
    pub fn text(body: impl Into<String>) -> Self {
        Self::new(Some("text/plain"), vec![body.into().into()])
    }

    /// Answers with a status and no body.
    pub fn status(status: u16) -> Self {
        Self::new(None, Vec::new()).with_status(status)
    }

    /// Answers 200 with server-sent events. Each piece is sent as it is, whether it is an event,
    /// several, or the half of one.
    pub fn sse<P: Into<Bytes>>(pieces: impl IntoIterator<Item = P>) -> Self {
        Self::pieces(pieces).with_header("content-type", "text/event-stream")
    }

    /// Answers 200 with a body of unknown length that comes in pieces.
    pub fn pieces<P: Into<Bytes>>(pieces: impl IntoIterator<Item = P>) -> Self {
        let pieces = pieces.into_iter().map(Into::into).collect();
        Self {
            streamed: true,
            ..Self::new(None, pieces)
        }
    }

    /// Takes the request and never answers.
    pub fn hang() -> Self {
        Self::status(200).failing(At::Head, Fault::Hang)
    }

    /// Takes the request and closes the connection.
    pub fn close() -> Self {
        Self::status(200).failing(At::Head, Fault::Close)
    }

    /// Takes the request and resets the connection.
    pub fn reset() -> Self {
        Self::status(200).failing(At::Head, Fault::Reset)
    }

    /// Sets the status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header, in place of one of the same name.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before the answer begins.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.head_delay = delay;
        self
    }

    /// Waits before each piece of the body.
    #[must_use]
    pub fn paced(mut self, delay: Duration) -> Self {
        self.piece_delay = delay;
        self
    }

    /// Closes the connection after so many pieces: the body is not complete.
    #[must_use]
    pub fn cut_after(self, pieces: usize) -> Self {
        self.failing(At::Piece(pieces), Fault::Close)
    }

    /// Resets the connection after so many pieces. What was sent just before may be lost.
    #[must_use]
    pub fn reset_after(self, pieces: usize) -> Self {
        self.failing(At::Piece(pieces), Fault::Reset)
    }

    /// Sends no more after so many pieces, and leaves the connection open.
    #[must_use]
    pub fn hang_after(self, pieces: usize) -> Self {
        self.failing(At::Piece(pieces), Fault::Hang)
    }

    /// Promises the whole body, but closes the connection after so many of its bytes.
    #[must_use]
    pub fn truncated_to(mut self, bytes: usize) -> Self {
        let mut body = Bytes::from(self.pieces.concat());
        let rest = body.split_off(bytes.min(body.len()));
        self.pieces = vec![body, rest];
        self.cut_after(1)
    }

    /// Answers only requests for this path; the query does not count.
    #[must_use]
    pub fn for_path(mut self, path: &str) -> Self {
        self.only_for = Some(path.to_owned());
        self
    }

    /// Returns whether all of it arrives.
    pub(crate) fn is_whole(&self) -> bool {
        self.fault.is_none()
    }

    fn failing(mut self, at: At, fault: Fault) -> Self {
        self.fault = Some((at, fault));
        self
    }
}
