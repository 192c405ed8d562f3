//! The attributes of rollout. Use them through the `rollout` crate, which pins the version that
//! their expansions call.

mod fallback;
mod function;
mod paths;

use proc_macro::TokenStream;

/// Marks an agent's entry point: each call is a fresh trace, named after the function.
///
/// Works on functions and methods, `async` or not, generic or not, in traits with a body and in
/// their impls, boxed futures as `async_trait` makes them, functions that return `impl Future`,
/// `impl Stream` or `impl Iterator`. The signature stays as it is.
///
/// ```
/// # use rollout_macros as _;
/// # mod demo {
/// #[rollout::agent]
/// async fn answer(question: &str) -> Result<String, std::io::Error> {
///     Ok(format!("You asked: {question}"))
/// }
/// # }
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
