//! The strictest of programs find nothing in the code that is written for them.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    unused,
    nonstandard_style,
    future_incompatible,
    let_underscore,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::redundant_closure_call,
    absolute_paths_not_starting_with_crate,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
// Older lint groups name lints that are about macros of one's own, or warn of what is fine.
#![allow(
    tail_expr_drop_order,
    if_let_rescope,
    edition_2024_expr_fragment_specifier
)]

use std::pin::Pin;

use rollout::Instrumented;
use serde_json::Value;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub struct Failed;

/// A client.
#[derive(Clone, Debug, Instrumented)]
#[instrumented(provider = "openai", label = "gateway")]
#[instrumented(chat: async fn complete(&self, request: &Value) -> Result<Value, Failed>)]
#[instrumented(chat: fn complete_now(&mut self, request: Value) -> Result<Value, Failed>)]
#[instrumented(chat: pub(crate) fn chunks(&self, request: &Value) -> Box<dyn Iterator<Item = Value>>)]
#[instrumented(responses: fn later<'a>(&'a self, request: &'a Value) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>>)]
#[instrumented(responses: #[must_use] fn consume(self, request: Value) -> Value)]
pub struct Gateway {
    api_key: String,
}

impl Gateway {
    /// Completes.
    ///
    /// # Errors
    ///
    /// Fails without a request.
    pub async fn complete(&self, request: &Value) -> Result<Value, Failed> {
        drop(self.later(request).await);
        if request.is_null() {
            return Err(Failed);
        }
        Ok(request.clone())
    }

    /// Completes, at once.
    ///
    /// # Errors
    ///
    /// Fails without a request.
    pub fn complete_now(&mut self, request: Value) -> Result<Value, Failed> {
        self.api_key.clear();
        if request.is_null() {
            return Err(Failed);
        }
        Ok(request)
    }

    fn chunks(&self, request: &Value) -> Box<dyn Iterator<Item = Value>> {
        Box::new(std::iter::repeat_n(request.clone(), self.api_key.len()))
    }

    /// Responds, later.
    #[must_use]
    pub fn later<'a>(
        &'a self,
        request: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        Box::pin(async { request.clone() })
    }

    /// Responds, once.
    #[must_use]
    pub fn consume(self, request: Value) -> Value {
        drop(self.api_key);
        request
    }
}

/// Used here only, and as private as its client.
#[derive(Debug, Instrumented)]
#[instrumented(provider = "anthropic")]
#[instrumented(messages: fn create(&self, request: &Value) -> Value)]
struct Private(u8);

impl Private {
    fn create(&self, request: &Value) -> Value {
        assert_eq!(self.0, 1);
        request.clone()
    }
}

/// Completes.
///
/// # Errors
///
/// Fails without a request.
#[rollout::llm(provider = "openai", operation = "chat", model = model, attributes(size = model.len()), request = request)]
pub async fn complete(model: &str, mut request: Value) -> Result<Value, Failed> {
    if request.is_null() {
        return Err(Failed);
    }
    drop(request.take());
    Ok(request)
}

fn main() {
    let mut gateway = rollout::wrap(Gateway {
        api_key: String::new(),
    });
    drop(gateway.complete(&Value::Null));
    drop(gateway.later(&Value::Null));
    assert!(gateway.complete_now(Value::Null).is_err());
    assert_eq!(gateway.chunks(&Value::Null).count(), 0);
    assert!(gateway.clone().consume(Value::Null).is_null());
    assert!(rollout::wrap(Private(1)).create(&Value::Null).is_null());
    drop(complete("m", Value::Null));
}
