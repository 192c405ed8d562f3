//! The facts that a span shows, whoever the provider is.

use serde_json::{Map, Value};

/// What a request asks for.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RequestFacts {
    /// The model asked for; `None` where it is in the URL (Azure deployments, Bedrock, Vertex).
    pub model: Option<String>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The sampling temperature.
    pub temperature: Option<f64>,
    /// `reasoning_effort`, `reasoning.effort` or `thinking.type`, as sent.
    pub reasoning_mode: Option<String>,
    /// The other options under their OpenTelemetry GenAI names (`gen_ai.request.top_p`, …).
    pub attributes: Map<String, Value>,
}

/// What a provider answered.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ResponseFacts {
    /// The provider's id of the response.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The text: one a choice (chat, `None` where that choice has none), one an output part
    /// (responses), one a text block (messages).
    pub texts: Vec<Option<String>>,
    /// The reasoning made visible: per choice, summary part or thinking block.
    pub reasoning: Vec<String>,
    /// What the model refused to do, in its words.
    pub refusals: Vec<String>,
    /// The tools that the program is asked to call.
    pub tool_calls: Vec<ToolCall>,
    /// The tools that the provider ran itself, and the output items that are neither message,
    /// reasoning nor function call.
    pub server_tool_calls: Vec<ServerToolCall>,
    /// Why each choice ended, in the provider's own words; `None` where the stream broke off.
    pub finish_reasons: Vec<Option<String>>,
    /// The types of the output items (responses) or content blocks (messages), in order.
    pub item_types: Vec<String>,
    /// The status that a response object gives itself.
    pub status: Option<String>,
    /// Why a response object calls itself incomplete.
    pub incomplete_reason: Option<String>,
    /// The stop sequence that ended a message.
    pub stop_sequence: Option<String>,
    /// What was consumed, where the provider said so.
    pub usage: Option<Usage>,
    /// What went wrong: also inside a 2xx body, or in the middle of a stream.
    pub error: Option<CallError>,
    /// Whether the content says that it is whole: a finish reason, `[DONE]`, a terminal event.
    pub complete: bool,
    /// The rest under its OpenTelemetry GenAI name (`openai.response.service_tier`, …).
    pub attributes: Map<String, Value>,
}

/// A tool that the model asks the program to call.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ToolCall {
    /// The id that links the call to its result.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments as they were on the wire; not always valid JSON.
    pub arguments: String,
    /// The arguments as JSON, where the wire has them parsed or they can be.
    pub input: Option<Value>,
    /// The choice that asks for it, where there are several.
    pub choice: Option<u64>,
    /// Which kind of tool call it is.
    pub kind: ToolCallKind,
}

/// The kinds of tool call that the wire tells apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolCallKind {
    /// A function with JSON arguments.
    #[default]
    Function,
    /// A tool with free text as input.
    Custom,
    /// The `function_call` of the first chat models.
    LegacyFunction,
}

/// A tool that the provider ran itself.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ServerToolCall {
    /// Its id.
    pub id: Option<String>,
    /// The type of the output item or content block (`web_search_call`, `server_tool_use`, …).
    pub kind: String,
    /// Its name, where the type does not say it.
    pub name: Option<String>,
    /// What it was given.
    pub input: Option<Value>,
    /// How it ended.
    pub status: Option<String>,
}

/// Tokens, exactly as the provider counted them: nothing is converted, zero is not "unknown".
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read. Anthropic's exclude the cached ones, OpenAI's include them.
    pub input_tokens: Option<u64>,
    /// Tokens written, reasoning included.
    pub output_tokens: Option<u64>,
    /// Input and output together, where the provider adds them up.
    pub total_tokens: Option<u64>,
    /// Input tokens that came from the cache.
    pub cached_tokens: Option<u64>,
    /// Input tokens that were written to the cache.
    pub cache_write_tokens: Option<u64>,
    /// The part of the cache write that lives for five minutes.
    pub cache_write_5m_tokens: Option<u64>,
    /// The part of the cache write that lives for an hour.
    pub cache_write_1h_tokens: Option<u64>,
    /// Output tokens spent on reasoning.
    pub reasoning_tokens: Option<u64>,
    /// What the call cost in US dollars, where a gateway says so.
    pub cost_usd: Option<f64>,
    /// The size of the model's context window, in tokens.
    pub context_window_tokens: Option<u64>,
    /// How much of the context window was used, in tokens.
    pub context_used_tokens: Option<u64>,
    /// How much of the context window was used, from 0 to 1.
    pub context_utilization: Option<f64>,
    /// The provider's usage object itself.
    pub raw: Value,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $field:ident, $ty:ty;)*) => {
        impl Usage {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(mut self, $field: $ty) -> Self {
                self.$field = Some($field);
                self
            }
        )*}
    };
}

setters! {
    /// Sets how many tokens were read, as the provider counts them: OpenAI with those of the cache,
    /// Anthropic without.
    with_input_tokens: input_tokens, u64;
    /// Sets how many tokens were written, reasoning included.
    with_output_tokens: output_tokens, u64;
    /// Sets how many tokens there were together.
    with_total_tokens: total_tokens, u64;
    /// Sets how many of the input tokens came from the cache.
    with_cached_tokens: cached_tokens, u64;
    /// Sets how many of the input tokens were written to the cache.
    with_cache_write_tokens: cache_write_tokens, u64;
    /// Sets how many of the output tokens were spent on reasoning.
    with_reasoning_tokens: reasoning_tokens, u64;
    /// Sets what it cost, in US dollars.
    with_cost_usd: cost_usd, f64;
    /// Sets the size of the model's context window, in tokens.
    with_context_window_tokens: context_window_tokens, u64;
    /// Sets how much of the context window was used, in tokens.
    with_context_used_tokens: context_used_tokens, u64;
    /// Sets how much of the context window was used, from 0 to 1.
    with_context_utilization: context_utilization, f64;
}

impl Usage {
    /// Takes what a later one knows over, and keeps what it does not know.
    pub(crate) fn update(&mut self, later: Self) {
        // In full, so that a new count can't be forgotten.
        let Self {
            input_tokens,
            output_tokens,
            total_tokens,
            cached_tokens,
            cache_write_tokens,
            cache_write_5m_tokens,
            cache_write_1h_tokens,
            reasoning_tokens,
            cost_usd,
            context_window_tokens,
            context_used_tokens,
            context_utilization,
            raw,
        } = later;
        for (count, later) in [
            (&mut self.input_tokens, input_tokens),
            (&mut self.output_tokens, output_tokens),
            (&mut self.total_tokens, total_tokens),
            (&mut self.cached_tokens, cached_tokens),
            (&mut self.cache_write_tokens, cache_write_tokens),
            (&mut self.cache_write_5m_tokens, cache_write_5m_tokens),
            (&mut self.cache_write_1h_tokens, cache_write_1h_tokens),
            (&mut self.reasoning_tokens, reasoning_tokens),
            (&mut self.context_window_tokens, context_window_tokens),
            (&mut self.context_used_tokens, context_used_tokens),
        ] {
            *count = later.or(*count);
        }
        self.cost_usd = cost_usd.or(self.cost_usd);
        self.context_utilization = context_utilization.or(self.context_utilization);
        if !raw.is_null() {
            self.raw = raw;
        }
    }
}

/// What a provider says went wrong.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CallError {
    /// The HTTP status; of an error in the middle of a stream that of the answer.
    pub status: Option<u16>,
    /// The provider's type of error (`invalid_request_error`, `overloaded_error`, …).
    pub kind: Option<String>,
    /// The provider's code (`model_not_found`, …); a number becomes text.
    pub code: Option<String>,
    /// The parameter at fault.
    pub param: Option<String>,
    /// The message, or the body as text where it is no JSON.
    pub message: Option<String>,
    /// The provider's id of the request, where the client knows it.
    pub request_id: Option<String>,
    /// Whether it came in the middle of a stream.
    pub mid_stream: bool,
}

/// What kind of content an event of a stream brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one event may bring several kinds of content"
)]
pub struct Delta {
    /// Text for the first choice (chat), or any output text: what a preview shows.
    pub text: Option<String>,
    /// Whether it brought reasoning.
    pub reasoning: bool,
    /// Whether it brought a part of a tool call.
    pub tool_call: bool,
    /// Whether it brought other content: a refusal, audio, the text of a further choice.
    pub other: bool,
    /// Whether it brought an error.
    pub error: bool,
}

impl Delta {
    /// Returns whether the event brought generated content, as a ping or a usage chunk does not.
    pub fn has_content(&self) -> bool {
        self.text.is_some() || self.reasoning || self.tool_call || self.other
    }
}
