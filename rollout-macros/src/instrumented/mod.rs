//! The derive for clients of one's own.

mod args;
mod blocking;
mod expand;
mod method;
mod model;
mod validate;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::args::Args;
use self::model::{Client, Method};

/// Derives the recorded twin of a client. Everything that is wrong is reported at once; the twin is
/// there all the same, so that no second error follows where it is used.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = darling::Error::accumulator();
    let args = Args::parse(&item.attrs, &mut errors);
    let client = Client::new(&item, &args.options);
    validate::validate(&item, &args, &mut errors);
    let methods: Vec<Method<'_>> = args.declarations.iter().map(Method::new).collect();
    match errors.finish() {
        Ok(()) => expand::expand(&client, &args.options, &methods),
        Err(error) => {
            let mut tokens = error.write_errors();
            if matches!(item.data, syn::Data::Struct(_)) {
                tokens.extend(expand::stubs(&client, &args.options, &methods));
            }
            tokens
        }
    }
}

#[cfg(test)]
mod tests;
