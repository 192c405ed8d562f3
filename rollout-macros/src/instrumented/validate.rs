//! What can't be right, all of it at once.

use darling::Error;
use darling::error::Accumulator;
use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, FnArg, Pat, Receiver, ReceiverKind, ReturnType, Safety};

use super::args::{Args, Declaration, MethodOptions, Options};
use super::model::Method;
use crate::options::{check_text, plain};
use crate::provider::Provider;
use crate::request;

/// Methods that every recorded client has.
pub(super) const OWN_METHODS: &[&str] = &["inner", "into_inner", "blocking", "into_blocking"];

pub(super) fn validate(item: &DeriveInput, args: &Args, errors: &mut Accumulator) {
    check_item(item, errors);
    let Args {
        options,
        declarations,
        declares,
        names_provider,
    } = args;
    if !names_provider {
        errors.push(
            Error::custom(
                "whose protocol does it speak? Add `#[instrumented(provider = \"openai\")]`, or \
                 `\"anthropic\"`",
            )
            .with_span(&item.ident),
        );
    }
    let provider = check_options(options, item, errors);
    if !declares {
        errors.push(
            Error::custom(
                "no method is declared, and so nothing would be recorded: add, for example, \
                 `#[instrumented(chat: async fn complete(&self, request: &Request) -> \
                 Result<Response, Error>)]`",
            )
            .with_span(&item.ident),
        );
    }
    let mut seen: Vec<&Ident> = Vec::new();
    for declaration in declarations {
        let name = &declaration.sig.ident;
        if seen.contains(&name) {
            let message = format!("the method `{}` is declared twice: remove one", plain(name));
            errors.push(Error::custom(message).with_span(name));
            continue;
        }
        seen.push(name);
        check_declaration(declaration, provider, errors);
    }
}

fn check_item(item: &DeriveInput, errors: &mut Accumulator) {
    let (what, keyword) = match &item.data {
        Data::Struct(_) => return,
        Data::Enum(data) => ("an enum", data.enum_token.to_token_stream()),
        Data::Union(data) => ("a union", data.union_token.to_token_stream()),
    };
    errors.push(
        Error::custom(format!(
            "`Instrumented` is derived for the struct of a client, and `{}` is {what}: put it \
             into a struct, and derive it there",
            plain(&item.ident)
        ))
        .with_span(&keyword),
    );
}

fn check_options(
    options: &Options,
    item: &DeriveInput,
    errors: &mut Accumulator,
) -> Option<Provider> {
    // Taken apart in full, so that a new option does not compile until somebody has thought about
    // what it contradicts.
    let Options {
        provider,
        label,
        wrapper,
        krate: _,
    } = options;
    if let Some(label) = label {
        check_text(label, "label", "name who serves the model", errors);
    }
    if let Some(wrapper) = wrapper
        && *wrapper == item.ident
    {
        errors
            .push(Error::custom("the recorded client needs a name of its own").with_span(wrapper));
    }
    errors.handle(Provider::parse(provider.as_ref()?))
}

fn check_declaration(
    declaration: &Declaration,
    provider: Option<Provider>,
    errors: &mut Accumulator,
) {
    let method = Method::new(declaration);
    let Declaration {
        operation,
        options,
        attrs: _,
        vis: _,
        sig,
    } = declaration;
    let operation = Provider::operation(provider, &plain(operation), operation.span());
    errors.handle(operation);
    let modifiers = [
        ("const", sig.constness.map(|token| token.span)),
        ("unsafe", unsafety(&sig.safety)),
        ("extern", sig.abi.as_ref().map(|abi| abi.extern_token.span)),
        ("...", sig.variadic.as_ref().map(Spanned::span)),
    ];
    for (modifier, span) in modifiers {
        if let Some(span) = span {
            let message = format!("a method with `{modifier}` can't be recorded");
            errors.push(Error::custom(message).with_span(&span));
        }
    }
    let name = plain(&sig.ident);
    if OWN_METHODS.contains(&&*name) {
        errors.push(
            Error::custom(format!(
                "each recorded client has a method `{name}` of its own: rename this one"
            ))
            .with_span(&sig.ident),
        );
    }
    check_receiver(method.receiver, &sig.ident, errors);
    for argument in &sig.inputs {
        if let FnArg::Typed(argument) = argument
            && !matches!(&*argument.pat, Pat::Ident(_))
        {
            errors.push(
                Error::custom("an argument is declared by its name: `name: Type`")
                    .with_span(&argument.pat),
            );
        }
    }
    check_method_options(options, &method, errors);
}

fn unsafety(safety: &Safety) -> Option<Span> {
    match safety {
        Safety::Unsafe(token) => Some(token.span),
        Safety::Safe(token) => Some(token.span),
        Safety::Default => None,
    }
}

fn check_receiver(receiver: Option<&Receiver>, method: &Ident, errors: &mut Accumulator) {
    match receiver {
        None => errors.push(
            Error::custom(format!(
                "`{}` takes no `self`, and so is no method of a client that could be wrapped: add \
                 `&self`, or put `#[rollout::llm]` on the function",
                plain(method)
            ))
            .with_span(method),
        ),
        Some(receiver) => {
            if let ReceiverKind::Typed(_, ty) = &receiver.kind {
                let message = "a recorded client is called by `&self`, `&mut self` or `self`";
                errors.push(Error::custom(message).with_span(ty));
            }
        }
    }
}

fn check_method_options(options: &MethodOptions, method: &Method<'_>, errors: &mut Accumulator) {
    let MethodOptions {
        stream,
        request,
        name,
        capture_input: _,
        capture_output: _,
    } = options;
    if let Some(name) = name {
        check_text(name, "name", "name the span", errors);
    }
    if stream.is_some() && matches!(method.declaration.sig.output, ReturnType::Default) {
        errors.push(
            Error::custom(format!(
                "`{}` is said to return a stream, and returns nothing",
                plain(method.ident())
            ))
            .with_span(method.ident()),
        );
    }
    // An argument that is no name was reported already.
    let inputs = method.declaration.sig.inputs.len();
    let is_reported =
        method.arguments.is_empty() && inputs > usize::from(method.receiver.is_some());
    if method.request().is_none() && !is_reported {
        let operation = plain(&method.declaration.operation);
        errors.push(request::missing(
            request.as_ref(),
            &method.arguments,
            method.ident(),
            |first| format!("`{operation}(request = {first}): …`"),
        ));
    }
}
