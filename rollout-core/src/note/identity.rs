use serde_json::Value;

use super::Note;
use crate::context::Context;
use crate::id::TraceId;
use crate::protocol::EventType;

/// What is known of a user, about to be recorded.
///
/// ```
/// # use rollout_core as rollout;
/// // When somebody signs in: what is known of them from here on.
/// rollout::identify_user("u1")
///     .account_id("acme")
///     .with_trait("plan", "pro")
///     .with_account_trait("seats", 12)
///     .record();
/// ```
#[derive(Debug)]
#[must_use = "an identity is recorded with `record`"]
pub struct IdentityBuilder {
    note: Note,
}

/// Describes a user: once, when more of them becomes known. For naming the user of what is recorded
/// there is [`user`](crate::user).
///
/// ```
/// # use rollout_core as rollout;
/// rollout::identify_user("customer-7").with_trait("plan", "pro").account_id("acme").record();
/// ```
pub fn identify_user(id: impl Into<String>) -> IdentityBuilder {
    let mut note = Note::new(Context::current(), EventType::IdentityUpdate);
    note.event.context.user_id = Some(id.into());
    IdentityBuilder { note }
}

impl IdentityBuilder {
    /// Sets the account that the user belongs to.
    pub fn account_id(mut self, id: impl Into<String>) -> Self {
        self.note.event.context.account_id = Some(id.into());
        self
    }

    /// Adds something that is known of the user.
    pub fn with_trait(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let traits = &mut self.note.event.context.user_traits;
        traits
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Adds something that is known of the account.
    pub fn with_account_trait(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let traits = &mut self.note.event.context.account_traits;
        traits
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Names the trace that it became known in by its id, where it is not the active one.
    pub fn trace_id(mut self, id: TraceId) -> Self {
        self.note.event.trace_id = Some(id.to_string());
        self
    }

    /// Names that trace by the program's own id for it, where it is not the active one.
    pub fn external_trace_id(mut self, id: impl Into<String>) -> Self {
        self.note.event.external_trace_id = Some(id.into());
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.note.attribute(key, value);
        self
    }

    /// Records it. Where no trace is active and none is named, it hangs on one of the user's own,
    /// `user:` and the id.
    pub fn record(mut self) {
        let is_outside = self.note.context.trace_id().is_none();
        let event = &mut self.note.event;
        if is_outside && event.trace_id.is_none() && event.external_trace_id.is_none() {
            // Every event hangs on some trace; what is known of a user outlives them.
            let user = event.context.user_id.as_deref().unwrap_or_default();
            event.external_trace_id = Some(format!("user:{user}"));
        }
        self.note.record();
    }
}
