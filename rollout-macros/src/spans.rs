//! Where code of ours seems to come from, and what it can see.

use proc_macro2::{Ident, Span, TokenStream};

/// Returns where the compiler is to point for code of ours that stands in for the user's.
pub(crate) fn ours(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Returns the same path, found in the same way, for the compiler to point there.
pub(crate) fn located_at(path: &TokenStream, span: Span) -> TokenStream {
    let tokens = path.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    tokens.collect()
}

/// A name that the user's code neither sees nor can shadow.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
