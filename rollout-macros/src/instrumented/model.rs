//! A client and its methods as the derive sees them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};
use syn::{
    DeriveInput, FnArg, GenericParam, Generics, Pat, Receiver, Signature, Token, Type, Visibility,
    parse_quote, parse_quote_spanned,
};

use super::args::{Declaration, Options};
use crate::options::plain;
use crate::request;
use crate::spans::located_at;
use crate::streamed::Streamed;

/// The client, and the recorded one.
#[derive(Debug)]
pub(super) struct Client<'a> {
    pub(super) ident: &'a Ident,
    pub(super) vis: &'a Visibility,
    pub(super) generics: &'a Generics,
    pub(super) wrapper: Ident,
}

/// A method as it is declared.
#[derive(Debug)]
pub(super) struct Method<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) receiver: Option<&'a Receiver>,
    pub(super) arguments: Vec<&'a Ident>,
}

impl<'a> Client<'a> {
    pub(super) fn new(item: &'a DeriveInput, options: &Options) -> Self {
        let ident = &item.ident;
        let wrapper = options.wrapper.clone().filter(|wrapper| wrapper != ident);
        Self {
            ident,
            vis: &item.vis,
            generics: &item.generics,
            wrapper: wrapper.unwrap_or_else(|| format_ident!("Instrumented{}", ident.unraw())),
        }
    }

    /// Returns the client's type.
    pub(super) fn ty(&self) -> TokenStream {
        let ident = self.ident;
        let (_, generics, _) = self.generics.split_for_impl();
        quote!(#ident #generics)
    }

    /// Returns the bounds, and one more that may not hold: the lifetime lets it be so, and then what it
    /// is on is not there.
    pub(super) fn bounds_and(&self, bound: &TokenStream) -> TokenStream {
        let bounds = self.generics.where_clause.iter();
        let bounds = bounds.flat_map(|clause| &clause.predicates);
        quote!(where #(#bounds,)* for<'__rollout> #bound,)
    }
}

impl<'a> Method<'a> {
    pub(super) fn new(declaration: &'a Declaration) -> Self {
        let mut receiver = None;
        let mut arguments = Vec::new();
        for argument in &declaration.sig.inputs {
            match argument {
                FnArg::Receiver(found) => receiver = Some(found),
                FnArg::Typed(argument) => {
                    if let Pat::Ident(name) = &*argument.pat {
                        arguments.push(&name.ident);
                    }
                }
            }
        }
        Self {
            declaration,
            receiver,
            arguments,
        }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.declaration.sig.ident
    }

    /// Returns the argument that is the request.
    pub(super) fn request(&self) -> Option<&'a Ident> {
        request::find(self.declaration.options.request.as_ref(), &self.arguments)
    }

    /// Returns whether the answer is streamed: it is said so, or can be seen.
    pub(super) fn streams(&self) -> bool {
        let declaration = self.declaration;
        declaration.options.stream.is_some() || Streamed::is_visible(&declaration.sig.output)
    }

    /// Returns who sees it: who sees the client, if nothing else is said.
    pub(super) fn vis<'v>(&'v self, client: &Client<'v>) -> &'v Visibility {
        match &self.declaration.vis {
            Visibility::Inherited => client.vis,
            said => said,
        }
    }

    /// Returns its docs, if it brings none: what it does with the client's own method.
    pub(super) fn doc(
        &self,
        client: &Client<'_>,
        does: impl FnOnce(&str) -> String,
    ) -> Vec<String> {
        let declaration = self.declaration;
        if declaration.attrs.iter().any(|a| a.path().is_ident("doc")) {
            return Vec::new();
        }
        let own = format!("{}::{}", plain(client.ident), plain(self.ident()));
        let mut doc = vec![does(&own)];
        let output = declaration.sig.output.to_token_stream().to_string();
        if output.contains("Result") {
            let errors = format!(" Returns the errors of `{own}`, untouched.");
            doc.extend([String::new(), " # Errors".into(), String::new(), errors]);
        }
        doc
    }

    /// Returns its generic arguments as they are handed on; the compiler finds the lifetimes.
    pub(super) fn turbofish(&self) -> Option<TokenStream> {
        let params = self.declaration.sig.generics.params.iter();
        let arguments: Vec<&Ident> = params
            .filter_map(|param| match param {
                GenericParam::Type(param) => Some(&param.ident),
                GenericParam::Const(param) => Some(&param.ident),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        (!arguments.is_empty()).then(|| quote!(::<#(#arguments),*>))
    }

    /// Returns the method's head as the recorded client has it: `Self` is the client that it was
    /// written for, and only the method itself may change its arguments.
    pub(super) fn signature(&self, client: &Client<'_>) -> Signature {
        let mut sig = self.declaration.sig.clone();
        for argument in &mut sig.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    receiver.attrs.clear();
                    receiver.mutability = None;
                }
                FnArg::Typed(argument) => {
                    argument.attrs.clear();
                    if let Pat::Ident(name) = &mut *argument.pat {
                        name.mutability = None;
                    }
                }
            }
        }
        // A list of arguments over several lines ends in a comma.
        sig.inputs = sig.inputs.into_iter().collect::<Punctuated<_, Token![,]>>();
        let ty = client.ty();
        ReplaceSelf(parse_quote!(#ty)).visit_signature_mut(&mut sig);
        sig
    }
}

/// Writes the client's type for `Self`, which stays what the compiler points at.
struct ReplaceSelf(Type);

impl VisitMut for ReplaceSelf {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && path
                .path
                .segments
                .first()
                .is_some_and(|first| first.ident == "Self")
        {
            let span = path.span();
            let client = located_at(&self.0.to_token_stream(), span);
            let rest: TokenStream = path
                .path
                .segments
                .iter()
                .skip(1)
                .map(|segment| {
                    let segment = segment.to_token_stream();
                    quote!(::#segment)
                })
                .collect();
            *ty = if rest.is_empty() {
                parse_quote!(#client)
            } else {
                parse_quote_spanned!(span=> <#client>#rest)
            };
        }
        visit_mut::visit_type_mut(self, ty);
    }

    // Its type is the recorded client's own.
    fn visit_receiver_mut(&mut self, _receiver: &mut Receiver) {}
}
