//! Attributes on functions.

pub(crate) mod args;
mod attribute;
mod body;
mod expand;
pub(crate) mod model;
pub(crate) mod returns;
pub(crate) mod validate;

use proc_macro2::TokenStream;

use self::args::Args;
pub(crate) use self::attribute::Attribute;
use self::model::Function;
use crate::fallback;
use crate::stacked::Stacked;

/// Applies an attribute to an item. Everything that is wrong is reported at once.
pub(crate) fn attribute(
    attribute: Attribute,
    options: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let stacked = Stacked::new(attribute.name(), options);
    let mut errors = darling::Error::accumulator();
    let function = errors.handle(Function::parse(attribute.name(), item.clone()));
    let args = Args::parse(attribute, stacked.options(), &mut errors);
    validate::validate(attribute, &args, function.as_ref(), &mut errors);
    match errors.finish_with(function) {
        Ok(Some(function)) => stacked
            .behind_the_others(args.krate.as_ref(), &function)
            .unwrap_or_else(|| expand::expand(attribute, &args, &function)),
        Ok(None) => item,
        Err(error) => fallback::expand(error, &item),
    }
}

#[cfg(test)]
mod tests;
