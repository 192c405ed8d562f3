//! The attribute on a single function or method that calls a model.

mod args;
mod expand;
mod validate;

use proc_macro2::TokenStream;

use self::args::Args;
use crate::fallback;
use crate::function::model::Function;
use crate::stacked::Stacked;

/// Applies the attribute to an item. Everything that is wrong is reported at once.
pub(crate) fn attribute(options: TokenStream, item: TokenStream) -> TokenStream {
    let stacked = Stacked::new("llm", options);
    let mut errors = darling::Error::accumulator();
    let function = errors.handle(Function::parse("llm", item.clone()));
    let args = Args::parse(stacked.options(), &mut errors);
    let target = validate::validate(&args, function.as_ref(), &mut errors);
    match (errors.finish_with(function), target) {
        (Ok(Some(function)), Some(target)) => stacked
            .behind_the_others(args.krate.as_ref(), &function)
            .unwrap_or_else(|| expand::expand(&args, &target, &function)),
        (Ok(_), _) => item,
        (Err(error), _) => fallback::expand(error, &item),
    }
}
