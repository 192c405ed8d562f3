//! What the macros write, kept in files to be read: it should look as if a person had written it.
//!
//! With `ROLLOUT_UPDATE_EXPANSIONS=1` in the environment the files are written anew.

use std::fs;
use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Compares an expansion with the one that is kept, below what it was made of.
#[track_caller]
pub(crate) fn assert_kept(folder: &str, name: &str, written: TokenStream, expansion: TokenStream) {
    let mut text = String::new();
    for line in pretty(written).lines() {
        text.push_str(format!("// {line}").trim_end());
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&pretty(expansion));

    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(folder);
    let directory = directory.join("tests/expansions");
    let file = directory.join(name).with_extension("rs");
    if std::env::var_os("ROLLOUT_UPDATE_EXPANSIONS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, text, "{} differs", file.display());
}

/// Returns an item below an attribute.
pub(crate) fn in_brackets(name: &str, options: &TokenStream, item: &TokenStream) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let options = (!options.is_empty()).then(|| quote!((#options)));
    quote!(#[#name #options] #item)
}

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}
