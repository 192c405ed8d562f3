//! The attributes of rollout. Use them through the `rollout` crate, which pins the version that
//! their expansions call.

#[cfg(test)]
mod expansions;
mod fallback;
mod function;
mod instrumented;
mod llm;
mod model_call;
mod options;
mod paths;
mod provider;
mod request;
mod spans;
mod stacked;
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
/// Of several attributes on one function the first is the outermost. So this is an agent with a trace
/// of its own, which another agent calls as a tool:
///
/// ```
/// #[rollout::tool]
/// #[rollout::agent]
/// async fn research(topic: &str) -> String {
///     format!("all about {topic}")
/// }
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

#[doc = include_str!("../docs/instrumented.md")]
#[proc_macro_derive(Instrumented, attributes(instrumented))]
pub fn instrumented(item: TokenStream) -> TokenStream {
    instrumented::derive(item.into()).into()
}

#[doc = include_str!("../docs/llm.md")]
#[proc_macro_attribute]
pub fn llm(options: TokenStream, item: TokenStream) -> TokenStream {
    llm::attribute(options.into(), item.into()).into()
}
