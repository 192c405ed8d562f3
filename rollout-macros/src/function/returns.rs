//! What a function returns, as far as its signature tells: a value, or something that goes on after
//! it has returned.

use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Type, TypeImplTrait, TypeParamBound,
    parse_quote,
};

/// What a function returns.
#[derive(Clone, Debug)]
pub(crate) enum Returns {
    Value,
    Future(Later),
    Stream(Later),
    Iterator(Later),
}

/// Something that goes on after the function has returned.
#[derive(Clone, Debug)]
pub(crate) struct Later {
    pub(crate) wrapped: Wrapped,
    /// Whether it comes in a `Result`.
    pub(crate) in_result: bool,
    /// What a future's result is, where the signature says.
    pub(crate) output: Option<Type>,
}

/// How it is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapped {
    /// As some type.
    Plain,
    /// As `Pin<Box<…>>`.
    Pinned,
    /// As `Box<…>`.
    Boxed,
}

impl Returns {
    pub(crate) fn of(output: &ReturnType) -> Self {
        match output {
            ReturnType::Default => Self::Value,
            ReturnType::Type(_, ty) => Self::of_type(ty, false),
        }
    }

    fn of_type(ty: &Type, in_result: bool) -> Self {
        match ty {
            Type::ImplTrait(ty) => Self::of_bounds(ty.bounds.iter(), Wrapped::Plain, in_result),
            Type::Paren(ty) => Self::of_type(&ty.elem, in_result),
            Type::Group(ty) => Self::of_type(&ty.elem, in_result),
            Type::Path(ty) => ty
                .path
                .segments
                .last()
                .map_or(Self::Value, |last| Self::of_path(last, in_result)),
            _ => Self::Value,
        }
    }

    fn of_path(last: &PathSegment, in_result: bool) -> Self {
        let argument = |index| type_arguments(last).nth(index);
        let later = |wrapped, output: Option<&Type>| Later {
            wrapped,
            in_result,
            output: output.cloned(),
        };
        match (last.ident.to_string().as_str(), argument(0)) {
            ("Result", Some(success)) if !in_result => match Self::of_type(success, true) {
                // A future in a `Result` is too rare to be worth a word.
                Self::Future(_) => Self::Value,
                returns => returns,
            },
            ("BoxFuture" | "LocalBoxFuture", output) => {
                Self::Future(later(Wrapped::Pinned, output))
            }
            ("BoxStream" | "LocalBoxStream", _) => Self::Stream(later(Wrapped::Pinned, None)),
            ("Pin", Some(Type::Path(pointer))) => {
                match pointer
                    .path
                    .segments
                    .last()
                    .and_then(|last| Some((last, boxed(last)?)))
                {
                    Some((_, Type::TraitObject(object))) => {
                        Self::of_bounds(object.bounds.iter(), Wrapped::Pinned, in_result)
                    }
                    _ => Self::Value,
                }
            }
            ("Box", Some(Type::TraitObject(object))) => {
                match Self::of_bounds(object.bounds.iter(), Wrapped::Boxed, in_result) {
                    // Only an iterator can be used through a plain box.
                    returns @ Self::Iterator(_) => returns,
                    _ => Self::Value,
                }
            }
            _ => Self::Value,
        }
    }

    /// Looks for the trait that says that it goes on. With traits beside it that our own types do not
    /// have, it is taken as a value, as the signature is not ours to change.
    fn of_bounds<'a>(
        bounds: impl Iterator<Item = &'a TypeParamBound>,
        wrapped: Wrapped,
        in_result: bool,
    ) -> Self {
        let mut found = Self::Value;
        let mut wrapped = wrapped;
        for bound in bounds {
            let TypeParamBound::Trait(bound) = bound else {
                continue;
            };
            let Some(last) = bound.path.segments.last() else {
                continue;
            };
            let later = |output| Later {
                wrapped,
                in_result,
                output,
            };
            match last.ident.to_string().as_str() {
                "Future" => found = Self::Future(later(associated_output(last))),
                "Stream" => found = Self::Stream(later(None)),
                "Iterator" => found = Self::Iterator(later(None)),
                "Send" => {}
                "Unpin" if wrapped == Wrapped::Plain => {
                    wrapped = Wrapped::Pinned;
                    if let Self::Future(later) | Self::Stream(later) = &mut found {
                        later.wrapped = wrapped;
                    }
                }
                _ => return Self::Value,
            }
        }
        found
    }
}

fn type_arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments.args.iter()),
        _ => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

fn boxed(segment: &PathSegment) -> Option<&Type> {
    if segment.ident != "Box" {
        return None;
    }
    type_arguments(segment).next()
}

/// Returns the `R` of `Future<Output = R>`.
fn associated_output(segment: &PathSegment) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(assoc.ty.clone()),
        _ => None,
    })
}

/// Returns the type as it can be written inside the function: `impl Trait` is left to the compiler.
/// `None` where nothing would be left.
pub(crate) fn annotation(ty: &Type) -> Option<Type> {
    struct Infer;

    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if let Type::ImplTrait(TypeImplTrait { .. }) = ty {
                *ty = parse_quote!(_);
            } else {
                visit_mut::visit_type_mut(self, ty);
            }
        }
    }

    let mut ty = ty.clone();
    Infer.visit_type_mut(&mut ty);
    (!matches!(ty, Type::Infer(_) | Type::Never(_))).then_some(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returns(output: &str) -> String {
        match Returns::of(&syn::parse_str(output).unwrap()) {
            Returns::Value => "value".into(),
            Returns::Future(later) => {
                format!("future {:?} {}", later.wrapped, later.output.is_some())
            }
            Returns::Stream(later) => format!("stream {:?} {}", later.wrapped, later.in_result),
            Returns::Iterator(later) => format!("iterator {:?}", later.wrapped),
        }
    }

    #[test]
    fn what_goes_on_after_the_return_is_told_from_values() {
        for (output, expected) in [
            ("", "value"),
            ("-> Result<String, Error>", "value"),
            (
                "-> impl Future<Output = u8> + Send + 'a",
                "future Plain true",
            ),
            ("-> impl Future<Output = u8> + Unpin", "future Pinned true"),
            (
                "-> std::pin::Pin<Box<dyn Future<Output = u8> + Send + 'async_trait>>",
                "future Pinned true",
            ),
            ("-> BoxFuture<'_, u8>", "future Pinned true"),
            ("-> impl Stream<Item = u8> + use<>", "stream Plain false"),
            (
                "-> Result<impl futures::Stream<Item = u8>, E>",
                "stream Plain true",
            ),
            (
                "-> Result<Pin<Box<dyn Stream<Item = u8>>>>",
                "stream Pinned true",
            ),
            ("-> Box<dyn Iterator<Item = u8>>", "iterator Boxed"),
            ("-> impl Iterator<Item = u8> + Clone", "value"),
            ("-> impl Display", "value"),
            ("-> Box<dyn Future<Output = u8>>", "value"),
        ] {
            assert_eq!(returns(output), expected, "{output}");
        }
    }

    #[test]
    fn an_annotation_leaves_what_can_not_be_written_to_the_compiler() {
        let text = |ty: &str| {
            annotation(&syn::parse_str(ty).unwrap()).map(|ty| quote::quote!(#ty).to_string())
        };
        assert_eq!(
            text("Result<impl Stream, E>").as_deref(),
            Some("Result < _ , E >")
        );
        assert_eq!(text("impl Stream"), None);
        assert_eq!(text("!"), None);
    }
}
