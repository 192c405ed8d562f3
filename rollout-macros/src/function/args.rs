//! The options of an attribute.

use darling::FromMeta;
use darling::ast::NestedMeta;
use darling::util::{SpannedValue, parse_expr};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Lit, LitStr, Meta, Token};

use super::Attribute;
use crate::paths::CratePath;

/// What the user wrote in the brackets. Keys keep their spans.
#[derive(Debug, FromMeta)]
pub(super) struct Args {
    /// The name of the trace or span, instead of the function's.
    pub(super) name: Option<SpannedValue<String>>,
    /// Whether arguments are captured.
    pub(super) capture_input: Option<SpannedValue<bool>>,
    /// Whether the result is captured.
    pub(super) capture_output: Option<SpannedValue<bool>>,
    /// Arguments that are not.
    pub(super) skip: Option<Skip>,
    #[darling(with = parse_expr::preserve_str_literal, map = Some)]
    pub(super) user_id: Option<Expr>,
    #[darling(with = parse_expr::preserve_str_literal, map = Some)]
    pub(super) session_id: Option<Expr>,
    #[darling(with = parse_expr::preserve_str_literal, map = Some)]
    pub(super) conversation_id: Option<Expr>,
    /// The program's own name for a trace.
    #[darling(with = parse_expr::preserve_str_literal, map = Some)]
    pub(super) external_trace_id: Option<Expr>,
    /// The id by which the model knows the call of a tool.
    #[darling(with = parse_expr::preserve_str_literal, map = Some)]
    pub(super) tool_call_id: Option<Expr>,
    pub(super) attributes: Option<Attributes>,
    /// Whether the end waits for delivery.
    pub(super) flush: Option<SpannedValue<Flush>>,
    #[darling(rename = "crate")]
    pub(super) krate: Option<CratePath>,
}

/// `flush = "wait"` or `flush = "notify"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    Wait,
    Notify,
}

/// The arguments named in `skip(…)`.
#[derive(Debug)]
pub(super) struct Skip {
    pub(super) names: Vec<Ident>,
    pub(super) span: Span,
}

/// The keys and values of `attributes(…)`.
#[derive(Debug, Default)]
pub(super) struct Attributes(pub(super) Vec<KeyValue>);

#[derive(Debug)]
pub(super) struct KeyValue {
    pub(super) key: LitStr,
    pub(super) value: Expr,
}

impl Args {
    /// Reads the options: first a name without a key, if there is one.
    pub(super) fn parse(attribute: Attribute, options: TokenStream) -> darling::Result<Self> {
        let mut options = NestedMeta::parse_meta_list(options).map_err(|error| {
            let example = format!("#[{}(\"name\", capture_input = false)]", attribute.name());
            darling::Error::custom(format!("{error}; options are written as in `{example}`"))
                .with_span(&error.span())
        })?;
        let mut name = None;
        if let Some(NestedMeta::Lit(literal)) = options.first() {
            let Lit::Str(text) = literal else {
                return Err(
                    darling::Error::custom("the name is written as text, in quotes")
                        .with_span(literal),
                );
            };
            name = Some(SpannedValue::new(text.value(), text.span()));
            options.remove(0);
        }
        let mut args = Self::from_list(&options)?;
        if let (Some(_), Some(again)) = (&name, &args.name) {
            return Err(darling::Error::custom("the name is given twice").with_span(&again.span()));
        }
        args.name = name.or(args.name);
        Ok(args)
    }

    /// Returns whether arguments are captured.
    pub(super) fn captures_input(&self, attribute: Attribute) -> bool {
        self.capture_input
            .as_ref()
            .map_or_else(|| attribute.captures(), |capture| **capture)
    }

    /// Returns whether the result is captured.
    pub(super) fn captures_output(&self, attribute: Attribute) -> bool {
        self.capture_output
            .as_ref()
            .map_or_else(|| attribute.captures(), |capture| **capture)
    }
}

impl FromMeta for Flush {
    fn from_string(text: &str) -> darling::Result<Self> {
        match text {
            "wait" => Ok(Self::Wait),
            "notify" => Ok(Self::Notify),
            other => Err(darling::Error::custom(format!(
                "unknown way to flush `{other}`: expected `\"wait\"`, or `\"notify\"`, the default"
            ))),
        }
    }
}

impl FromMeta for Skip {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        let wrong =
            || darling::Error::custom("expected the names of arguments: `skip(first, second)`");
        let Meta::List(list) = meta else {
            return Err(wrong().with_span(meta));
        };
        // A keyword can't be an argument's name, but `self` is worth an answer of its own.
        let names = Punctuated::<Ident, Token![,]>::parse_terminated_with;
        let parser = |input: ParseStream<'_>| names(input, Ident::parse_any);
        let names = parser
            .parse2(list.tokens.clone())
            .map_err(|error| wrong().with_span(&error.span()))?;
        Ok(Self {
            names: names.into_iter().collect(),
            span: meta.span(),
        })
    }
}

impl FromMeta for Attributes {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        let example =
            "expected keys and values: `attributes(order = order_id, \"http.route\" = \"/\")`";
        let Meta::List(list) = meta else {
            return Err(darling::Error::custom(example).with_span(meta));
        };
        Punctuated::<KeyValue, Token![,]>::parse_terminated
            .parse2(list.tokens.clone())
            .map(|pairs| Self(pairs.into_iter().collect()))
            .map_err(|error| {
                darling::Error::custom(format!("{error}; {example}")).with_span(&error.span())
            })
    }
}

impl Parse for KeyValue {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = if input.peek(LitStr) {
            input.parse()?
        } else {
            // `order.id = …` is the key `order.id`.
            let parts = Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(
                input,
                Ident::parse_any,
            )?;
            let text: Vec<_> = parts.iter().map(|part| part.unraw().to_string()).collect();
            let span = parts.first().map_or_else(Span::call_site, Ident::span);
            LitStr::new(&text.join("."), span)
        };
        input.parse::<Token![=]>()?;
        Ok(Self {
            key,
            value: input.parse()?,
        })
    }
}
