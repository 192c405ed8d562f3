//! What the attributes write.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Attribute, attribute};
use crate::expansions::{assert_kept, in_brackets};

#[track_caller]
fn expands(name: &str, kind: Attribute, options: &TokenStream, item: &TokenStream) {
    let written = in_brackets(kind.name(), options, item);
    let expansion = attribute(kind, options.clone(), item.clone());
    assert_kept("function", name, written, expansion);
}

#[test]
fn an_agent() {
    expands(
        "agent",
        Attribute::Agent,
        &quote!(),
        &quote! {
            /// Answers a question.
            pub fn answer(question: &str) -> Result<String, Error> {
                let found = search(question)?;
                Ok(found.join("\n"))
            }
        },
    );
}

#[test]
fn an_asynchronous_agent_with_options() {
    expands(
        "agent_async",
        Attribute::Agent,
        &quote!(
            "desk",
            user_id = &ticket.customer,
            flush = "wait",
            skip(secret),
            attributes(ticket.id = ticket.id)
        ),
        &quote! {
            async fn answer(&self, ticket: &Ticket, secret: Secret) -> Result<String, Error> {
                self.model.ask(ticket, secret).await
            }
        },
    );
}

#[test]
fn a_trace() {
    expands(
        "trace",
        Attribute::Trace,
        &quote!(),
        &quote!(
            fn import(rows: usize) {
                load(rows);
            }
        ),
    );
}

#[test]
fn a_span() {
    expands(
        "span",
        Attribute::Span,
        &quote!("retrieval", name = "search the manual", capture_output),
        &quote!(
            fn search(query: &str) -> Vec<Page> {
                index().search(query)
            }
        ),
    );
}

#[test]
fn a_task() {
    expands(
        "task",
        Attribute::Task,
        &quote!(crate = deps::rollout),
        &quote!(
            async fn plan(goal: Goal) {
                goal.split().await
            }
        ),
    );
}

#[test]
fn a_tool() {
    expands(
        "tool",
        Attribute::Tool,
        &quote!("get_weather", tool_call_id = call.id, skip(call)),
        &quote! {
            fn weather(call: &Call, City { name, .. }: City, #[cfg(unix)] mut r#type: u8) -> u8 {
                r#type += 1;
                r#type
            }
        },
    );
}

#[test]
fn a_tool_that_returns_a_future() {
    expands(
        "tool_future",
        Attribute::Tool,
        &quote!(),
        &quote! {
            fn call<'a>(&'a self, id: u32) -> Pin<Box<dyn Future<Output = Reply> + Send + 'a>> {
                Box::pin(async move { self.reply(id) })
            }
        },
    );
}

#[test]
fn a_tool_that_returns_a_stream() {
    expands(
        "tool_stream",
        Attribute::Tool,
        &quote!(),
        &quote! {
            async fn rows(table: &str) -> Result<impl Stream<Item = Row>, Error> {
                open(table).await
            }
        },
    );
}

#[test]
fn an_iterator() {
    expands(
        "iterator",
        Attribute::Span,
        &quote!("chunking"),
        &quote!(
            fn chunks(text: &str) -> impl Iterator<Item = &str> {
                text.split("\n\n")
            }
        ),
    );
}

#[test]
fn several_attributes() {
    expands(
        "stacked",
        Attribute::Tool,
        &quote!("research", skip(key)),
        &quote! {
            #[must_use]
            #[rollout::agent]
            async fn research(topic: &str, key: &str) -> Report { look_up(topic, key).await }
        },
    );
}

#[test]
fn a_function_that_never_returns() {
    expands(
        "never",
        Attribute::Task,
        &quote!(),
        &quote!(
            async fn serve() -> ! {
                run().await
            }
        ),
    );
}

#[test]
fn mistakes_leave_the_item_as_it_was() {
    expands(
        "mistakes",
        Attribute::Tool,
        &quote!(nmae = "x", flush = "wait"),
        &quote!(
            const fn find(id: u32) -> u32 {
                id
            }
        ),
    );
}
