//! The one place that knows how to reach `rollout`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Path};

/// The path of the `rollout` crate, as the user calls it.
#[derive(Clone, Debug)]
pub(crate) struct CratePath(Option<Path>);

impl CratePath {
    pub(crate) fn standard() -> Self {
        Self(None)
    }
}

impl darling::FromMeta for CratePath {
    fn from_expr(expr: &Expr) -> darling::Result<Self> {
        match expr {
            Expr::Path(path) if path.qself.is_none() => Ok(Self(Some(path.path.clone()))),
            other => Err(darling::Error::custom(
                "expected the path of the `rollout` crate, such as `crate = my_deps::rollout`",
            )
            .with_span(other)),
        }
    }

    fn from_word() -> darling::Result<Self> {
        Err(darling::Error::custom(
            "expected the path of the `rollout` crate, such as `crate = my_deps::rollout`",
        ))
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => quote!(::rollout).to_tokens(tokens),
        }
    }
}
