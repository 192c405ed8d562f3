//! What a trace is to be part of, where the program knows and no context says so.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::client::Core;
use crate::context::{Active, Context};
use crate::id::TraceId;

/// Asks the program's hook, if there is one and no trace is active.
pub(super) fn find(core: &Arc<Core>, around: &Context) -> Option<Context> {
    let find = core.config.parent.as_deref()?;
    if !matches!(around.active, Active::Nothing | Active::Client(_)) {
        return None;
    }
    // A trace that it opened itself would ask for a parent in turn.
    let nowhere = Active::SampledOut(Arc::clone(core), TraceId::from_bytes([0; 16]));
    let asked = || Context::new(nowhere, None).in_scope(find);
    catch_unwind(AssertUnwindSafe(asked)).unwrap_or_else(|_| {
        let diagnostics = &core.config.diagnostics;
        diagnostics.error("the `parent` hook panicked: the trace is one of its own");
        None
    })
}
