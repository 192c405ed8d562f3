//! Reading options: `key = value`, `key`, in the words of the messages that say what is wrong.

use darling::ast::{MetaNameValueInvalidExpr, NestedMeta};
use darling::error::Accumulator;
use darling::util::{SpannedValue, path_to_string};
use darling::{Error, FromMeta};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Lit, Meta, Path};

use crate::suggest;

/// Reads options, of which `known` are those that there are. Those that are wrong are reported and left
/// out, so that the others can be looked at all the same.
pub(crate) fn read<T: FromMeta + Default>(
    options: Vec<NestedMeta>,
    known: &[&str],
    example: &str,
    errors: &mut Accumulator,
) -> T {
    let mut good: Vec<NestedMeta> = Vec::new();
    for option in options {
        let checked = match &option {
            NestedMeta::Lit(literal) => Err(Error::custom(format!(
                "a text needs a key here: options are written as in `{example}`"
            ))
            .with_span(literal)),
            NestedMeta::Meta(meta) => check_key(known, meta.path(), &good)
                .and_then(|()| T::from_list(std::slice::from_ref(&option)).map(drop)),
            NestedMeta::NameValueInvalidExpr(pair) => {
                check_key(known, &pair.path, &good).and(Err(no_expression(pair)))
            }
        };
        if errors.handle(checked).is_some() {
            good.push(option);
        }
    }
    errors.handle(T::from_list(&good)).unwrap_or_default()
}

/// Checks that there is an option of this name, and that it is given for the first time.
pub(crate) fn check_key(known: &[&str], key: &Path, earlier: &[NestedMeta]) -> darling::Result<()> {
    let name = path_to_string(key);
    let message = if !known.contains(&&*name) {
        let instead = suggest::instead_of(&name, known);
        format!("unknown option `{name}`{instead}")
    } else if earlier
        .iter()
        .any(|earlier| matches!(earlier, NestedMeta::Meta(earlier) if earlier.path() == key))
    {
        format!("`{name}` is given twice: remove one")
    } else {
        return Ok(());
    };
    Err(Error::custom(message).with_span(key))
}

/// Says what is wrong with what stands behind the `=`.
pub(crate) fn no_expression(pair: &MetaNameValueInvalidExpr) -> Error {
    let name = path_to_string(&pair.path);
    let error = Error::custom(format!("expected an expression: `{name} = …`"));
    if pair.value.is_empty() {
        error.with_span(&pair.path)
    } else {
        error.with_span(&pair.value)
    }
}

/// Reads `key = "text"`.
pub(crate) fn text(meta: &Meta) -> darling::Result<SpannedValue<String>> {
    match value(meta) {
        Some(Expr::Lit(syn::ExprLit {
            lit: Lit::Str(text),
            ..
        })) => Ok(SpannedValue::new(text.value(), text.span())),
        other => Err(expected(meta, other, "\"text\"", "text in quotes")),
    }
}

/// Reads `key = name`.
pub(crate) fn word(meta: &Meta) -> darling::Result<Ident> {
    match value(meta) {
        Some(Expr::Path(path)) if path.path.get_ident().is_some() => {
            syn::parse2(quote::ToTokens::to_token_stream(path)).map_err(Error::from)
        }
        other => Err(expected(meta, other, "name", "a name, without quotes")),
    }
}

/// Reads `key`, alone.
pub(crate) fn flag(meta: &Meta) -> darling::Result<()> {
    match meta {
        Meta::Path(_) => Ok(()),
        other => {
            let name = path_to_string(other.path());
            Err(Error::custom(format!("`{name}` stands alone, without a value")).with_span(other))
        }
    }
}

/// Reads `key = true`, `key = false`, and `key` alone, which is true.
pub(crate) fn switch(meta: &Meta) -> darling::Result<SpannedValue<bool>> {
    match (meta, value(meta)) {
        (Meta::Path(path), _) => Ok(SpannedValue::new(true, path.span())),
        (
            _,
            Some(Expr::Lit(syn::ExprLit {
                lit: Lit::Bool(switch),
                ..
            })),
        ) => Ok(SpannedValue::new(switch.value, switch.span())),
        (_, other) => Err(expected(meta, other, "false", "`true` or `false`")),
    }
}

/// Reads `key = expression`.
pub(crate) fn expression(meta: &Meta) -> darling::Result<Expr> {
    value(meta)
        .cloned()
        .ok_or_else(|| expected(meta, None, "…", "an expression"))
}

/// Checks that a text says something; `what` it is to do otherwise.
pub(crate) fn check_text(
    text: &SpannedValue<String>,
    option: &str,
    what: &str,
    errors: &mut Accumulator,
) {
    if text.trim().is_empty() {
        let message = format!("`{option}` is empty: {what}, or leave it out");
        errors.push(Error::custom(message).with_span(&text.span()));
    }
}

/// Returns a name as text.
pub(crate) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

fn value(meta: &Meta) -> Option<&Expr> {
    match meta {
        Meta::NameValue(pair) => Some(ungrouped(&pair.value)),
        Meta::Path(_) | Meta::List(_) => None,
    }
}

/// Looks through the invisible brackets around what a macro of the program's inserted.
fn ungrouped(mut value: &Expr) -> &Expr {
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

fn expected(meta: &Meta, found: Option<&Expr>, example: &str, what: &str) -> Error {
    let name = path_to_string(meta.path());
    let error = Error::custom(format!("expected {what}: `{name} = {example}`"));
    match found {
        Some(found) => error.with_span(found),
        None => error.with_span(meta),
    }
}
