//! Several attributes of ours on one function.
//!
//! The compiler expands the first one first, which puts it innermost: the others are applied to what it
//! wrote. One reads them the other way round: `#[tool] #[agent]` is an agent that is called as a tool.
//! So an attribute that sees others of ours below it lets them go first.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::Attribute as SynAttribute;

use crate::function::model::Function;
use crate::paths::CratePath;

/// Those that go on functions.
const OURS: [&str; 6] = ["agent", "trace", "span", "task", "tool", "llm"];

/// What stands last among the options of an attribute that has let the others go first.
const MARK: &str = "__waited";

/// An attribute, before it is known whether there are others.
pub(crate) struct Stacked {
    name: &'static str,
    options: TokenStream,
    waited: bool,
}

impl Stacked {
    pub(crate) fn new(name: &'static str, options: TokenStream) -> Self {
        let mut tokens: Vec<TokenTree> = options.into_iter().collect();
        let waited = tokens.pop_if(|last| is_mark(last)).is_some();
        Self {
            name,
            options: tokens.into_iter().collect(),
            waited,
        }
    }

    /// Returns the options, as the user wrote them.
    pub(crate) fn options(&self) -> TokenStream {
        self.options.clone()
    }

    /// Returns the function with this attribute below the others of ours, where there are any that it
    /// has not let go first.
    pub(crate) fn behind_the_others(
        &self,
        krate: Option<&CratePath>,
        function: &Function,
    ) -> Option<TokenStream> {
        if self.waited {
            return None;
        }
        let standard = CratePath::standard();
        let krate = krate.unwrap_or(&standard);
        let Function {
            attrs,
            vis,
            modifiers,
            sig,
            inner,
            body,
        } = function;
        let last = attrs
            .iter()
            .rposition(|attr| is_ours(attr, krate) && !has_waited(attr))?;
        let (first, rest) = attrs.split_at_checked(last + 1)?;
        let options = &self.options;
        let [name, mark] = [self.name, MARK].map(|word| Ident::new(word, Span::call_site()));
        let comma = needs_comma(options).then(|| quote!(,));
        Some(quote! {
            #(#first)*
            #[#krate::#name(#options #comma #mark)]
            #(#rest)*
            #vis #modifiers #sig {
                #(#inner)*
                #body
            }
        })
    }
}

/// Returns whether it is written as one of ours. One that is imported can't be told from other crates'
/// of the same name.
fn is_ours(attr: &SynAttribute, krate: &CratePath) -> bool {
    let path = attr.path();
    let Some(last) = path.segments.last() else {
        return false;
    };
    let text = |tokens: TokenStream| tokens.to_string().replace(' ', "");
    let written = text(path.to_token_stream());
    let Some(prefix) = written.strip_suffix(&format!("::{}", last.ident)) else {
        return false;
    };
    let krate = text(krate.to_token_stream());
    OURS.iter().any(|known| last.ident == known)
        && prefix.trim_start_matches("::") == krate.trim_start_matches("::")
}

fn has_waited(attr: &SynAttribute) -> bool {
    let syn::Meta::List(list) = &attr.meta else {
        return false;
    };
    list.tokens
        .clone()
        .into_iter()
        .last()
        .as_ref()
        .is_some_and(is_mark)
}

fn is_mark(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if word == MARK)
}

fn needs_comma(options: &TokenStream) -> bool {
    let last = options.clone().into_iter().last();
    last.is_some_and(|token| token.to_string() != ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(name: &'static str, options: &str, item: &str) -> Option<Vec<String>> {
        let function = Function::parse(name, item.parse().unwrap()).unwrap();
        let stacked = Stacked::new(name, options.parse().unwrap());
        let tokens = stacked.behind_the_others(None, &function)?;
        let function = Function::parse(name, tokens).unwrap();
        let path = |attr: &SynAttribute| attr.path().to_token_stream().to_string().replace(' ', "");
        Some(function.attrs.iter().map(path).collect())
    }

    #[test]
    fn the_others_go_first_in_their_order() {
        assert_eq!(
            order(
                "tool",
                "",
                "#[rollout::agent] #[inline] #[::rollout::llm(x)] fn f() {}"
            )
            .unwrap(),
            [
                "rollout::agent",
                "inline",
                "::rollout::llm",
                "::rollout::tool"
            ]
        );
        assert_eq!(
            order(
                "llm",
                "a = 1,",
                "#[rollout::span(\"x\")] #[rollout::tool(__waited)] fn f() {}"
            ),
            Some(vec![
                "rollout::span".into(),
                "::rollout::llm".into(),
                "rollout::tool".into()
            ])
        );
    }

    #[test]
    fn alone_or_after_the_others_it_stays_where_it_is() {
        assert_eq!(order("tool", "", "#[inline] #[rig::tool] fn f() {}"), None);
        assert_eq!(order("tool", "", "#[tool] fn f() {}"), None);
        assert_eq!(
            order("tool", "x, __waited", "#[rollout::agent] fn f() {}"),
            None
        );
    }
}
