//! Tools that are called through a registry.

/// Records the calls of tools that are kept by name: of each, the arguments and the result, as
/// [`#[rollout::tool]`](macro@crate::tool) does.
///
/// Takes a `HashMap`, a `BTreeMap`, a `Vec` or an array of names and callables, and gives back the
/// same one: the names are what they were, and the tools are called as before. A tool may be
///
/// - a `Box`, `Arc` or `Rc` of `dyn Fn`: its type stays the same;
/// - a function or a closure: becomes a closure that takes and returns the same.
///
/// It takes one argument, by value or by reference, or none. It is asynchronous if it returns a
/// future, which is seen by the type.
///
/// ```
/// use std::collections::HashMap;
///
/// use serde_json::{Value, json};
///
/// type Tool = Box<dyn Fn(Value) -> Result<Value, String> + Send + Sync>;
///
/// let mut tools: HashMap<&str, Tool> = HashMap::new();
/// tools.insert("double", Box::new(|arguments| {
///     let n = arguments["n"].as_i64().ok_or("`n` is missing")?;
///     Ok(json!(2 * n))
/// }));
/// let tools = rollout::wrap_tools!(tools);
///
/// assert_eq!(tools["double"](json!({"n": 21})), Ok(json!(42)));
/// ```
///
/// - Arguments and result are captured as JSON if they are `Serialize`, else by their `Debug` text,
///   else by the name of their type.
/// - An `Err` is recorded as the error and returned as it was. A panic is recorded and goes on. A
///   future that is dropped before its end was cancelled.
/// - The id that the model gave the call is passed with [`tool_call`](crate::tool_call):
///
/// ```
/// # let tools = rollout::wrap_tools!([("echo", |text: String| text)]);
/// # let call_id = "call_1";
/// let [(_, echo)] = &tools;
/// let answer = rollout::tool_call(call_id).in_scope(|| echo("hello".to_owned()));
/// ```
#[macro_export]
macro_rules! wrap_tools {
    ($tools:expr $(,)?) => {
        $crate::__private::Registry::map_tools($tools, |name, tool| $crate::wrap_tool!(name, tool))
    };
}

/// Records the calls of one tool: see [`wrap_tools!`](macro@crate::wrap_tools), which does it for all
/// of a registry.
///
/// ```
/// async fn get_weather(city: String) -> String {
///     format!("sunny in {city}")
/// }
///
/// let get_weather = rollout::wrap_tool!("get_weather", get_weather);
/// # let _ =
/// get_weather("Paris".to_owned()) // a future, as before
/// # ;
/// ```
#[macro_export]
macro_rules! wrap_tool {
    ($name:expr, $tool:expr $(,)?) => {{
        let tool = $tool;
        let recorder = {
            use $crate::__private::probing::*;
            (&&&&&&&$crate::__private::Probe(&tool)).rollout_tool()
        };
        recorder.wrap(
            $crate::__private::tool_name($name),
            tool,
            |opening, arguments| opening.arguments($crate::__private::capture!(arguments)),
            |call, result| $crate::__private::outcome!(call, result),
        )
    }};
}
