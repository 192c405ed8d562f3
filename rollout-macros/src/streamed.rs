//! The type of what streams, as it can be written for a recorded one.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{PathSegment, ReturnType, TraitBound, Type, TypeParamBound, parse_quote};

/// What a return type says of streams.
#[derive(Debug)]
pub(crate) struct Streamed;

impl Streamed {
    /// Returns whether it can be seen that it is, or holds, a stream or an iterator.
    pub(crate) fn is_visible(output: &ReturnType) -> bool {
        match output {
            ReturnType::Default => false,
            ReturnType::Type(_, ty) => look(ty, &TokenStream::new()).1,
        }
    }

    /// Returns the type with the recorded stream in place of `impl Stream`. `private` is the path of our
    /// `instrumented`.
    pub(crate) fn declared(ty: &Type, private: &TokenStream) -> TokenStream {
        look(ty, private).0
    }
}

impl Streamed {
    /// Returns the type with iterators in place of opaque streams.
    pub(crate) fn iterator(ty: &Type) -> TokenStream {
        let mut iterator = ty.clone();
        Iterators.visit_type_mut(&mut iterator);
        iterator.to_token_stream()
    }
}

struct Iterators;

impl VisitMut for Iterators {
    fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
        if let Some(last) = bound.path.segments.last()
            && last.ident == "Stream"
        {
            let arguments = &last.arguments;
            bound.path = parse_quote!(::core::iter::Iterator #arguments);
        }
    }
}

fn look(ty: &Type, private: &TokenStream) -> (TokenStream, bool) {
    let mut replace = Replace {
        private,
        is_visible: false,
    };
    let mut declared = ty.clone();
    replace.visit_type_mut(&mut declared);
    (declared.to_token_stream(), replace.is_visible)
}

struct Replace<'a> {
    private: &'a TokenStream,
    is_visible: bool,
}

impl VisitMut for Replace<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let private = self.private;
        let recorded = match ty {
            Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(recorded_of),
            Type::TraitObject(object) => {
                self.is_visible |= object
                    .bounds
                    .iter()
                    .any(|bound| recorded_of(bound).is_some());
                return;
            }
            _ => None,
        };
        match recorded {
            Some(recorded) => {
                self.is_visible = true;
                *ty = parse_quote!(#private::#recorded<_>);
            }
            None => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
        if segment.ident == "BoxStream" || segment.ident == "LocalBoxStream" {
            self.is_visible = true;
        } else {
            visit_mut::visit_path_segment_mut(self, segment);
        }
    }
}

/// Returns the recorded type for something of this bound.
fn recorded_of(bound: &TypeParamBound) -> Option<TokenStream> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    match bound.path.segments.last()?.ident.to_string().as_str() {
        "Stream" => Some(quote!(RecordedStream)),
        "Iterator" => Some(quote!(RecordedIterator)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streamed(ty: &str) -> (bool, String) {
        let (declared, is_visible) = look(&syn::parse_str(ty).unwrap(), &quote!(p));
        (is_visible, declared.to_string().replace(' ', ""))
    }

    #[test]
    fn streams_are_seen_and_opaque_ones_named() {
        for (ty, visible, declared) in [
            ("Result<Answer, E>", false, "Result<Answer,E>"),
            ("Result<ChunkStream, E>", false, "Result<ChunkStream,E>"),
            (
                "Result<impl Stream<Item = u8> + Send, E>",
                true,
                "Result<p::RecordedStream<_>,E>",
            ),
            (
                "impl Iterator<Item = u8> + use<>",
                true,
                "p::RecordedIterator<_>",
            ),
            ("BoxStream<'static, u8>", true, "BoxStream<'static,u8>"),
            (
                "Pin<Box<dyn Stream<Item = u8>>>",
                true,
                "Pin<Box<dynStream<Item=u8>>>",
            ),
        ] {
            assert_eq!(streamed(ty), (visible, declared.to_owned()), "{ty}");
        }
    }
}
