//! What can't be right, all of it at once.

use darling::Error;
use syn::Ident;

use super::Attribute;
use super::args::Args;
use super::model::Function;

pub(super) fn validate(
    attribute: Attribute,
    args: &Args,
    function: &Function,
) -> darling::Result<()> {
    let mut errors = Error::accumulator();
    check_function(attribute, function, &mut errors);
    check_options(attribute, args, function, &mut errors);
    errors.finish()
}

fn check_function(
    attribute: Attribute,
    function: &Function,
    errors: &mut darling::error::Accumulator,
) {
    let name = attribute.name();
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
    function: &Function,
    errors: &mut darling::error::Accumulator,
) {
    // Taken apart in full, so that a new option does not compile until somebody has thought about
    // what it contradicts.
    let Args {
        name,
        capture_input,
        capture_output: _,
        skip,
        user_id: _,
        session_id: _,
        conversation_id: _,
        external_trace_id,
        tool_call_id,
        attributes,
        flush,
        krate: _,
    } = args;
    let own = attribute.name();

    if let Some(name) = name
        && name.trim().is_empty()
    {
        errors.push(
            Error::custom("the name is empty: leave it out to use the function's")
                .with_span(&name.span()),
        );
    }
    if let Some(skip) = skip {
        if capture_input.as_ref().is_some_and(|capture| !**capture) {
            errors.push(
                Error::custom("with `capture_input = false` there is nothing to skip: remove one")
                    .with_span(&skip.span),
            );
        }
        check_skipped(&skip.names, function, errors);
    }
    if let Some(attributes) = attributes {
        let mut seen: Vec<String> = Vec::new();
        for pair in &attributes.0 {
            let key = pair.key.value();
            if seen.contains(&key) {
                errors.push(
                    Error::custom(format!("the attribute `{key}` is given twice"))
                        .with_span(&pair.key.span()),
                );
            }
            seen.push(key);
        }
    }
    if !attribute.opens_trace() {
        if let Some(id) = external_trace_id {
            errors.push(only_for_traces(own, "external_trace_id").with_span(id));
        }
        if let Some(flush) = flush {
            errors.push(only_for_traces(own, "flush").with_span(&flush.span()));
        }
    }
    if let Some(id) = tool_call_id {
        errors.push(
            Error::custom(format!(
                "`tool_call_id` belongs to a tool, and `#[{own}]` is none: use `#[tool]`"
            ))
            .with_span(id),
        );
    }
}

fn only_for_traces(own: &str, option: &str) -> Error {
    Error::custom(format!(
        "`{option}` belongs to a trace, and `#[{own}]` opens none: put it on the `#[agent]` or \
         `#[trace]` around"
    ))
}

fn check_skipped(names: &[Ident], function: &Function, errors: &mut darling::error::Accumulator) {
    let arguments = function.arguments();
    for (index, name) in names.iter().enumerate() {
        if name == "self" {
            errors.push(Error::custom("`self` is never captured").with_span(name));
        } else if names.iter().take(index).any(|earlier| earlier == name) {
            errors.push(Error::custom(format!("`{name}` is skipped twice")).with_span(name));
        } else if !arguments.contains(&name) {
            let known: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            let error = Error::unknown_field_with_alts(&name.to_string(), &known);
            // The same search for what was meant as for options, in words for arguments.
            let meant = error.to_string();
            let meant = meant
                .split_once("Did you mean")
                .map(|(_, meant)| meant.to_owned());
            let mut message = format!("there is no argument `{name}`");
            match meant {
                Some(meant) => message.push_str(&format!(". Did you mean{meant}")),
                None if known.is_empty() => message.push_str(": the function takes none"),
                None => message.push_str(&format!(": it takes `{}`", known.join("`, `"))),
            }
            errors.push(Error::custom(message).with_span(name));
        }
    }
}
