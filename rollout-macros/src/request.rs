//! Which argument is the request.

use darling::Error;
use proc_macro2::Ident;

use crate::options::plain;
use crate::suggest;

/// Returns the argument that is the request: the one that is chosen, or the only one, or the one that is
/// called `request`.
pub(crate) fn find<'a>(chosen: Option<&Ident>, arguments: &[&'a Ident]) -> Option<&'a Ident> {
    let mut named = arguments.iter().copied();
    match (chosen, arguments) {
        (Some(chosen), _) => named.find(|name| *name == chosen),
        (None, [only]) => Some(only),
        (None, _) => named.find(|name| *name == "request"),
    }
}

/// Says why there is none, and what to do: `choose` shows how one is chosen.
pub(crate) fn missing(
    chosen: Option<&Ident>,
    arguments: &[&Ident],
    function: &Ident,
    choose: impl Fn(&str) -> String,
) -> Error {
    let known: Vec<String> = arguments.iter().map(|name| plain(name)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match (chosen, known.first()) {
        (Some(chosen), _) => {
            let instead = suggest::instead_of(&plain(chosen), &known);
            Error::custom(format!("there is no argument `{chosen}`{instead}")).with_span(chosen)
        }
        (None, None) => Error::custom(format!(
            "`{}` takes no request, and so there is nothing to be recorded",
            plain(function)
        ))
        .with_span(function),
        (None, Some(first)) => Error::custom(format!(
            "which argument is the request? Call it `request`, or say so: {}",
            choose(first)
        ))
        .with_span(function),
    }
}
