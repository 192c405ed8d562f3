//! The twin of a recorded client for code that is not asynchronous: its methods wait.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{ReturnType, Type};

use super::model::{Client, Method};
use crate::function::returns::{Returns, annotation};
use crate::paths::CratePath;
use crate::streamed::Streamed;

/// Writes the twin, where there is something to wait for.
pub(super) fn expand(
    client: &Client<'_>,
    krate: &CratePath,
    methods: &[Method<'_>],
) -> Option<TokenStream> {
    let private = quote!(#krate::__private::instrumented);
    let twins: Vec<Twin> = methods
        .iter()
        .filter_map(|method| Twin::new(client, method, &private))
        .collect();
    if !twins.iter().any(|twin| twin.waits) {
        return None;
    }
    let methods = twins.iter().map(|twin| &twin.tokens);
    let Client {
        vis,
        generics,
        wrapper,
        ..
    } = client;
    let twin = format_ident!("Blocking{}", wrapper.unraw(), span = wrapper.span());
    let twin_name = twin.to_string();
    let doc = format!(
        " [`{}`] for code that is not asynchronous: its methods wait until they are done.",
        wrapper.unraw()
    );
    let ty = client.ty();
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let recorded = quote!(#wrapper #ty_generics);
    let is_clone = client.bounds_and(&quote!(#ty: ::core::clone::Clone));
    let has_blocking = quote!(for<'__rollout> #recorded: #private::HasBlocking);
    Some(quote! {
        #private::blocking! {{
            #[doc = #doc]
            #vis struct #twin #generics #where_clause {
                inner: #recorded,
                background: #private::Background,
            }

            impl #impl_generics #recorded #where_clause {
                /// Returns a client whose methods wait until they are done.
                ///
                /// # Errors
                ///
                /// Fails if the thread that it needs can't be started.
                #vis fn blocking(
                    &self,
                ) -> ::core::result::Result<#twin #ty_generics, #private::StartError>
                where
                    for<'__rollout> #ty: ::core::clone::Clone,
                {
                    ::core::clone::Clone::clone(self).into_blocking()
                }

                /// Turns this client into one whose methods wait until they are done.
                ///
                /// # Errors
                ///
                /// Fails if the thread that it needs can't be started.
                #vis fn into_blocking(
                    self,
                ) -> ::core::result::Result<#twin #ty_generics, #private::StartError> {
                    #private::Background::start().map(|background| #twin { inner: self, background })
                }
            }

            impl #impl_generics #twin #ty_generics #where_clause {
                #(#methods)*

                /// Returns the client that was wrapped, for everything that is not recorded.
                #vis fn inner(&self) -> &#ty {
                    self.inner.inner()
                }

                /// Gives back the client that was wrapped.
                #vis fn into_inner(self) -> #ty {
                    self.inner.into_inner()
                }
            }

            #[automatically_derived]
            impl #impl_generics #krate::Instrumented for #twin #ty_generics #where_clause {
                type Wrapped = Self;

                fn instrument(self, _scope: #krate::Scope) -> Self {
                    self
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::clone::Clone for #twin #ty_generics #is_clone {
                fn clone(&self) -> Self {
                    Self {
                        inner: ::core::clone::Clone::clone(&self.inner),
                        background: ::core::clone::Clone::clone(&self.background),
                    }
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Debug for #twin #ty_generics #where_clause {
                /// Shows nothing of the client, which may hold keys.
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(#twin_name).finish_non_exhaustive()
                }
            }
        } else {
            impl #impl_generics #recorded #where_clause {
                /// Needs the cargo feature `blocking` of `rollout`.
                #[doc(hidden)]
                #vis fn blocking(&self)
                where
                    #has_blocking,
                {
                }

                /// Needs the cargo feature `blocking` of `rollout`.
                #[doc(hidden)]
                #vis fn into_blocking(self)
                where
                    #has_blocking,
                {
                }
            }
        }}
    })
}

/// A method of the twin.
struct Twin {
    tokens: TokenStream,
    /// Whether there is something to wait for.
    waits: bool,
}

impl Twin {
    /// `None` where what it is to return can't be written.
    fn new(client: &Client<'_>, method: &Method<'_>, private: &TokenStream) -> Option<Self> {
        let mut sig = method.signature(client);
        let this = &method.receiver?.self_token;
        let ident = method.ident();
        let arguments = &method.arguments;
        let generics = method.turbofish();
        let call = quote!(#this.inner.#ident #generics(#(#arguments),*));
        let returns = Returns::of(&sig.output);
        let is_async = sig.asyncness.take().is_some();
        if let (false, Returns::Future(later)) = (is_async, &returns) {
            let output = later.output.clone()?;
            sig.output = syn::parse_quote!(-> #output);
        }
        let waits_for_value = is_async || matches!(returns, Returns::Future(_));
        let is_iterator = !is_async && matches!(returns, Returns::Iterator(_));
        let streams = method.streams() && !is_iterator;
        let background = quote!(#this.background);
        let value = if waits_for_value {
            quote!(#background.wait(#call))
        } else if streams {
            // What is called may need the runtime.
            quote!(#background.wait(async { #call }))
        } else {
            call
        };
        let value = match sig.output.clone() {
            ReturnType::Type(_, ty) if streams => {
                let (ty, value) = waited(&ty, &value, &background, private);
                sig.output = syn::parse_quote!(-> #ty);
                value
            }
            _ => value,
        };
        let attrs = &method.declaration.attrs;
        let vis = method.vis(client);
        let doc = method.doc(client, |own| {
            format!(" Calls `{own}`, waits until it is done, and records the call to the model.")
        });
        Some(Self {
            tokens: quote! {
                #(#[doc = #doc])*
                #(#attrs)*
                #vis #sig {
                    #value
                }
            },
            waits: waits_for_value || matches!(returns, Returns::Stream(_)),
        })
    }
}

/// Returns the type and the value of a stream that is waited for.
fn waited(
    ty: &Type,
    value: &TokenStream,
    background: &TokenStream,
    private: &TokenStream,
) -> (TokenStream, TokenStream) {
    let is_opaque = annotation(ty).as_ref() != Some(ty);
    if !is_opaque {
        return (
            quote!(<#ty as #private::Waited>::Output),
            quote!(#private::Waited::waited(#value, &#background)),
        );
    }
    let iterator = Streamed::iterator(ty);
    match Returns::of(&syn::parse_quote!(-> #ty)) {
        Returns::Stream(later) if later.in_result => (
            iterator,
            quote!(#value.map(|stream| #background.iterate(stream))),
        ),
        Returns::Stream(_) => (iterator, quote!(#background.iterate(#value))),
        _ => (iterator, value.clone()),
    }
}
