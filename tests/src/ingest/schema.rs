//! Which keys there are.

use super::shape::Field;
use super::shape::Shape::{
    Any, Count, Flag, Free, Id, Named, Number, Object, OneOf, OwnId, Text, Time,
};

const MUST: bool = true;
const MAY: bool = false;

pub(super) const ENVELOPE: &[Field] = &[
    ("schema_version", OneOf(&["1.0"]), MUST),
    ("source", Named(80), MUST),
    ("sdk", Object(SDK), MUST),
    ("batch_id", OwnId(&["batch_"]), MUST),
    ("sent_at", Time, MUST),
    ("events", Any, MUST),
];

const SDK: &[Field] = &[
    ("name", Named(100), MUST),
    ("version", Text(100), MAY),
    ("language", Named(50), MUST),
];

/// The types of events.
pub(super) const TYPES: &[&str] = &[
    "trace.start",
    "trace.end",
    "span.start",
    "span.update",
    "span.end",
    "message",
    "llm.request",
    "llm.response",
    "llm.stream_start",
    "llm.stream_chunk",
    "llm.stream_end",
    "tool.call",
    "tool.result",
    "retrieval",
    "eval.result",
    "error",
    "metric",
    "feedback",
    "user.signal",
    "identity.update",
];

/// What something ended with. `cancelled` and `interrupted` are this SDK's own: the reference knows
/// two.
pub(super) const ENDS: &[&str] = &["ok", "error", "cancelled", "interrupted"];
const TOOL_STATES: &[&str] = &["started", "ok", "error", "cancelled", "interrupted"];
const EVENT_IDS: &[&str] = &[
    "evt_",
    "evt_check_start_",
    "evt_check_metric_",
    "evt_check_end_",
];

pub(super) const EVENT: &[Field] = &[
    ("event_id", OwnId(EVENT_IDS), MUST),
    ("event_type", OneOf(TYPES), MUST),
    ("schema_version", OneOf(&["1.0"]), MUST),
    ("trace_id", Id("trace_"), MAY),
    ("external_trace_id", Named(200), MAY),
    ("span_id", Id("span_"), MAY),
    ("parent_span_id", Id("span_"), MAY),
    ("span_type", Named(80), MAY),
    ("sequence", Count(1), MAY),
    ("occurred_at", Time, MUST),
    ("started_at", Time, MAY),
    ("ended_at", Time, MAY),
    ("duration_ms", Number(0.0), MAY),
    ("name", Text(300), MAY),
    ("status", OneOf(ENDS), MAY),
    ("attributes", Free, MAY),
    ("agent", Object(AGENT), MAY),
    ("model", Object(MODEL), MAY),
    ("tool", Object(TOOL), MAY),
    ("usage", Object(USAGE), MAY),
    ("outcome", Object(OUTCOME), MAY),
    ("error", Object(ERROR), MAY),
    ("context", Object(CONTEXT), MAY),
    ("message", Object(MESSAGE), MAY),
    ("integration", Object(INTEGRATION), MAY),
    ("links", Object(LINKS), MAY),
    ("raw", Free, MAY),
];

const AGENT: &[Field] = &[
    ("id", Text(200), MAY),
    ("name", Text(200), MAY),
    ("version", Text(100), MAY),
    ("prompt_version", Text(100), MAY),
    ("deployment", Text(100), MAY),
    ("environment", Text(100), MAY),
];

const MODEL: &[Field] = &[
    ("provider", Text(100), MAY),
    ("model", Text(200), MAY),
    ("model_version", Text(100), MAY),
    ("reasoning_mode", Text(100), MAY),
    ("temperature", Number(f64::MIN), MAY),
];

const TOOL: &[Field] = &[
    ("name", Text(200), MAY),
    ("tool_call_id", Id("tool_"), MAY),
    ("status", OneOf(TOOL_STATES), MAY),
    ("args_shape_hash", Text(200), MAY),
    ("retry_count", Count(0), MAY),
];

const USAGE: &[Field] = &[
    ("input_tokens", Count(0), MAY),
    ("output_tokens", Count(0), MAY),
    ("cached_tokens", Count(0), MAY),
    ("reasoning_tokens", Count(0), MAY),
    ("total_tokens", Count(0), MAY),
    ("context_window_tokens", Count(0), MAY),
    ("context_used_tokens", Count(0), MAY),
    ("context_utilization", Number(0.0), MAY),
    ("cost_usd", Number(0.0), MAY),
];

const OUTCOME: &[Field] = &[
    ("success", Flag, MAY),
    ("status", OneOf(ENDS), MAY),
    ("eval_score", Number(f64::MIN), MAY),
    ("user_accepted", Flag, MAY),
    ("human_escalated", Flag, MAY),
    ("business_outcome", Text(200), MAY),
    ("failure_reason", Text(300), MAY),
];

const ERROR: &[Field] = &[
    ("type", Named(200), MAY),
    ("signature", Text(300), MAY),
    ("message_preview", Text(1000), MAY),
];

const CONTEXT: &[Field] = &[
    ("user_id", Text(200), MAY),
    ("account_id", Text(200), MAY),
    ("session_id", Text(200), MAY),
    ("conversation_id", Text(200), MAY),
    ("user_traits", Free, MAY),
    ("account_traits", Free, MAY),
];

const MESSAGE: &[Field] = &[
    ("id", Text(200), MAY),
    ("role", Named(80), MAY),
    ("content", Any, MAY),
    ("content_type", Text(80), MAY),
    ("tool_call_id", Text(200), MAY),
    ("index", Count(0), MAY),
    ("is_internal", Flag, MAY),
];

const INTEGRATION: &[Field] = &[
    ("name", Text(100), MAY),
    ("version", Text(100), MAY),
    ("framework", Text(100), MAY),
    ("runtime", Text(100), MAY),
];

const LINKS: &[Field] = &[
    ("run_id", Text(200), MAY),
    ("rollout_id", Text(200), MAY),
    ("dataset_id", Text(200), MAY),
    ("experiment_id", Text(200), MAY),
    ("optimization_job_id", Text(200), MAY),
];
