//! A recorded method: captures the request, calls the client's own, and hands on what it returned.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Receiver, ReceiverKind, ReturnType, Signature, Type};

use super::model::{Client, Method};
use crate::function::returns::{Later, Returns, Wrapped, annotation};
use crate::options::plain;
use crate::paths::CratePath;
use crate::provider::{Operation, Provider};
use crate::streamed::Streamed;

pub(super) struct Expansion<'a> {
    client: &'a Client<'a>,
    method: &'a Method<'a>,
    private: TokenStream,
    label: Option<&'a str>,
    sig: Signature,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(
        client: &'a Client<'a>,
        method: &'a Method<'a>,
        krate: &CratePath,
        label: Option<&'a str>,
    ) -> Self {
        Self {
            client,
            method,
            private: quote!(#krate::__private::instrumented),
            label,
            sig: method.signature(client),
        }
    }

    /// Writes the method.
    pub(super) fn method(&self) -> TokenStream {
        let body = match (self.sig.asyncness, Returns::of(&self.sig.output)) {
            (Some(_), _) => self.asynchronous(),
            (None, Returns::Future(later)) => self.future(&later),
            (None, _) => self.synchronous(),
        };
        self.with_body(&body)
    }

    /// Writes the method's head, with a body that fits any; `None` where none does.
    pub(super) fn stub(&self) -> Option<TokenStream> {
        self.method.receiver?;
        let opaque = match &self.sig.output {
            ReturnType::Default => false,
            ReturnType::Type(_, ty) => annotation(ty).as_ref() != Some(&**ty),
        };
        (!opaque).then(|| self.with_body(&quote!(loop {})))
    }

    fn with_body(&self, body: &TokenStream) -> TokenStream {
        let declaration = self.method.declaration;
        let sig = &self.sig;
        let attrs = &declaration.attrs;
        let vis = match &declaration.vis {
            syn::Visibility::Inherited => self.client.vis,
            said => said,
        };
        let documented = attrs.iter().any(|attr| attr.path().is_ident("doc"));
        let doc = if documented { Vec::new() } else { self.doc() };
        quote! {
            #(#[doc = #doc])*
            #(#attrs)*
            #vis #sig {
                #body
            }
        }
    }

    fn doc(&self) -> Vec<String> {
        let own = format!(
            "{}::{}",
            plain(self.client.ident),
            plain(self.method.ident())
        );
        let mut doc = vec![format!(
            " Calls `{own}`, and records the call to the model."
        )];
        let fails = matches!(
            &self.sig.output,
            ReturnType::Type(_, ty) if quote!(#ty).to_string().contains("Result")
        );
        if fails {
            let errors = format!(" Returns the errors of `{own}`, untouched.");
            doc.extend([String::new(), " # Errors".into(), String::new(), errors]);
        }
        doc
    }

    fn synchronous(&self) -> TokenStream {
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let prepared = self.prepared();
        let own = self.own_call();
        let (annotation, rest) = self.after(&call, &result, self.output());
        let run = quote_spanned!(self.output_span()=> #call.run(|| #own));
        quote! {
            let mut #call = #prepared.open();
            let #result #annotation = #run;
            #rest
        }
    }

    fn asynchronous(&self) -> TokenStream {
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let prepared = self.prepared();
        let own = self.own_call();
        let (annotation, rest) = self.after(&call, &result, self.output());
        let run = quote_spanned!(self.output_span()=> #call.run_async(#own).await);
        quote! {
            let mut #call = #prepared.open();
            let #result #annotation = #run;
            #rest
        }
    }

    /// A method that is not `async`, and returns a future: its request is captured when it is called,
    /// and the call opens when the future is first polled, as for an `async fn`.
    fn future(&self, later: &Later) -> TokenStream {
        let [prepared, future, call, result] = [
            "__rollout_prepared",
            "__rollout_future",
            "__rollout_call",
            "__rollout_result",
        ]
        .map(local);
        let preparing = self.prepared();
        let own = self.own_call();
        let (annotation, rest) = self.after(&call, &result, later.output.as_ref());
        let run = quote_spanned!(self.output_span()=> #call.run_async(#future).await);
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
            let #future = #own;
            #recorded
        }
    }

    /// What is known of the call before it is open.
    fn prepared(&self) -> TokenStream {
        let private = &self.private;
        let operation = self.operation();
        let (Some(receiver), Some(request)) = (self.method.receiver, self.method.request()) else {
            return TokenStream::new(); // Was refused.
        };
        let this = &receiver.self_token;
        // What is wrong with the request is wrong with its type.
        let span = self.request_span(request);
        let request = quote_spanned!(span=> &#request);
        quote!(#private::Prepared::new(&#this.scope, #operation, #request))
    }

    fn operation(&self) -> TokenStream {
        let private = &self.private;
        let declaration = self.method.declaration;
        let options = &declaration.options;
        let operation = Provider::operation(
            None,
            &plain(&declaration.operation),
            declaration.operation.span(),
        );
        // One that is unknown was refused.
        let format = operation.ok().map(Operation::wire_format);
        let name = options.name.as_deref().map(|name| quote!(.name(#name)));
        let label = self.label.map(|label| quote!(.provider(#label)));
        let streaming = self.streams().then(|| quote!(.streaming()));
        let switch = |option: &Option<_>, setter: &str| {
            let capture: &darling::util::SpannedValue<bool> = option.as_ref()?;
            let setter = local(setter);
            (!**capture).then(|| quote!(.#setter(false)))
        };
        let input = switch(&options.capture_input, "input");
        let output = switch(&options.capture_output, "output");
        quote! {
            const {
                &#private::Operation::new(#private::WireFormat::#format)
                    #name #label #streaming #input #output
            }
        }
    }

    /// The call of the client's own method, on the tokens of the declaration, so that the compiler
    /// points there where they differ.
    fn own_call(&self) -> TokenStream {
        let ty = self.client.ty();
        let method = self.method.ident();
        let arguments = &self.method.arguments;
        let receiver = self.method.receiver.map(own_receiver);
        let generics: Vec<&Ident> = self
            .sig
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Type(param) => Some(&param.ident),
                GenericParam::Const(param) => Some(&param.ident),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        let generics = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
        quote_spanned!(ours(method.span())=> <#ty>::#method #generics(#receiver, #(#arguments),*))
    }

    /// What follows the call, and the type of its result.
    fn after(
        &self,
        call: &Ident,
        result: &Ident,
        output: Option<&Type>,
    ) -> (Option<TokenStream>, TokenStream) {
        let private = &self.private;
        let span = self.output_span();
        if self.streams() {
            let declared =
                output.map_or_else(|| quote!(_), |ty| Streamed::of(ty, private).declared);
            return (
                None,
                quote_spanned!(span=> #private::stream!(#call, #result, #declared)),
            );
        }
        let annotation = match output {
            Some(ty) => annotation(ty).map(|ty| quote!(: #ty)),
            None => Some(quote!(: ())).filter(|_| self.output().is_none()),
        };
        let respond = quote_spanned!(span=> #private::respond!(#call, &#result));
        let rest = quote! {
            #respond;
            #result
        };
        (annotation, rest)
    }

    /// Returns whether the answer is streamed: it is said so, or can be seen.
    fn streams(&self) -> bool {
        self.method.declaration.options.stream.is_some()
            || self
                .output()
                .is_some_and(|ty| Streamed::of(ty, &self.private).is_visible)
    }

    fn output(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    fn output_span(&self) -> Span {
        ours(
            self.output()
                .map_or_else(|| self.method.ident().span(), Spanned::span),
        )
    }

    fn request_span(&self, request: &Ident) -> Span {
        let typed = self.sig.inputs.iter().find_map(|argument| match argument {
            syn::FnArg::Typed(argument) => match &*argument.pat {
                syn::Pat::Ident(name) if name.ident == *request => Some(argument.ty.span()),
                _ => None,
            },
            syn::FnArg::Receiver(_) => None,
        });
        ours(typed.unwrap_or_else(|| request.span()))
    }
}

/// How the client is handed to its own method.
fn own_receiver(receiver: &Receiver) -> TokenStream {
    let this = &receiver.self_token;
    if let ReceiverKind::Reference(and, _, mutability) = &receiver.kind {
        quote!(#and #mutability #this.inner)
    } else {
        quote!(#this.inner)
    }
}

/// Returns where the compiler is to point for code of ours that stands in for the user's.
fn ours(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A name that the user's code neither sees nor can shadow.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
