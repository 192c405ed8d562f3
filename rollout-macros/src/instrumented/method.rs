//! A recorded method: captures the request, calls the client's own, and hands on what it returned.

use darling::util::SpannedValue;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Receiver, ReceiverKind, ReturnType, Signature};

use super::model::{Client, Method};
use crate::function::returns::annotation;
use crate::model_call::{ModelCall, Operation};
use crate::options::plain;
use crate::paths::CratePath;
use crate::provider::Provider;
use crate::spans::ours;

pub(super) struct Expansion<'a> {
    client: &'a Client<'a>,
    method: &'a Method<'a>,
    private: TokenStream,
    label: Option<&'a SpannedValue<String>>,
    sig: Signature,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(
        client: &'a Client<'a>,
        method: &'a Method<'a>,
        krate: &CratePath,
        label: Option<&'a SpannedValue<String>>,
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
        let own = self.own_call();
        let call = ModelCall {
            private: &self.private,
            sig: &self.sig,
            streams: self.method.streams(),
            prepared: self.prepared(),
            closure: quote!(|| #own),
            future: own,
        };
        self.with_body(&call.body())
    }

    /// Writes the method's head, with a body that fits any; `None` where none does.
    pub(super) fn stub(&self) -> Option<TokenStream> {
        self.method.receiver?;
        let opaque = match &self.sig.output {
            ReturnType::Default => false,
            ReturnType::Type(_, ty) => annotation(ty).as_ref() != Some(&**ty),
        };
        (!opaque).then(|| {
            let method = self.with_body(&quote!(loop {}));
            quote!(#[allow(unused, clippy::all, reason = "only stands in")] #method)
        })
    }

    fn with_body(&self, body: &TokenStream) -> TokenStream {
        let sig = &self.sig;
        let attrs = &self.method.declaration.attrs;
        let vis = self.method.vis(self.client);
        let doc = self.method.doc(self.client, |own| {
            format!(" Calls `{own}`, and records the call to the model.")
        });
        quote! {
            #(#[doc = #doc])*
            #(#attrs)*
            #vis #sig {
                #body
            }
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
        let declared = &self.method.declaration.operation;
        let options = &self.method.declaration.options;
        let Ok(operation) = Provider::operation(None, &plain(declared), declared.span()) else {
            return TokenStream::new(); // Was refused.
        };
        let operation = Operation {
            asks_for: operation,
            name: options.name.as_ref(),
            label: self.label,
            streams: self.method.streams(),
            capture_input: options.capture_input.as_ref(),
            capture_output: options.capture_output.as_ref(),
        };
        operation.expand(&self.private)
    }

    /// The call of the client's own method, on the tokens of the declaration, so that the compiler
    /// points there where they differ.
    fn own_call(&self) -> TokenStream {
        let ty = self.client.ty();
        let method = self.method.ident();
        let arguments = &self.method.arguments;
        let receiver = self.method.receiver.map(own_receiver);
        let generics = self.method.turbofish();
        quote_spanned!(ours(method.span())=> <#ty>::#method #generics(#receiver, #(#arguments),*))
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
        quote_spanned!(ours(this.span())=> #and #mutability #this.inner)
    } else {
        quote_spanned!(ours(this.span())=> #this.inner)
    }
}
