//! What can't be right, all of it at once.

use darling::Error;
use darling::error::Accumulator;
use syn::Ident;

use super::args::{Args, Attributes, Skip};
use super::attribute::Attribute;
use super::model::Function;
use crate::suggest;

/// Checks an attribute, and the function it is on, if it is on one.
pub(super) fn validate(
    attribute: Attribute,
    args: &Args,
    function: Option<&Function>,
    errors: &mut Accumulator,
) {
    if let Some(function) = function {
        check_function(attribute.name(), function, errors);
    }
    check_options(attribute, args, function, errors);
}

pub(crate) fn check_function(name: &str, function: &Function, errors: &mut Accumulator) {
    if let Some(constness) = &function.sig.constness {
        errors.push(
            Error::custom(format!(
                "`#[{name}]` can't record a `const fn`, as recording reads a clock: remove `const`, \
                 or put the attribute on a function that calls this one"
            ))
            .with_span(constness),
        );
    }
    if let Some(variadic) = &function.sig.variadic {
        errors.push(
            Error::custom(format!(
                "`#[{name}]` can't capture a variable number of arguments"
            ))
            .with_span(variadic),
        );
    }
    if function.body.is_none() {
        errors.push(
            Error::custom(format!(
                "this function has no body to record: put `#[{name}]` on it where it is \
                 implemented, or give it a default body"
            ))
            .with_span(&function.sig.ident),
        );
    }
}

fn check_options(
    attribute: Attribute,
    args: &Args,
    function: Option<&Function>,
    errors: &mut Accumulator,
) {
    // Taken apart in full, so that a new option does not compile until somebody has thought about
    // what it contradicts.
    let Args {
        kind,
        name,
        capture_input,
        capture_output: _,
        skip,
        user_id: _,
        session_id: _,
        conversation_id: _,
        external_trace_id: _,
        tool_call_id: _,
        retry_count: _,
        attributes,
        flush: _,
        krate: _,
    } = args;

    if let Some(name) = name
        && name.trim().is_empty()
    {
        errors.push(
            Error::custom("the name is empty: leave it out to use the function's")
                .with_span(&name.span()),
        );
    }
    if let Some(kind) = kind
        && kind.trim().is_empty()
    {
        errors.push(
            Error::custom(
                "the type is empty: name what kind of step it is, such as `\"retrieval\"`",
            )
            .with_span(&kind.span()),
        );
    }
    if let Some(skip) = skip {
        check_skip(attribute, skip, capture_input.as_deref().copied(), errors);
        if let Some(function) = function {
            check_skipped(&skip.names, function, errors);
        }
    }
    if let Some(attributes) = attributes {
        check_attributes(attributes, errors);
    }
}

/// Checks that there is something to skip from.
fn check_skip(attribute: Attribute, skip: &Skip, captures: Option<bool>, errors: &mut Accumulator) {
    let message = match captures {
        Some(true) => return,
        Some(false) => "with `capture_input = false` there is nothing to skip: remove one".into(),
        None if attribute.captures() => return,
        None => format!(
            "`#[{}]` captures no arguments by itself: add `capture_input = true`, or remove `skip`",
            attribute.name()
        ),
    };
    errors.push(Error::custom(message).with_span(&skip.span));
}

fn check_skipped(names: &[Ident], function: &Function, errors: &mut Accumulator) {
    let arguments: Vec<&Ident> = function.arguments().iter().map(|a| a.name).collect();
    for (index, name) in names.iter().enumerate() {
        let message = if name == "self" {
            "`self` is never captured: remove it here".into()
        } else if names.iter().take(index).any(|earlier| earlier == name) {
            format!("`{name}` is skipped twice: remove one")
        } else if arguments.contains(&name) {
            continue;
        } else if arguments.is_empty() {
            format!("there is no argument `{name}`: the function takes none")
        } else {
            let known: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let instead = suggest::instead_of(&name.to_string(), &known);
            format!("there is no argument `{name}`{instead}")
        };
        errors.push(Error::custom(message).with_span(name));
    }
}

pub(crate) fn check_attributes(attributes: &Attributes, errors: &mut Accumulator) {
    let mut seen: Vec<String> = Vec::new();
    for pair in &attributes.0 {
        let key = pair.key.value();
        if key.trim().is_empty() {
            errors.push(
                Error::custom("the key of an attribute is empty: name what the value is")
                    .with_span(&pair.key.span()),
            );
        } else if seen.contains(&key) {
            errors.push(
                Error::custom(format!("the attribute `{key}` is given twice: remove one"))
                    .with_span(&pair.key.span()),
            );
        }
        seen.push(key);
    }
}
