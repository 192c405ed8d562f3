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

/// An agent.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    id: u32,
}

impl Desk {
    /// Answers.
    ///
    /// # Errors
    ///
    /// Fails without a question.
    #[rollout::agent("desk", user_id = self.id, flush = "wait", attributes(size = question.len()))]
    pub async fn answer(&self, question: &str) -> Result<String, std::fmt::Error> {
        if question.is_empty() {
            return Err(std::fmt::Error);
        }
        let found = self.find(question, 7)?;
        Ok(found.into())
    }

    /// Finds.
    #[rollout::tool(tool_call_id = id, skip(id))]
    fn find<'a>(&self, text: &'a str, mut id: u32) -> Result<&'a str, std::fmt::Error> {
        id += self.id;
        text.get(..id as usize % 2).ok_or(std::fmt::Error)
    }

    /// Does nothing.
    #[rollout::task]
    fn rest(self) {}

    /// Does nothing, later.
    #[rollout::span("rest")]
    async fn rest_later(self) {}

    /// Never ends.
    #[rollout::task]
    #[allow(dead_code, reason = "never ends")]
    fn never(self) -> ! {
        loop {
            std::thread::park();
        }
    }

    /// Counts.
    #[rollout::trace(capture_output)]
    pub fn count(self) -> impl Iterator<Item = u32> + Send {
        0..self.id
    }

    /// Counts later.
    #[rollout::task]
    pub fn count_later<'a>(&'a self) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
        Box::pin(async move { self.id })
    }
}

fn main() {
    let desk = Desk { id: 0 };
    desk.rest();
    drop(desk.answer("why?"));
    drop(desk.rest_later());
    drop(desk.count_later());
    assert_eq!(desk.count().count(), 0);
}
