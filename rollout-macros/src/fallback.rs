//! What is left where an attribute can't be applied: the errors, and the user's item as it was, so
//! that editors stay calm and no second error follows from the first.

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn expand(error: darling::Error, item: &TokenStream) -> TokenStream {
    let errors = error.write_errors();
    quote! { #errors #item }
}
