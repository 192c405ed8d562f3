//! The options of the attribute.

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use darling::{Error, FromMeta};
use proc_macro2::{Ident, TokenStream};
use syn::{Expr, Lit, parse_quote};

use crate::function::args::Attributes;
use crate::options::{self, expression, flag, switch, text, word};
use crate::paths::CratePath;

/// How the attribute is written, to show what goes where.
pub(super) const EXAMPLE: &str = "#[llm(provider = \"openai\", operation = \"chat\")]";

const KNOWN: &[&str] = &[
    "provider",
    "operation",
    "label",
    "name",
    "model",
    "request",
    "stream",
    "capture_input",
    "capture_output",
    "attributes",
    "crate",
];

/// What the user wrote in the brackets. Keys keep their spans.
#[derive(Debug, Default, FromMeta)]
pub(super) struct Args {
    /// Whose protocol it speaks.
    #[darling(with = text, map = Some)]
    pub(super) provider: Option<SpannedValue<String>>,
    /// What is asked for.
    #[darling(with = text, map = Some)]
    pub(super) operation: Option<SpannedValue<String>>,
    /// Who serves the model, where it is somebody else.
    #[darling(with = text, map = Some)]
    pub(super) label: Option<SpannedValue<String>>,
    /// The name of the span, instead of the operation's.
    #[darling(with = text, map = Some)]
    pub(super) name: Option<SpannedValue<String>>,
    /// The model, where the request does not name it.
    #[darling(with = expression, map = Some)]
    pub(super) model: Option<Expr>,
    /// The argument that is the request.
    #[darling(with = word, map = Some)]
    pub(super) request: Option<Ident>,
    /// Whether a named type that it returns is a stream.
    #[darling(with = flag, map = Some)]
    pub(super) stream: Option<()>,
    /// Whether the request is captured.
    #[darling(with = switch, map = Some)]
    pub(super) capture_input: Option<SpannedValue<bool>>,
    /// Whether the answer is captured.
    #[darling(with = switch, map = Some)]
    pub(super) capture_output: Option<SpannedValue<bool>>,
    pub(super) attributes: Option<Attributes>,
    #[darling(rename = "crate")]
    pub(super) krate: Option<CratePath>,
}

impl Args {
    /// Reads the options: first a name without a key, if there is one, as for the other attributes.
    pub(super) fn parse(options: TokenStream, errors: &mut Accumulator) -> Self {
        let listed = NestedMeta::parse_meta_list(options).map_err(|error| {
            Error::custom(format!("{error}; options are written as in `{EXAMPLE}`"))
                .with_span(&error.span())
        });
        let mut listed = errors.handle(listed).unwrap_or_default();
        if let Some(first) = listed.first_mut()
            && let NestedMeta::Lit(Lit::Str(name)) = first
        {
            *first = NestedMeta::Meta(parse_quote!(name = #name));
        }
        options::read(listed, KNOWN, EXAMPLE, errors)
    }
}
