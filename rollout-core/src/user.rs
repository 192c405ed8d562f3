//! On whose behalf the program works.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::context::{Context, ContextGuard, InContext, Instrument as _};
use crate::protocol;

/// Names the user for everything that is recorded while it is active; it records nothing itself.
///
/// A scope inside another adds to it: what the inner one does not say is said by the outer one.
///
/// ```
/// # use rollout_core as rollout;
/// let _user = rollout::user("customer-7").account_id("acme").with_trait("plan", "pro").enter();
/// // Traces that begin here are this customer's.
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use = "a scope does nothing until it is entered"]
pub struct UserScope {
    pub(crate) context: protocol::Context,
}

/// Returns a scope for this user.
///
/// ```
/// # use rollout_core as rollout;
/// # fn answer() {}
/// rollout::user("u1").session_id("s1").in_scope(answer);
/// ```
pub fn user(id: impl Into<String>) -> UserScope {
    UserScope::default().user_id(id)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, id: impl Into<String>) -> Self {
            self.context.$name = Some(id.into());
            self
        }
    )*};
}

/// Who it is about is no affair of logs.
impl fmt::Debug for UserScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserScope").finish_non_exhaustive()
    }
}

impl UserScope {
    ids! {
        /// Sets the user.
        user_id;
        /// Sets the account that the user belongs to.
        account_id;
        /// Sets the session.
        session_id;
        /// Sets the conversation.
        conversation_id;
    }

    /// Adds something that is known of the user.
    pub fn with_trait(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.context
            .user_traits
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Adds something that is known of the account.
    pub fn with_account_trait(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.context
            .account_traits
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Returns the context that is active now, with this scope inside the one that it has.
    pub fn context(self) -> Context {
        let mut current = Context::current();
        let mut merged = current
            .user
            .take()
            .map(|outer| outer.context.clone())
            .unwrap_or_default();
        overlay(&mut merged, &self.context);
        current.user = Some(Arc::new(Self { context: merged }));
        current
    }

    /// Makes the scope active on this thread until the guard is dropped.
    pub fn enter(self) -> ContextGuard {
        self.context().attach()
    }

    /// Runs `work` in this scope. A future that it returns is not: it runs when it is awaited, and
    /// is given to [`instrument`](Self::instrument) for that.
    pub fn in_scope<R>(self, work: impl FnOnce() -> R) -> R {
        self.context().in_scope(work)
    }

    /// Puts a future into this scope, wherever it is polled.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # async fn answer(question: &str) {}
    /// # async fn handle() {
    /// rollout::user("u1").session_id("s1").instrument(answer("Where is my order?")).await;
    /// # }
    /// ```
    pub fn instrument<F>(self, future: F) -> InContext<F> {
        future.in_context(self.context())
    }
}

/// Lays what is known in `over` on top of `base`; traits are merged key by key.
pub(crate) fn overlay(base: &mut protocol::Context, over: &protocol::Context) {
    let ids = [
        (&mut base.user_id, &over.user_id),
        (&mut base.account_id, &over.account_id),
        (&mut base.session_id, &over.session_id),
        (&mut base.conversation_id, &over.conversation_id),
    ];
    for (base, over) in ids {
        if over.is_some() {
            base.clone_from(over);
        }
    }
    merge(&mut base.user_traits, over.user_traits.as_ref());
    merge(&mut base.account_traits, over.account_traits.as_ref());
}

fn merge(base: &mut Option<Map<String, Value>>, over: Option<&Map<String, Value>>) {
    if let Some(over) = over {
        base.get_or_insert_default().extend(over.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_trace_says_itself_what_is_known_of_user_and_account() {
        let recording = crate::testing::record();
        let scope = user("u1").with_account_trait("seats", 3).context();
        let trace = recording.client().trace("support");
        let trace = trace
            .user_trait("plan", "pro")
            .account_trait("region", "eu");
        drop(scope.in_scope(|| trace.start()));
        let context = &recording.events()[0].context;
        let known = json!([context.user_traits, context.account_traits]);
        assert_eq!(
            known,
            json!([{"plan": "pro"}, {"seats": 3, "region": "eu"}])
        );
    }

    #[test]
    fn defect_51_scopes_inside_scopes_merge() {
        let _outer = user("u1")
            .with_trait("plan", "pro")
            .with_trait("seats", 3)
            .enter();
        let inner = UserScope::default()
            .session_id("s1")
            .with_trait("seats", 4)
            .context();
        let merged = &inner.user.unwrap().context;
        assert_eq!(merged.user_id.as_deref(), Some("u1"));
        assert_eq!(merged.session_id.as_deref(), Some("s1"));
        assert_eq!(
            merged.user_traits,
            json!({"plan": "pro", "seats": 4}).as_object().cloned()
        );
    }
}
