//! A function's body, in the forms in which it is run by what records it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ReturnType, Type};

use super::model::Function;
use super::returns::annotation;
use crate::spans::{located_at, ours};

impl Function {
    /// The function with another body.
    pub(crate) fn with_body(&self, body: &TokenStream) -> TokenStream {
        let Self {
            attrs,
            vis,
            modifiers,
            sig,
            inner,
            body: _,
        } = self;
        quote! {
            #(#attrs)*
            #vis #modifiers #sig {
                #(#inner)*
                #body
            }
        }
    }

    /// The body as a closure, as it may return early. Its return type is written, so that `?` knows what
    /// to convert into, and the compiler shows the function's name where it speaks of the closure.
    pub(crate) fn closure(&self) -> TokenStream {
        let Self { sig, body, .. } = self;
        let output = match &sig.output {
            // Said aloud, as a body that never returns would leave the type open.
            ReturnType::Default => Some(quote!(-> ())),
            ReturnType::Type(arrow, ty) if matches!(**ty, Type::Never(_)) => {
                Some(quote!(#arrow #ty))
            }
            ReturnType::Type(arrow, ty) => annotation(ty).map(|ty| quote!(#arrow #ty)),
        };
        quote_spanned!(ours(sig.ident.span())=> move || #output { #body })
    }

    /// The body of an asynchronous function as a block.
    pub(crate) fn block(&self, private: &TokenStream) -> TokenStream {
        let early = self.early_return(private);
        let body = &self.body;
        quote!(async move { #early #body })
    }

    /// A return that is never reached, and tells the compiler what an `async` block returns, which
    /// can't be written. So `?` knows what to convert into, and a wrong type is underlined in the body.
    fn early_return(&self, private: &TokenStream) -> Option<TokenStream> {
        match &self.sig.output {
            ReturnType::Default => Some(quote!(if false {
                return;
            })),
            ReturnType::Type(_, ty) => {
                let span = ours(ty.span());
                let ty = annotation(ty)?;
                let private = located_at(private, span);
                Some(quote_spanned!(span=> if false { return #private::never::<#ty>(); }))
            }
        }
    }
}
