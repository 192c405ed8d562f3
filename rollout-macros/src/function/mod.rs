//! Attributes on functions.

mod args;
mod expand;
mod model;
mod returns;
mod validate;

use proc_macro2::TokenStream;

use self::args::Args;
use self::model::Function;
use crate::fallback;

/// Which attribute it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Agent,
}

impl Attribute {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
        }
    }

    /// Returns whether it opens a trace of its own.
    pub(crate) fn opens_trace(self) -> bool {
        matches!(self, Self::Agent)
    }

    /// Returns whether arguments and result are captured unless an option says otherwise.
    pub(crate) fn captures(self) -> bool {
        matches!(self, Self::Agent)
    }
}

pub(crate) fn attribute(
    attribute: Attribute,
    options: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let expanded = Function::parse(attribute, item.clone()).and_then(|function| {
        let args = Args::parse(attribute, options)?;
        validate::validate(attribute, &args, &function)?;
        Ok(expand::expand(attribute, &args, &function))
    });
    expanded.unwrap_or_else(|error| fallback::expand(error, &item))
}
