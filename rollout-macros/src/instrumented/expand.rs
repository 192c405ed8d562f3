//! The recorded client that is written. Thin calls into ordinary functions.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use super::args::Options;
use super::blocking;
use super::method::Expansion;
use super::model::{Client, Method};
use super::validate::OWN_METHODS;
use crate::options::plain;
use crate::paths::CratePath;

pub(super) fn expand(
    client: &Client<'_>,
    options: &Options,
    methods: &[Method<'_>],
) -> TokenStream {
    let krate = krate(options);
    let label = options.label.as_ref();
    let expanded = methods
        .iter()
        .map(|method| Expansion::new(client, method, &krate, label).method());
    let mut tokens = recorded(client, &krate, expanded);
    tokens.extend(blocking::expand(client, &krate, methods));
    tokens
}

/// What stands for it where something is wrong: the same, but for what the methods do.
pub(super) fn stubs(client: &Client<'_>, options: &Options, methods: &[Method<'_>]) -> TokenStream {
    let krate = krate(options);
    let mut seen: Vec<&Ident> = Vec::new();
    let methods = methods.iter().filter_map(|method| {
        if seen.contains(&method.ident()) {
            return None;
        }
        seen.push(method.ident());
        if OWN_METHODS.contains(&&*plain(method.ident())) {
            return None;
        }
        Expansion::new(client, method, &krate, None).stub()
    });
    recorded(client, &krate, methods)
}

fn krate(options: &Options) -> CratePath {
    options.krate.clone().unwrap_or_else(CratePath::standard)
}

fn recorded(
    client: &Client<'_>,
    krate: &CratePath,
    methods: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let Client {
        vis,
        generics,
        wrapper,
        ..
    } = client;
    let ty = client.ty();
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let is_clone = client.bounds_and(&quote!(#ty: ::core::clone::Clone));
    let name = client.ident.unraw().to_string();
    let wrapper_name = wrapper.unraw().to_string();
    let doc = format!(" A [`{name}`] whose calls to a model are recorded.");
    quote! {
        #[doc = #doc]
        ///
        /// Everything that is not recorded is reached through [`inner`](Self::inner).
        #vis struct #wrapper #generics #where_clause {
            inner: #ty,
            scope: #krate::Scope,
        }

        impl #impl_generics #wrapper #ty_generics #where_clause {
            #(#methods)*

            /// Returns the client that was wrapped, for everything that is not recorded.
            #vis fn inner(&self) -> &#ty {
                &self.inner
            }

            /// Gives back the client that was wrapped.
            #vis fn into_inner(self) -> #ty {
                self.inner
            }
        }

        #[automatically_derived]
        impl #impl_generics #krate::Instrumented for #ty #where_clause {
            type Wrapped = #wrapper #ty_generics;

            fn instrument(self, scope: #krate::Scope) -> Self::Wrapped {
                #wrapper { inner: self, scope }
            }
        }

        #[automatically_derived]
        impl #impl_generics #krate::Instrumented for #wrapper #ty_generics #where_clause {
            type Wrapped = Self;

            fn instrument(self, _scope: #krate::Scope) -> Self {
                self
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::clone::Clone for #wrapper #ty_generics #is_clone {
            fn clone(&self) -> Self {
                Self {
                    inner: ::core::clone::Clone::clone(&self.inner),
                    scope: ::core::clone::Clone::clone(&self.scope),
                }
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::fmt::Debug for #wrapper #ty_generics #where_clause {
            /// Shows nothing of the client, which may hold keys.
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#wrapper_name).finish_non_exhaustive()
            }
        }
    }
}
