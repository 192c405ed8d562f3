//! What stands in `#[instrumented(…)]`: options, and declarations of methods.

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use darling::{Error, FromMeta};
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility, parenthesized, token};

use crate::options::{self, flag, switch, text, word};
use crate::paths::CratePath;
use crate::provider::Operation;

/// How an attribute is written, to show what goes where.
const OPTIONS: &str = "#[instrumented(provider = \"openai\")]";
const DECLARATION: &str =
    "#[instrumented(chat: async fn complete(&self, request: &Request) -> Result<Response, Error>)]";

const KNOWN: &[&str] = &["provider", "label", "wrapper", "crate"];

/// The options of the client as a whole.
#[derive(Debug, Default, FromMeta)]
pub(super) struct Options {
    /// Whose protocol it speaks.
    #[darling(with = text, map = Some)]
    pub(super) provider: Option<SpannedValue<String>>,
    /// Who serves the model, where it is somebody else.
    #[darling(with = text, map = Some)]
    pub(super) label: Option<SpannedValue<String>>,
    /// What the recorded client is called, instead of `Instrumented…`.
    #[darling(with = word, map = Some)]
    pub(super) wrapper: Option<Ident>,
    #[darling(rename = "crate")]
    pub(super) krate: Option<CratePath>,
}

/// The options of a method, in brackets behind its operation.
#[derive(Debug, Default, FromMeta)]
pub(super) struct MethodOptions {
    /// Whether a named type that it returns is a stream.
    #[darling(with = flag, map = Some)]
    pub(super) stream: Option<()>,
    /// The argument that is the request.
    #[darling(with = word, map = Some)]
    pub(super) request: Option<Ident>,
    /// The name of the span, instead of the operation's.
    #[darling(with = text, map = Some)]
    pub(super) name: Option<SpannedValue<String>>,
    /// Whether requests are captured.
    #[darling(with = switch, map = Some)]
    pub(super) capture_input: Option<SpannedValue<bool>>,
    /// Whether answers are captured.
    #[darling(with = switch, map = Some)]
    pub(super) capture_output: Option<SpannedValue<bool>>,
}

/// The declaration of a method: `chat(stream): async fn …`.
#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) operation: Ident,
    pub(super) options: MethodOptions,
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) sig: Signature,
}

#[derive(Debug, Default)]
pub(super) struct Args {
    pub(super) options: Options,
    pub(super) declarations: Vec<Declaration>,
    /// Whether there was a declaration at all, also one that could not be read.
    pub(super) declares: bool,
    /// Whether there was a provider, also one that could not be read.
    pub(super) names_provider: bool,
}

impl Args {
    pub(super) fn parse(attrs: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut args = Self::default();
        let mut options = Vec::new();
        for attr in attrs {
            if !attr.path().is_ident("instrumented") {
                continue;
            }
            let parsed = match attr.meta.require_list() {
                Ok(list) if !list.tokens.is_empty() => {
                    list.parse_args_with(Content::parse).map_err(Error::from)
                }
                _ => Err(Error::custom(format!(
                    "options or a method are expected here: `{OPTIONS}`, `{DECLARATION}`"
                ))
                .with_span(attr.path())),
            };
            match errors.handle(parsed) {
                Some(Content::Options(more)) => options.extend(more),
                Some(Content::Declaration(raw)) => {
                    args.declares = true;
                    args.declarations.extend(errors.handle(raw.read()));
                }
                // Whatever it was meant to be.
                None => (args.declares, args.names_provider) = (true, true),
            }
        }
        let is_provider = |option: &NestedMeta| match option {
            NestedMeta::Meta(meta) => meta.path().is_ident("provider"),
            NestedMeta::NameValueInvalidExpr(pair) => pair.path.is_ident("provider"),
            NestedMeta::Lit(_) => false,
        };
        args.names_provider |= options.iter().any(is_provider);
        args.options = options::read(options, KNOWN, OPTIONS, errors);
        args
    }
}

/// What stands in one attribute.
enum Content {
    Options(Vec<NestedMeta>),
    Declaration(Box<Raw>),
}

/// A declaration whose options have not been looked at.
struct Raw {
    operation: Ident,
    options: TokenStream,
    rest: (Vec<Attribute>, Visibility, Signature),
}

impl Parse for Content {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !is_declaration(input) {
            let rest: TokenStream = input.parse()?;
            let options = NestedMeta::parse_meta_list(rest).map_err(|error| {
                syn::Error::new(
                    error.span(),
                    format!("{error}; options are written as in `{OPTIONS}`"),
                )
            })?;
            return Ok(Self::Options(options));
        }
        let operation = input.call(Ident::parse_any)?;
        if KNOWN.contains(&&*operation.to_string()) {
            let message = format!("an option is written with `=`: `{operation} = …`");
            return Err(input.error(message));
        }
        let options = if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            content.parse()?
        } else {
            TokenStream::new()
        };
        if !input.peek(Token![:]) {
            return Err(input.error(format!("a method is declared as in `{DECLARATION}`")));
        }
        input.parse::<Token![:]>()?;
        let rest = (
            input.call(Attribute::parse_outer)?,
            input.parse()?,
            input.parse().map_err(|error: syn::Error| {
                let message = format!("{error}; a method is declared as in `{DECLARATION}`");
                syn::Error::new(error.span(), message)
            })?,
        );
        if input.peek(token::Brace) {
            return Err(input.error("only the head of the method stands here: remove its body"));
        }
        let _ = input.parse::<Option<Token![;]>>()?;
        let _ = input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            return Err(input.error("each method has an `#[instrumented(…)]` of its own"));
        }
        Ok(Self::Declaration(Box::new(Raw {
            operation,
            options,
            rest,
        })))
    }
}

/// Tells `chat: …` and `chat(…) …` from options.
fn is_declaration(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(operation) = ahead.call(Ident::parse_any) else {
        return false;
    };
    let has_options = ahead.peek(token::Paren);
    if has_options && ahead.parse::<proc_macro2::Group>().is_err() {
        return false;
    }
    let known = Operation::is_known(&operation.to_string());
    // A path is no declaration, and a colon behind an option is a slip.
    ahead.peek(Token![:]) && !ahead.peek(Token![::]) || known
}

impl Raw {
    fn read(self) -> darling::Result<Declaration> {
        let mut errors = Error::accumulator();
        let listed = NestedMeta::parse_meta_list(self.options).map_err(Error::from);
        let listed = errors.handle(listed).unwrap_or_default();
        let known = [
            "stream",
            "request",
            "name",
            "capture_input",
            "capture_output",
        ];
        let options = options::read(listed, &known, "chat(name = \"ask\"): …", &mut errors);
        let (attrs, vis, sig) = self.rest;
        errors.finish_with(Declaration {
            operation: self.operation,
            options,
            attrs,
            vis,
            sig,
        })
    }
}
