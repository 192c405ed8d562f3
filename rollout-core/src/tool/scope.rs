use std::sync::Arc;

use crate::context::{Context, ContextGuard, InContext, Instrument as _};

/// Says that what is done is one call of a tool that the model asked for; it records nothing itself.
///
/// The tool that is called in it carries the id, whichever way it is recorded: by `#[rollout::tool]`,
/// from a registry, or by hand, also inside of spans. What that tool does in turn does not.
///
/// ```
/// # use rollout_core as rollout;
/// # let call = ("call_1", "get_weather");
/// # let tools = |name: &str| format!("ran {name}");
/// let result = rollout::tool_call(call.0).in_scope(|| tools(call.1));
/// ```
///
/// With tools that are asynchronous it is the future that runs in it:
///
/// ```
/// # use rollout_core as rollout;
/// # async fn dispatch(name: &str) -> String { format!("ran {name}") }
/// # async fn run() {
/// let result = rollout::tool_call("call_1").instrument(dispatch("get_weather")).await;
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a scope does nothing until it is entered"]
pub struct ToolCallScope {
    id: Arc<str>,
}

/// Returns a scope for the call of a tool to which the model gave this id.
///
/// ```
/// # use rollout_core as rollout;
/// # fn get_weather() -> &'static str { "clear" }
/// // The id is what the model gave its request, such as `tool_calls[0].id`.
/// let result = rollout::tool_call("call_1").in_scope(get_weather);
/// ```
pub fn tool_call(id: impl Into<Arc<str>>) -> ToolCallScope {
    ToolCallScope { id: id.into() }
}

impl ToolCallScope {
    /// Returns the context that is active now, with the id in it.
    pub fn context(self) -> Context {
        let mut current = Context::current();
        current.tool_call_id = Some(self.id);
        current
    }

    /// Makes the scope active on this thread until the guard is dropped.
    pub fn enter(self) -> ContextGuard {
        self.context().attach()
    }

    /// Runs `work` in this scope. A future that it returns runs outside: see
    /// [`instrument`](Self::instrument).
    pub fn in_scope<R>(self, work: impl FnOnce() -> R) -> R {
        self.context().in_scope(work)
    }

    /// Runs a future in this scope.
    pub fn instrument<F>(self, future: F) -> InContext<F> {
        future.in_context(self.context())
    }
}
