use serde_json::Value;

use super::Note;
use crate::context::Context;
use crate::protocol::EventType;

/// What is known of a user, about to be recorded.
#[derive(Debug)]
#[must_use = "an identity is recorded with `record`"]
pub struct IdentityBuilder {
    note: Note,
}

/// Describes a user: once, when more of them becomes known. For naming the user of what is recorded
/// there is [`user`](crate::user).
///
/// ```
/// rollout_core::identify_user("customer-7").with_trait("plan", "pro").account_id("acme").record();
/// ```
pub fn identify_user(id: impl Into<String>) -> IdentityBuilder {
    let context = Context::current();
    let id = id.into();
    let is_outside = context.trace_id().is_none();
    let mut note = Note::new(context, EventType::IdentityUpdate);
    if is_outside {
        // Every event hangs on some trace; what is known of a user outlives them.
        note.event.external_trace_id = Some(format!("user:{id}"));
    }
    note.event.context.user_id = Some(id);
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

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.note.attribute(key, value);
        self
    }

    /// Records it.
    pub fn record(self) {
        self.note.record();
    }
}
