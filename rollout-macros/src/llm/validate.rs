//! What can't be right, all of it at once.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Ident;
use syn::ReturnType;

use super::args::{Args, EXAMPLE};
use crate::function::model::Function;
use crate::function::validate::{check_attributes, check_function};
use crate::options::{check_text, plain};
use crate::provider::{Operation, Provider};
use crate::request;

/// What is asked for, and in which argument.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) operation: Operation,
    pub(super) request: Ident,
}

/// Checks the attribute, and the function it is on, if it is on one.
pub(super) fn validate(
    args: &Args,
    function: Option<&Function>,
    errors: &mut Accumulator,
) -> Option<Target> {
    // Taken apart in full, so that a new option does not compile until somebody has thought about
    // what it contradicts.
    let Args {
        provider,
        operation,
        label,
        name,
        model: _,
        request,
        stream,
        capture_input: _,
        capture_output: _,
        attributes,
        krate: _,
    } = args;
    let operation = check_operation(provider.as_ref(), operation.as_ref(), errors);
    if let Some(label) = label {
        check_text(label, "label", "name who serves the model", errors);
    }
    if let Some(name) = name {
        check_text(name, "name", "name the span", errors);
    }
    if let Some(attributes) = attributes {
        check_attributes(attributes, errors);
    }
    let function = function?;
    check_function("llm", function, errors);
    let sig = &function.sig;
    if stream.is_some() && matches!(sig.output, ReturnType::Default) {
        errors.push(
            Error::custom(format!(
                "`{}` is said to return a stream, and returns nothing",
                plain(&sig.ident)
            ))
            .with_span(&sig.ident),
        );
    }
    let arguments: Vec<&Ident> = function.arguments().iter().map(|a| a.name).collect();
    let found = request::find(request.as_ref(), &arguments).ok_or_else(|| {
        request::missing(request.as_ref(), &arguments, &sig.ident, |first| {
            format!("`#[llm(…, request = {first})]`")
        })
    });
    let found = errors.handle(found);
    Some(Target {
        operation: operation?,
        request: found?.clone(),
    })
}

fn check_operation(
    provider: Option<&SpannedValue<String>>,
    operation: Option<&SpannedValue<String>>,
    errors: &mut Accumulator,
) -> Option<Operation> {
    let Some(provider) = provider else {
        errors.push(Error::custom(format!(
            "whose protocol does it speak? Write `{EXAMPLE}`"
        )));
        return None;
    };
    let known = errors.handle(Provider::parse(provider));
    let Some(operation) = operation else {
        let all = known.map_or(Operation::ALL, Provider::operations);
        let all: Vec<&str> = all.iter().map(|operation| operation.name()).collect();
        errors.push(Error::custom(format!(
            "what does it ask for? Add `operation = \"{}\"`",
            all.join("\"`, or `\"")
        )));
        return None;
    };
    errors.handle(Provider::operation(known, operation, operation.span()))
}
