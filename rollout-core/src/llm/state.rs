use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::chunks::ChunkSource;
use super::wire::Attempt;
use crate::instrument::WrapOptions;
use crate::pipeline::Progress;
use crate::provider::WireFormat;

/// What is special about the span of a call to a model.
pub(crate) struct CallState {
    pub(crate) format: WireFormat,
    pub(crate) provider: Cow<'static, str>,
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
    pub(crate) frames: OnceLock<Arc<dyn ChunkSource>>,
    pub(crate) transport: Mutex<Transport>,
    /// Whether a layer looks at this call's wire.
    tapped: AtomicBool,
    /// What the worker made of it so far. Nobody else locks it.
    pub(crate) progress: Mutex<Progress>,
}

/// What a layer saw of the HTTP exchange.
#[derive(Debug, Default)]
pub(crate) struct Transport {
    pub(crate) status: Option<u16>,
    pub(crate) content_type: Option<String>,
    /// Headers from the allow-list: request ids, rate limits.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) attempts: Vec<Attempt>,
}

impl CallState {
    pub(crate) fn new(
        format: WireFormat,
        provider: Cow<'static, str>,
        (streaming, sets_stream_flag): (bool, bool),
        capture: (bool, bool),
        options: Arc<WrapOptions>,
    ) -> Self {
        Self {
            format,
            provider,
            streaming,
            sets_stream_flag,
            capture_input: capture.0,
            capture_output: capture.1,
            options,
            chunks: OnceLock::new(),
            frames: OnceLock::new(),
            transport: Mutex::default(),
            tapped: AtomicBool::new(false),
            progress: Mutex::default(),
        }
    }

    /// Makes the caller the one who looks at the wire; false if somebody is already.
    pub(crate) fn tap(&self) -> bool {
        !self.tapped.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_tapped(&self) -> bool {
        self.tapped.load(Ordering::Relaxed)
    }

    pub(crate) fn with_transport<R>(&self, change: impl FnOnce(&mut Transport) -> R) -> R {
        change(&mut self.transport.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallState").field("format", &self.format).finish_non_exhaustive()
    }
}
