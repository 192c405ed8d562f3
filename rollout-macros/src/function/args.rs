//! The options of an attribute.

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::{SpannedValue, path_to_string};
use darling::{Error, FromMeta};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Lit, LitStr, Meta, Path, Token};

use super::attribute::{Attribute, First};
use crate::options::{self, expression, no_expression, switch, text};
use crate::paths::CratePath;
use crate::suggest;

/// What the user wrote in the brackets. Keys keep their spans.
#[derive(Debug, Default, FromMeta)]
pub(super) struct Args {
    /// The type of a span.
    #[darling(skip)]
    pub(super) kind: Option<SpannedValue<String>>,
    /// The name of the trace or span, instead of the function's.
    #[darling(with = text, map = Some)]
    pub(super) name: Option<SpannedValue<String>>,
    /// Whether arguments are captured.
    #[darling(with = switch, map = Some)]
    pub(super) capture_input: Option<SpannedValue<bool>>,
    /// Whether the result is captured.
    #[darling(with = switch, map = Some)]
    pub(super) capture_output: Option<SpannedValue<bool>>,
    /// Arguments that are not.
    pub(super) skip: Option<Skip>,
    #[darling(with = expression, map = Some)]
    pub(super) user_id: Option<Expr>,
    #[darling(with = expression, map = Some)]
    pub(super) session_id: Option<Expr>,
    #[darling(with = expression, map = Some)]
    pub(super) conversation_id: Option<Expr>,
    /// The program's own name for a trace.
    #[darling(with = expression, map = Some)]
    pub(super) external_trace_id: Option<Expr>,
    /// The id by which the model knows the call of a tool.
    #[darling(with = expression, map = Some)]
    pub(super) tool_call_id: Option<Expr>,
    /// How many times the call of a tool was tried before.
    #[darling(with = expression, map = Some)]
    pub(super) retry_count: Option<Expr>,
    pub(super) attributes: Option<Attributes>,
    /// Whether the end waits for delivery.
    pub(super) flush: Option<Flush>,
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
pub(crate) struct Attributes(pub(crate) Vec<KeyValue>);

#[derive(Debug)]
pub(crate) struct KeyValue {
    pub(crate) key: LitStr,
    pub(crate) value: Expr,
}

impl Args {
    /// Reads the options. Those that are wrong are reported and left out, so that the others can be
    /// looked at all the same.
    pub(super) fn parse(
        attribute: Attribute,
        options: TokenStream,
        errors: &mut Accumulator,
    ) -> Self {
        let options = NestedMeta::parse_meta_list(options).map_err(|error| {
            let example = attribute.example();
            Error::custom(format!("{error}; options are written as in `{example}`"))
                .with_span(&error.span())
        });
        let mut options = errors.handle(options).unwrap_or_default();
        let first = errors.handle(take_first(attribute, &mut options));
        let mut good: Vec<NestedMeta> = Vec::new();
        for option in options {
            let checked = match &option {
                NestedMeta::Lit(literal) => Err(Error::custom(format!(
                    "only the first text goes without a key: `{}`",
                    attribute.example()
                ))
                .with_span(literal)),
                NestedMeta::Meta(meta) => check_key(attribute, meta.path(), &good)
                    .and_then(|()| Self::from_list(std::slice::from_ref(&option)).map(drop)),
                NestedMeta::NameValueInvalidExpr(pair) => {
                    check_key(attribute, &pair.path, &good).and(Err(no_expression(pair)))
                }
            };
            if errors.handle(checked).is_some() {
                good.push(option);
            }
        }
        let mut args = errors.handle(Self::from_list(&good)).unwrap_or_default();
        let Some(Some(first)) = first else {
            return args;
        };
        match attribute.first() {
            First::Kind => args.kind = Some(first),
            First::Name => {
                if let Some(again) = args.name.replace(first) {
                    errors.push(
                        Error::custom("the name is given twice: remove one")
                            .with_span(&again.span()),
                    );
                }
            }
        }
        args
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

/// Takes the text that comes first, without a key.
fn take_first(
    attribute: Attribute,
    options: &mut Vec<NestedMeta>,
) -> darling::Result<Option<SpannedValue<String>>> {
    let what = match attribute.first() {
        First::Name => "name",
        First::Kind => "type",
    };
    match options.first() {
        Some(NestedMeta::Lit(_)) => {}
        // A word that is no option: the quotes are missing.
        Some(NestedMeta::Meta(Meta::Path(path))) if !is_option_like(attribute, path) => {}
        _ if attribute.first() == First::Kind => {
            return Err(Error::custom(
                "a span has a type: `#[span(\"retrieval\")]`, or any other word for what kind of \
                 step it is",
            ));
        }
        _ => return Ok(None),
    }
    match options.remove(0) {
        NestedMeta::Lit(Lit::Str(text)) => Ok(Some(SpannedValue::new(text.value(), text.span()))),
        NestedMeta::Meta(word) => {
            let text = path_to_string(word.path());
            Err(Error::custom(format!(
                "the {what} is written as text, in quotes: `\"{text}\"`"
            ))
            .with_span(&word))
        }
        other => Err(
            Error::custom(format!("the {what} is written as text, in quotes")).with_span(&other),
        ),
    }
}

/// Returns whether a word is an option of some attribute, or much like one of this one.
fn is_option_like(attribute: Attribute, word: &Path) -> bool {
    let name = path_to_string(word);
    let known = attribute.options();
    word.get_ident().is_none()
        || known.contains(&&*name)
        || attribute.refuses(&name).is_some()
        || suggest::did_you_mean(&name, &known).is_some()
}

/// Checks that the attribute takes an option of this name, and that it is given for the first time.
fn check_key(attribute: Attribute, key: &Path, earlier: &[NestedMeta]) -> darling::Result<()> {
    match attribute.refuses(&path_to_string(key)) {
        Some(reason) => Err(Error::custom(reason).with_span(key)),
        None => options::check_key(&attribute.options(), key, earlier),
    }
}

impl FromMeta for Flush {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        let text = text(meta).map_err(|error| {
            Error::custom("expected `flush = \"wait\"`, or `\"notify\"`, the default")
                .with_span(&error.span())
        })?;
        match text.as_str() {
            "wait" => Ok(Self::Wait),
            "notify" => Ok(Self::Notify),
            other => Err(Error::custom(format!(
                "unknown way to flush `{other}`: expected `\"wait\"`, or `\"notify\"`, the default"
            ))
            .with_span(&text.span())),
        }
    }
}

impl FromMeta for Skip {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        let wrong = || Error::custom("expected the names of arguments: `skip(first, second)`");
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
            return Err(Error::custom(example).with_span(meta));
        };
        Punctuated::<KeyValue, Token![,]>::parse_terminated
            .parse2(list.tokens.clone())
            .map(|pairs| Self(pairs.into_iter().collect()))
            .map_err(|error| Error::custom(format!("{error}; {example}")).with_span(&error.span()))
    }
}

impl Parse for KeyValue {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let span = input.span();
        let key = if input.peek(LitStr) {
            input.parse()?
        } else {
            // `order.id = …` is the key `order.id`.
            let parts = Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(
                input,
                Ident::parse_any,
            )?;
            let text: Vec<_> = parts.iter().map(|part| part.unraw().to_string()).collect();
            LitStr::new(&text.join("."), span)
        };
        if input.is_empty() {
            let key = key.value();
            return Err(syn::Error::new(
                span,
                format!("expected a value for `{key}`"),
            ));
        }
        input.parse::<Token![=]>()?;
        Ok(Self {
            key,
            value: input.parse()?,
        })
    }
}
