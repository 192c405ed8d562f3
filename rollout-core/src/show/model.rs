//! What a run is made of.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::Timestamp;

/// What an agent did once: a trace, and below it the steps it took.
///
/// A trace that was begun inside another one is a [`Step`] of that one.
///
/// ```no_run
/// # use rollout_core as rollout;
/// use std::time::Duration;
/// use rollout::show;
///
/// // The runs that took long, and what they spent their time on:
/// for run in show::load(".rollout")? {
///     if run.duration > Some(Duration::from_secs(30)) {
///         let totals = run.totals();
///         println!("{}: models {:?}, tools {:?}", run.name, totals.model_time, totals.tool_time);
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// The trace's id, or the program's own where it has no other.
    pub trace_id: String,
    /// The program's own id of the trace.
    pub external_trace_id: Option<String>,
    /// Where it was begun, if that was inside another trace.
    pub origin: Option<Origin>,
    /// The name of the trace; that of its first step where nothing tells of the trace itself.
    pub name: String,
    /// How it went.
    pub status: Status,
    /// When it began.
    pub started: Option<Timestamp>,
    /// How long it took. If it has not ended: up to the last that is known of it.
    pub duration: Option<Duration>,
    /// The user on whose behalf it ran.
    pub user_id: Option<String>,
    /// The session that it belongs to.
    pub session_id: Option<String>,
    /// The conversation that it belongs to.
    pub conversation_id: Option<String>,
    /// The program's own attributes.
    pub attributes: Map<String, Value>,
    /// What it was given.
    pub input: Option<Preview>,
    /// What it returned.
    pub output: Option<Preview>,
    /// What was too long to be recorded whole: `input`, `output`, `attributes`.
    pub truncated: Vec<String>,
    /// What went wrong.
    pub error: Option<RecordedError>,
    /// What it did, in the order in which that began.
    pub steps: Vec<Step>,
}

/// Something that a run did: a model call, a tool call, a span, a run of its own, or a single event
/// such as a message or a judgement.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// Its type in the program's words: the type of the span (`llm`, `tool`, `retrieval`, …) or of
    /// the event (`message`, `feedback`, …).
    pub label: String,
    /// The id of the span; of a run that of its trace, of a single event its own.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// How it went.
    pub status: Status,
    /// When it began.
    pub started: Option<Timestamp>,
    /// How long after the beginning of the run that was.
    pub offset: Option<Duration>,
    /// How long it took. If it has not ended: up to the last that is known of it. An event takes
    /// no time.
    pub duration: Option<Duration>,
    /// Who serves the model.
    pub provider: Option<String>,
    /// The model asked for.
    pub model: Option<String>,
    /// The model that answered, in the provider's words: often a version of the one asked for.
    pub response_model: Option<String>,
    /// What was consumed.
    pub usage: Usage,
    /// How long it took until the first content of a stream came.
    pub first_token: Option<Duration>,
    /// How many chunks a stream brought.
    pub chunks: Option<u64>,
    /// How many of them are missing in the record, as more came than is kept.
    pub lost_chunks: Option<u64>,
    /// Whether a stream is known to lack its end.
    pub incomplete: bool,
    /// Why the model stopped, in the provider's words.
    pub finish_reasons: Vec<String>,
    /// The tools that the model asked for.
    pub tool_calls: Vec<ToolRequest>,
    /// The tools that the provider ran itself, by name, or by type where that says it.
    pub server_tools: Vec<String>,
    /// The id that links a tool call to the model's request for it.
    pub tool_call_id: Option<String>,
    /// The attempts of an HTTP exchange, where they are known.
    pub attempts: Vec<Attempt>,
    /// How many attempts it took.
    pub attempt_count: Option<u64>,
    /// What it was given: the arguments of a tool, the last message to a model.
    pub input: Option<Preview>,
    /// What it returned: the result of a tool, the text of a model; of a stream that has not ended
    /// what it has brought so far.
    pub output: Option<Preview>,
    /// What was too long to be recorded whole: `input`, `output`, `arguments`, `result`, …
    pub truncated: Vec<String>,
    /// What went wrong.
    pub error: Option<RecordedError>,
    /// The program's own attributes.
    pub attributes: Map<String, Value>,
    /// What was done inside it, in the order in which that began.
    pub steps: Vec<Step>,
}

/// What a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepKind {
    /// A call to a model.
    Model,
    /// A call of a tool.
    Tool,
    /// Any other span.
    #[default]
    Span,
    /// A run that was begun inside this one.
    Run,
    /// A single event.
    Event,
}

/// How something went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It went well.
    Ok,
    /// It failed.
    Failed,
    /// It was dropped before it was done.
    Cancelled,
    /// Its answer broke off, or the program was stopped before it ended.
    Interrupted,
    /// Nothing tells of its end: it runs, as far as is known.
    #[default]
    Unfinished,
    /// It ended in a way that has a name of its own.
    Other(String),
}

impl Status {
    /// Returns the status of this name on the wire.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "ok" => Self::Ok,
            "error" => Self::Failed,
            "cancelled" => Self::Cancelled,
            "interrupted" => Self::Interrupted,
            name => Self::Other(name.to_owned()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Unfinished => "not finished",
            Self::Other(name) => name,
        })
    }
}

/// Where a trace was begun: inside another one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The other trace.
    pub trace_id: String,
    /// The span of it that was active.
    pub span_id: Option<String>,
}

/// The beginning of a value, as one line of text. Of a conversation: its last message.
///
/// Nothing in it makes a terminal do anything but show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// Who says it, where it is a message.
    pub role: Option<String>,
    /// What it says.
    pub text: String,
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A model's request for a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolRequest {
    /// The id that links it to the call of the tool.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The beginning of its arguments as one line, where they are known: `city: "Paris"`.
    pub arguments: Option<String>,
}

/// What was consumed, as far as it is known. Zero is not "unknown".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// All tokens read, those from and to the cache included. Anthropic itself counts those apart.
    pub input_tokens: Option<u64>,
    /// Tokens written, reasoning included.
    pub output_tokens: Option<u64>,
    /// Tokens read from the cache.
    pub cached_tokens: Option<u64>,
    /// Tokens written to the cache.
    pub cache_write_tokens: Option<u64>,
    /// Tokens written while thinking.
    pub reasoning_tokens: Option<u64>,
    /// Input and output together, where the provider adds them up.
    pub total_tokens: Option<u64>,
    /// What it cost in US dollars.
    pub cost_usd: Option<f64>,
}

/// An error or a panic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedError {
    /// Its type.
    pub kind: Option<String>,
    /// The HTTP status that came with it.
    pub status: Option<u64>,
    /// The provider's code, or its own name for the type.
    pub code: Option<String>,
    /// The beginning of its message.
    pub message: String,
    /// The messages of its sources, outermost first.
    pub sources: Vec<String>,
    /// What the provider said, where the message does not repeat it.
    pub provider_message: Option<String>,
}

/// One attempt of an HTTP exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The HTTP status that was answered.
    pub status: Option<u64>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took.
    pub duration: Option<Duration>,
}
