//! The attributes of rollout. Use them through the `rollout` crate, which pins the version that
//! their expansions call.

mod fallback;
mod function;
mod instrumented;
mod options;
mod paths;
mod provider;
mod streamed;
mod suggest;

use proc_macro::TokenStream;

/// Marks an agent's entry point: each call is a fresh trace, named after the function.
///
/// Works on functions and methods, `async` or not, generic or not, in traits with a body and in
/// their impls, boxed futures as `async_trait` makes them, functions that return `impl Future`,
/// `impl Stream` or `impl Iterator`. The signature stays as it is.
///
/// ```
/// #[rollout::agent]
/// async fn answer(question: &str) -> Result<String, std::io::Error> {
///     Ok(format!("You asked: {question}"))
/// }
///
/// #[rollout::agent("nightly report", user_id = owner, skip(secret))]
/// fn report(owner: &str, secret: &str) -> usize {
///     owner.len() + secret.len()
/// }
/// assert_eq!(report("u1", "x"), 3);
/// ```
///
/// - The arguments are captured, but `self`: as JSON if they are `Serialize`, else by their `Debug`
///   text, else by the name of their type. So is the result.
/// - An `Err` is recorded as the error and returned as it was. A panic is recorded and goes on. A
///   future that is dropped before its end was cancelled.
/// - The end wakes the worker and does not wait for the network.
///
/// # Options
///
/// | option | meaning | default |
/// |---|---|---|
/// | `"name"` or `name = "…"` | the trace's name | the function's |
/// | `capture_input = bool` | whether the arguments are captured | `true` |
/// | `capture_output = bool` | whether the result is captured | `true` |
/// | `skip(arg, …)` | arguments that are not captured | none |
/// | `user_id`, `session_id`, `conversation_id = expr` | on whose behalf it runs | unknown |
/// | `external_trace_id = expr` | the program's own name for the trace | none |
/// | `attributes(key = expr, "dotted.key" = expr)` | more to know about it | none |
/// | `flush = "wait"` | waits until the trace is delivered, with a deadline | no |
/// | `crate = path` | where to find `rollout` | `::rollout` |
///
/// Expressions may use the arguments. With `flush = "wait"` on an `async fn` its result is held while
/// it waits, and so has to be `Send` where the future is to be.
///
/// # Expansion
///
/// ```text
/// async fn answer(question: &str) -> Result<String, std::io::Error> {
///     let mut call = Prepared::new(const { &Site::new(Kind::Trace, "answer").input(true).output(true) }, |opening| {
///         opening.argument("question", capture!(&question));
///     }).open();
///     let result = call.run_async(async move { /* the body */ }).await;
///     outcome!(call, &result);
///     call.end();
///     result
/// }
/// ```
#[proc_macro_attribute]
pub fn agent(options: TokenStream, item: TokenStream) -> TokenStream {
    function::attribute(function::Attribute::Agent, options.into(), item.into()).into()
}

/// Records each call of a function as a trace of its own, and captures nothing unless told to.
///
/// It is [`macro@agent`] for what is no agent: a request, a job, a test. It works on the same
/// functions, records errors, panics and cancellation alike, and takes the same options; only
/// `capture_input` and `capture_output` default to `false`.
///
/// ```
/// #[rollout::trace("import", attributes(rows = rows.len()))]
/// fn import(rows: &[u32]) -> u32 {
///     rows.iter().sum()
/// }
/// assert_eq!(import(&[1, 2]), 3);
/// ```
#[proc_macro_attribute]
pub fn trace(options: TokenStream, item: TokenStream) -> TokenStream {
    function::attribute(function::Attribute::Trace, options.into(), item.into()).into()
}

/// Records each call of a function as a span of the given type, below what is active.
///
/// The type is any word for what kind of step it is: `"retrieval"`, `"embedding"`, `"rerank"`. Works
/// on the same functions as [`macro@agent`], and records errors, panics and cancellation alike. The
/// span is active while the function runs, and so are model calls, tools and spans in it below it.
/// Outside a trace the span gets one of its own.
///
/// ```
/// #[rollout::span("retrieval", name = "search the manual", capture_output)]
/// fn search(query: &str) -> Vec<String> {
///     vec![format!("page 7: {query}")]
/// }
///
/// #[rollout::agent]
/// fn answer(question: &str) -> String {
///     search(question).join("\n") // its span is part of the agent's trace
/// }
/// assert_eq!(answer("reset"), "page 7: reset");
/// ```
///
/// # Options
///
/// | option | meaning | default |
/// |---|---|---|
/// | `"type"` | the span's type | has to be given |
/// | `name = "…"` | the span's name | the function's |
/// | `capture_input`, `capture_output = bool` | whether arguments and result are captured | `false` |
/// | `skip(arg, …)` | with `capture_input`, arguments that are not captured | none |
/// | `user_id`, `session_id`, `conversation_id = expr` | on whose behalf it runs | as around it |
/// | `attributes(key = expr, "dotted.key" = expr)` | more to know about it | none |
/// | `crate = path` | where to find `rollout` | `::rollout` |
///
/// Expressions may use the arguments.
///
/// # Expansion
///
/// That of [`macro@agent`], with `Kind::Span("retrieval")` in place of `Kind::Trace`.
#[proc_macro_attribute]
pub fn span(options: TokenStream, item: TokenStream) -> TokenStream {
    function::attribute(function::Attribute::Span, options.into(), item.into()).into()
}

/// Records each call of a function as a span of the type `task`: a step of the agent's own work.
///
/// The same as [`#[span("task")]`](macro@span), with the name first: `#[task("plan")]`.
///
/// ```
/// #[rollout::task]
/// async fn plan(goal: &str) -> Vec<String> {
///     goal.split(", ").map(str::to_owned).collect()
/// }
/// ```
#[proc_macro_attribute]
pub fn task(options: TokenStream, item: TokenStream) -> TokenStream {
    function::attribute(function::Attribute::Task, options.into(), item.into()).into()
}

/// Records each call of a function as the call of a tool: the arguments, the result, and how long it
/// took, with a span of its own below what is active.
///
/// Works on the same functions as [`macro@agent`], and records errors, panics and cancellation alike.
/// What the tool does, such as calling a model or another tool, is recorded below it. Outside a trace
/// the tool gets one of its own.
///
/// ```
/// #[derive(serde::Deserialize, serde::Serialize)]
/// struct Order {
///     id: u32,
/// }
///
/// #[rollout::tool]
/// async fn find_order(order: Order) -> Result<String, std::io::Error> {
///     Ok(format!("order {} was shipped", order.id))
/// }
///
/// // The model's own id of the call, so that its request and the result are seen together:
/// #[rollout::tool("get_weather", tool_call_id = call_id, skip(call_id))]
/// fn weather(call_id: &str, city: &str) -> String {
///     format!("sunny in {city}")
/// }
/// assert_eq!(weather("call_1", "Paris"), "sunny in Paris");
/// ```
///
/// # Options
///
/// | option | meaning | default |
/// |---|---|---|
/// | `"name"` or `name = "…"` | the tool's name, as the model knows it | the function's |
/// | `tool_call_id = expr` | the id that the model gave the call | that of the `tool_call` around |
/// | `retry_count = expr` | how many times the call was tried before, as a `u64` | unknown |
/// | `capture_input = bool` | whether the arguments are captured | `true` |
/// | `capture_output = bool` | whether the result is captured | `true` |
/// | `skip(arg, …)` | arguments that are not captured | none |
/// | `user_id`, `session_id`, `conversation_id = expr` | on whose behalf it runs | as around it |
/// | `attributes(key = expr, "dotted.key" = expr)` | more to know about it | none |
/// | `crate = path` | where to find `rollout` | `::rollout` |
///
/// Expressions may use the arguments.
///
/// # Expansion
///
/// That of [`macro@agent`], with `Kind::Tool` in place of `Kind::Trace`.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    function::attribute(function::Attribute::Tool, options.into(), item.into()).into()
}

/// Derives the recorded twin of a client of one's own: a struct with the same methods, whose calls to
/// a model are recorded.
///
/// Each method that calls a model is declared: what it asks for, a colon, and its head as it is.
///
/// ```
/// use rollout::Instrumented;
/// # use serde::Serialize;
/// # #[derive(Serialize)] pub struct ChatRequest {}
/// # #[derive(Serialize)] pub struct ChatResponse {}
/// # #[derive(Serialize)] pub struct Chunk {}
/// # #[derive(Debug)] pub struct ApiError;
/// # pub type ChunkStream = std::pin::Pin<Box<dyn futures_core::Stream<Item = Result<Chunk, ApiError>> + Send>>;
///
/// #[derive(Clone, Instrumented)]
/// #[instrumented(provider = "openai")]
/// #[instrumented(chat: async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError>)]
/// #[instrumented(chat(stream): async fn stream(&self, request: &ChatRequest) -> Result<ChunkStream, ApiError>)]
/// #[instrumented(responses: fn respond(&self, request: &serde_json::Value) -> Result<serde_json::Value, ApiError>)]
/// pub struct Gateway {
///     api_key: String,
/// }
/// # impl Gateway {
/// #     async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError> { Err(ApiError) }
/// #     async fn stream(&self, request: &ChatRequest) -> Result<ChunkStream, ApiError> { Err(ApiError) }
/// #     fn respond(&self, request: &serde_json::Value) -> Result<serde_json::Value, ApiError> { Err(ApiError) }
/// # }
///
/// # async fn example() -> Result<(), ApiError> {
/// let gateway = rollout::wrap(Gateway { api_key: "…".into() }); // an `InstrumentedGateway`
/// let response = gateway.complete(&ChatRequest { /* … */ }).await?; // recorded, and unchanged
/// # Ok(())
/// # }
/// ```
///
/// - Requests, answers and the chunks of streams are `serde::Serialize`, in the provider's format: what
///   they say is decoded from there. No cargo feature and no provider's crate is needed.
/// - The method may be `async` or not, take `self` by reference or by value, further arguments, and be
///   generic. Bounds that it needs beyond those of the struct go into a `where` of its own.
/// - The compiler checks the declaration against the method, and points at it where they differ.
/// - The recorded client is `Instrumented` as well, so that wrapping twice is the same as once; it is
///   `Clone` if the client is; its `Debug` shows nothing of the client. `inner` and `into_inner` lead
///   back to it.
/// - It is recorded as `#[agent]` does: an `Err` as the error, a panic goes on, a future or a stream that
///   is dropped before its end was cancelled.
///
/// # Streams
///
/// The items are chunks, or `Result`s of them. A stream or iterator that can be seen in the declaration
/// (`impl Stream<…>`, `BoxStream<…>`, `Pin<Box<dyn Stream<…>>>`, and the same of `Iterator`) is recorded
/// as it passes. Where it is an alias, say `stream`: `chat(stream): …`. What is boxed stays the type it
/// was. A stream type of one's own is wrapped, as its inside is not ours to change: declare that
/// `rollout::RecordedStream<ChunkStream>` is returned, or `impl Stream<Item = …>`.
///
/// # Options
///
/// Of the client, in `#[instrumented(…)]`:
///
/// | option | meaning | default |
/// |---|---|---|
/// | `provider = "openai"` or `"anthropic"` | whose protocol it speaks | has to be given |
/// | `label = "…"` | who serves the model, such as `"openrouter"` | the provider |
/// | `wrapper = Name` | the recorded client's name | `Instrumented` and the client's |
/// | `crate = path` | where to find `rollout` | `::rollout` |
///
/// What is asked for: `chat` or `responses` of `openai`, `messages` of `anthropic`. In brackets behind it:
///
/// | option | meaning | default |
/// |---|---|---|
/// | `stream` | the named type that is returned is a stream | what can be seen |
/// | `request = arg` | the argument that is the request | the only one, or that called `request` |
/// | `name = "…"` | the span's name | that of the format: `openai.chat.completions` |
/// | `capture_input`, `capture_output = bool` | whether request and answer are captured | `true` |
///
/// A `pub`, attributes and docs may stand before the `fn`; without, the method is as visible as the
/// struct, and documented as what it is.
///
/// # Expansion
///
/// ```text
/// pub struct InstrumentedGateway {
///     inner: Gateway,
///     scope: Scope,
/// }
///
/// impl InstrumentedGateway {
///     pub async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError> {
///         let operation = const { &Operation::new(WireFormat::OpenAiChat) };
///         let mut call = Prepared::new(&self.scope, operation, &request).open();
///         let result: Result<ChatResponse, ApiError> =
///             call.run_async(<Gateway>::complete(&self.inner, request)).await;
///         respond!(call, &result);
///         result
///     }
/// }
/// ```
#[proc_macro_derive(Instrumented, attributes(instrumented))]
pub fn instrumented(item: TokenStream) -> TokenStream {
    instrumented::derive(item.into()).into()
}
