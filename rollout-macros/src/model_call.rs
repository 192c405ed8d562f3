//! The body of what calls a model: captures the request, does the work, and hands on what came of it.

use darling::util::SpannedValue;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, ReturnType, Signature, Type};

use crate::function::returns::{Later, Returns, Wrapped, annotation};
use crate::provider;
use crate::spans::{local, located_at, ours};
use crate::streamed::Streamed;

pub(crate) struct ModelCall<'a> {
    /// The path of our `instrumented`.
    pub(crate) private: &'a TokenStream,
    pub(crate) sig: &'a Signature,
    /// Whether the answer is streamed.
    pub(crate) streams: bool,
    /// What is known of the call before it is open.
    pub(crate) prepared: TokenStream,
    /// The work, as a closure: what is run where it is not asynchronous.
    pub(crate) closure: TokenStream,
    /// The work, as a future: what is run where it is.
    pub(crate) future: TokenStream,
}

/// What is known of the call at compile time.
pub(crate) struct Operation<'a> {
    pub(crate) asks_for: provider::Operation,
    pub(crate) name: Option<&'a SpannedValue<String>>,
    pub(crate) label: Option<&'a SpannedValue<String>>,
    pub(crate) streams: bool,
    pub(crate) capture_input: Option<&'a SpannedValue<bool>>,
    pub(crate) capture_output: Option<&'a SpannedValue<bool>>,
}

impl Operation<'_> {
    pub(crate) fn expand(&self, private: &TokenStream) -> TokenStream {
        let format = self.asks_for.wire_format();
        let text = |text: &SpannedValue<String>| LitStr::new(text, text.span());
        let name = self.name.map(text).map(|name| quote!(.name(#name)));
        let label = self.label.map(text).map(|label| quote!(.provider(#label)));
        let streaming = self.streams.then(|| quote!(.streaming()));
        let off = |capture: Option<&SpannedValue<bool>>| capture.is_some_and(|capture| !**capture);
        let input = off(self.capture_input).then(|| quote!(.input(false)));
        let output = off(self.capture_output).then(|| quote!(.output(false)));
        quote! {
            const {
                &#private::Operation::new(#private::WireFormat::#format)
                    #name #label #streaming #input #output
            }
        }
    }
}

impl ModelCall<'_> {
    pub(crate) fn body(&self) -> TokenStream {
        match (self.sig.asyncness, Returns::of(&self.sig.output)) {
            (Some(_), _) => self.asynchronous(),
            (None, Returns::Future(later)) => self.returning_future(&later),
            (None, _) => self.synchronous(),
        }
    }

    fn synchronous(&self) -> TokenStream {
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let (prepared, work) = (&self.prepared, &self.closure);
        let (annotation, rest) = self.after(&call, &result, self.output());
        let run = self.run(&call, &quote!(run), work);
        quote! {
            let mut #call = #prepared.open();
            let #result #annotation = #run;
            #rest
        }
    }

    fn asynchronous(&self) -> TokenStream {
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let (prepared, work) = (&self.prepared, &self.future);
        let (annotation, rest) = self.after(&call, &result, self.output());
        let run = self.run(&call, &quote!(run_async), work);
        let run = quote_spanned!(self.output_span()=> #run.await);
        quote! {
            let mut #call = #prepared.open();
            let #result #annotation = #run;
            #rest
        }
    }

    /// Where it is not `async`, and returns a future, the request is captured when it is called, and the
    /// call opens when the future is first polled, as for an `async fn`.
    fn returning_future(&self, later: &Later) -> TokenStream {
        let [prepared, future, call, result] = [
            "__rollout_prepared",
            "__rollout_future",
            "__rollout_call",
            "__rollout_result",
        ]
        .map(local);
        let (preparing, work) = (&self.prepared, &self.future);
        let (annotation, rest) = self.after(&call, &result, later.output.as_ref());
        let run = self.run(&call, &quote!(run_async), &quote!(#future));
        let run = quote_spanned!(self.output_span()=> #run.await);
        let recorded = quote! {
            async move {
                let mut #call = #prepared.open();
                let #result #annotation = #run;
                #rest
            }
        };
        let recorded = match later.wrapped {
            Wrapped::Plain => recorded,
            Wrapped::Pinned | Wrapped::Boxed => quote!(::std::boxed::Box::pin(#recorded)),
        };
        quote! {
            let #prepared = #preparing;
            let #future = #work;
            #recorded
        }
    }

    /// What follows the work, and the type of its result.
    fn after(
        &self,
        call: &Ident,
        result: &Ident,
        output: Option<&Type>,
    ) -> (Option<TokenStream>, TokenStream) {
        let span = self.output_span();
        let private = &located_at(self.private, span);
        let [call, result] = [call, result].map(|name| Ident::new(&name.to_string(), span));
        if self.streams {
            let declared = output.map_or_else(|| quote!(_), |ty| Streamed::declared(ty, private));
            let rest = quote_spanned!(span=> #private::stream!(#call, #result, #declared));
            return (None, rest);
        }
        let annotation = match output {
            Some(ty) => annotation(ty).map(|ty| quote!(: #ty)),
            None => self.output().is_none().then(|| quote!(: ())),
        };
        let respond = quote_spanned!(span=> #private::respond!(#call, &#result));
        let rest = quote! {
            #respond;
            #result
        };
        (annotation, rest)
    }

    /// Runs the work, for the compiler to point at the result's type.
    fn run(&self, call: &Ident, method: &TokenStream, work: &TokenStream) -> TokenStream {
        let span = self.output_span();
        let call = Ident::new(&call.to_string(), span);
        let method = located_at(method, span);
        quote_spanned!(span=> #call.#method(#work))
    }

    fn output(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// Where what is wrong with the result is wrong.
    fn output_span(&self) -> Span {
        let span = self.output().map(Spanned::span);
        ours(span.unwrap_or_else(|| self.sig.ident.span()))
    }
}
