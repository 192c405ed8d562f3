//! A function as the attributes see it: its head in detail, its body as it is.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute as SynAttribute, FnArg, Ident, Item, Pat, ReturnType, Signature, Token, Type,
    Visibility, braced,
};

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<SynAttribute>,
    pub(crate) vis: Visibility,
    pub(crate) modifiers: TokenStream,
    pub(crate) sig: Signature,
    /// Attributes of the body, as in `{ #![allow(…)] … }`.
    pub(crate) inner: Vec<SynAttribute>,
    /// What stands between the braces, unparsed: it is the user's, and half of it may be missing while
    /// they type. `None` where a trait only declares the function.
    pub(crate) body: Option<TokenStream>,
}

/// An argument, or a part of one that its pattern takes apart.
#[derive(Debug)]
pub(crate) struct Argument<'a> {
    pub(crate) name: &'a Ident,
    /// Where it is there at all.
    pub(crate) cfgs: Vec<&'a SynAttribute>,
}

impl Function {
    pub(crate) fn parse(name: &str, item: TokenStream) -> darling::Result<Self> {
        syn::parse2(item.clone()).map_err(|error| match syn::parse2::<Item>(item) {
            Ok(Item::Fn(_)) | Err(_) => error.into(),
            Ok(other) => darling::Error::custom(format!(
                "`#[{name}]` records the calls of a function, and this is {}: put it on a `fn`",
                what_it_is(&other)
            ))
            .with_span(&head_of(&other)),
        })
    }

    /// Returns the function's name as a text.
    pub(crate) fn name(&self) -> String {
        self.sig.ident.unraw().to_string()
    }

    /// Returns whether it is declared never to return.
    pub(crate) fn diverges(&self) -> bool {
        matches!(&self.sig.output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
    }

    /// Returns what the arguments are bound to, but `self`.
    pub(crate) fn arguments(&self) -> Vec<Argument<'_>> {
        let mut arguments = Vec::new();
        for argument in &self.sig.inputs {
            let FnArg::Typed(argument) = argument else {
                continue;
            };
            let mut names = Vec::new();
            bound_names(&argument.pat, &mut names);
            let cfgs = argument
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("cfg"));
            arguments.extend(names.into_iter().map(|name| Argument {
                name,
                cfgs: cfgs.clone().collect(),
            }));
        }
        arguments
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(SynAttribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let defaultness = if input.peek(Token![default]) {
            Some(input.parse::<Token![default]>()?)
        } else {
            None
        };
        let sig: Signature = input.parse()?;
        let mut inner = Vec::new();
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            let content;
            braced!(content in input);
            inner = content.call(SynAttribute::parse_inner)?;
            Some(content.parse()?)
        };
        Ok(Self {
            attrs,
            vis,
            modifiers: defaultness.to_token_stream(),
            sig,
            inner,
            body,
        })
    }
}

/// Adds the names that a pattern binds.
fn bound_names<'a>(pattern: &'a Pat, names: &mut Vec<&'a Ident>) {
    match pattern {
        Pat::Ident(pattern) => {
            names.push(&pattern.ident);
            if let Some((_, inner)) = &pattern.subpat {
                bound_names(inner, names);
            }
        }
        Pat::Paren(pattern) => bound_names(&pattern.pat, names),
        Pat::Reference(pattern) => bound_names(&pattern.pat, names),
        Pat::Slice(pattern) => pattern.elems.iter().for_each(|p| bound_names(p, names)),
        Pat::Struct(pattern) => pattern
            .fields
            .iter()
            .for_each(|f| bound_names(&f.pat, names)),
        Pat::Tuple(pattern) => pattern.elems.iter().for_each(|p| bound_names(p, names)),
        Pat::TupleStruct(pattern) => pattern.elems.iter().for_each(|p| bound_names(p, names)),
        Pat::Type(pattern) => bound_names(&pattern.pat, names),
        _ => {}
    }
}

fn what_it_is(item: &Item) -> &'static str {
    match item {
        Item::Struct(_) => "a struct",
        Item::Enum(_) => "an enum",
        Item::Union(_) => "a union",
        Item::Trait(_) => "a trait",
        Item::Impl(_) => "an impl",
        Item::Mod(_) => "a module",
        Item::Const(_) => "a constant",
        Item::Static(_) => "a static",
        Item::Type(_) => "a type alias",
        Item::Use(_) => "an import",
        Item::Macro(_) => "a macro",
        _ => "something else",
    }
}

/// Returns the tokens to underline: the keyword and the name, where there are both.
fn head_of(item: &Item) -> TokenStream {
    fn pair(keyword: impl quote::ToTokens, name: &Ident) -> TokenStream {
        let mut head = keyword.to_token_stream();
        head.extend(name.to_token_stream());
        head
    }
    match item {
        Item::Struct(item) => pair(item.struct_token, &item.ident),
        Item::Enum(item) => pair(item.enum_token, &item.ident),
        Item::Union(item) => pair(item.union_token, &item.ident),
        Item::Trait(item) => pair(item.trait_token, &item.ident),
        Item::Mod(item) => pair(item.mod_token, &item.ident),
        Item::Impl(item) => item.impl_token.to_token_stream(),
        item => item.to_token_stream(),
    }
}
