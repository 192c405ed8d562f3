use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::chunks::{ChunkSource, Frames};
use super::wire::{Attempt, Head};
use crate::instrument::WrapOptions;
use crate::pipeline::Progress;
use crate::provider::WireFormat;

/// What is special about the span of a call to a model.
pub(crate) struct CallState {
    pub(crate) format: WireFormat,
    pub(crate) provider: Cow<'static, str>,
    /// The model that is asked for, where the request does not say.
    pub(crate) model: Option<Cow<'static, str>>,
    pub(crate) streaming: bool,
    /// Whether the client adds `stream: true` to the request.
    pub(crate) sets_stream_flag: bool,
    /// Whether input and output are recorded, all switches taken together.
    pub(crate) capture_input: bool,
    pub(crate) capture_output: bool,
    pub(crate) options: Arc<WrapOptions>,
    /// What the typed stream brings.
    pub(crate) chunks: OnceLock<Arc<dyn ChunkSource>>,
    /// What the wire brings, where a layer sees it. Wins over what the typed side says, which knows
    /// only what its types have room for.
    pub(crate) frames: Frames,
    pub(crate) transport: Mutex<Transport>,
    /// What the worker made of it so far. Nobody else locks it, nor pays for its room.
    pub(crate) progress: Mutex<Option<Box<Progress>>>,
}

/// What a layer saw of the HTTP exchange.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    pub(crate) head: Option<Head>,
    pub(crate) attempts: Vec<Attempt>,
}

impl Transport {
    /// Returns the status of the answer: where a layer below made an error of it, that of the last
    /// attempt.
    pub(crate) fn status(&self) -> Option<u16> {
        match &self.head {
            Some(head) => Some(head.status),
            None => self.attempts.last()?.status,
        }
    }

    /// Returns what the content type says the body is.
    pub(crate) fn content_type(&self) -> Option<&'static str> {
        self.head
            .as_ref()
            .filter(|head| head.is_event_stream)
            .map(|_| "text/event-stream")
    }
}

impl CallState {
    pub(crate) fn new(
        format: WireFormat,
        provider: Cow<'static, str>,
        model: Option<Cow<'static, str>>,
        (streaming, sets_stream_flag): (bool, bool),
        capture: (bool, bool),
        options: Arc<WrapOptions>,
    ) -> Self {
        Self {
            format,
            provider,
            model,
            streaming,
            sets_stream_flag,
            capture_input: capture.0,
            capture_output: capture.1,
            options,
            chunks: OnceLock::new(),
            frames: Frames::default(),
            transport: Mutex::default(),
            progress: Mutex::default(),
        }
    }

    /// Returns whether a layer looks at this call's wire.
    pub(crate) fn is_tapped(&self) -> bool {
        self.frames.is_open()
    }

    /// Returns the chunks that the worker is to read: those from the wire where there are any.
    pub(crate) fn source(&self) -> Option<&dyn ChunkSource> {
        if self.is_tapped() {
            return Some(&self.frames);
        }
        self.chunks.get().map(|chunks| &**chunks)
    }

    pub(crate) fn with_transport<R>(&self, change: impl FnOnce(&mut Transport) -> R) -> R {
        change(
            &mut self
                .transport
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl fmt::Debug for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallState")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
