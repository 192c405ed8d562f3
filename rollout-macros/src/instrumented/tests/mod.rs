//! What the derive writes.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use super::derive;
use crate::expansions::assert_kept;

#[track_caller]
fn expands(name: &str, item: TokenStream) {
    let written = quote!(#[derive(Instrumented)] #item);
    assert_kept("instrumented", name, written, with_blocking(derive(item)));
}

/// Returns what is left with the cargo feature `blocking` of `rollout`.
fn with_blocking(expansion: TokenStream) -> TokenStream {
    let file: syn::File = syn::parse2(expansion).unwrap();
    let items = file.items.into_iter().map(|item| {
        let syn::Item::Macro(call) = &item else {
            return item.into_token_stream();
        };
        match call.mac.tokens.clone().into_iter().next() {
            Some(TokenTree::Group(kept)) if call.mac.path.segments.len() > 1 => kept.stream(),
            _ => item.into_token_stream(),
        }
    });
    items.collect()
}

#[test]
fn a_blocking_client() {
    expands(
        "blocking_client",
        quote! {
            #[instrumented(provider = "openai", label = "gateway")]
            #[instrumented(chat: fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError>)]
            #[instrumented(chat(stream, name = "ask"): fn stream(&self, request: &ChatRequest) -> Result<Chunks, ApiError>)]
            pub struct Gateway {
                api_key: String,
            }
        },
    );
}

#[test]
fn an_asynchronous_client() {
    expands(
        "asynchronous_client",
        quote! {
            #[instrumented(provider = "openai")]
            #[instrumented(chat: async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError>)]
            #[instrumented(chat: async fn stream(&self, request: &ChatRequest) -> Result<impl Stream<Item = Chunk> + use<>, ApiError>)]
            #[instrumented(chat(stream): async fn boxed(&self, request: &ChatRequest) -> Result<ChunkStream, ApiError>)]
            pub struct Gateway {
                api_key: String,
            }
        },
    );
}

#[test]
fn a_generic_client() {
    expands(
        "generic_client",
        quote! {
            #[instrumented(provider = "anthropic", wrapper = Watched, crate = deps::rollout)]
            #[instrumented(
                messages(request = body, capture_output = false):
                /// Sends.
                pub(crate) fn send<R: Serialize>(&mut self, mut body: R, times: u32) -> T::Answer
                where
                    R: Send
            )]
            struct Client<'a, T: Transport = Http, const N: usize = 1>(&'a T)
            where
                T: Send;
        },
    );
}

#[test]
fn a_client_with_boxed_futures() {
    expands(
        "boxed_futures",
        quote! {
            #[instrumented(provider = "openai")]
            #[instrumented(responses: fn respond<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Self>>)]
            struct Client;
        },
    );
}

#[test]
fn mistakes_leave_a_client_that_stands_in() {
    expands(
        "mistakes",
        quote! {
            #[instrumented(provider = "opnai")]
            #[instrumented(chat: fn ask(&self, first: Value, second: Value) -> Value)]
            struct Client;
        },
    );
}
