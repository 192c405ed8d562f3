//! The code that is written. Thin calls into ordinary functions.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::args::Args;
use super::validate::Target;
use crate::function::model::Function;
use crate::model_call::{self, ModelCall};
use crate::paths::CratePath;
use crate::spans::{local, ours};
use crate::streamed::Streamed;

pub(super) fn expand(args: &Args, target: &Target, function: &Function) -> TokenStream {
    let sig = &function.sig;
    let krate = args.krate.clone().unwrap_or_else(CratePath::standard);
    let base = quote!(#krate::__private);
    let private = quote!(#base::instrumented);
    let streams = args.stream.is_some() || Streamed::is_visible(&sig.output);
    let closure = function.closure();
    let future = if sig.asyncness.is_some() {
        function.block(&base)
    } else {
        quote!(#base::call(#closure))
    };
    let call = ModelCall {
        private: &private,
        sig,
        streams,
        prepared: prepared(args, target, streams, &base),
        closure,
        future,
    };
    function.with_body(&call.body())
}

/// What is known of the call before it is open.
fn prepared(args: &Args, target: &Target, streams: bool, base: &TokenStream) -> TokenStream {
    let private = quote!(#base::instrumented);
    let operation = model_call::Operation {
        asks_for: target.operation,
        name: args.name.as_ref(),
        label: args.label.as_ref(),
        streams,
        capture_input: args.capture_input.as_ref(),
        capture_output: args.capture_output.as_ref(),
    };
    let operation = operation.expand(&private);
    let request = &target.request;
    // What is wrong with the request is underlined where it is named.
    let request = quote_spanned!(ours(request.span())=> &#request);
    let details = local("__rollout_details");
    let model = args.model.as_ref().map(|model| {
        // On the user's own tokens, so that a type that is no name is underlined there.
        quote_spanned!(model.span()=> #details.model(#base::id(#model));)
    });
    let pairs: Vec<_> = args
        .attributes
        .iter()
        .flat_map(|attributes| &attributes.0)
        .map(|pair| {
            let (key, value) = (&pair.key, &pair.value);
            quote!(#details.attribute(#key, #base::capture!(&(#value)));)
        })
        .collect();
    let with = (model.is_some() || !pairs.is_empty())
        .then(|| quote!(.with(|#details| { #model #(#pairs)* })));
    quote!(#private::Prepared::of_function(#operation, #request) #with)
}
