//! The code that is written. Thin calls into ordinary functions; no decisions but what the signature
//! makes necessary.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, ReturnType, Type};

use super::args::{Args, Flush};
use super::attribute::Attribute;
use super::model::{Argument, Function};
use super::returns::{Later, Returns, Wrapped, annotation};
use crate::paths::CratePath;

pub(super) fn expand(attribute: Attribute, args: &Args, function: &Function) -> TokenStream {
    let Function {
        attrs,
        vis,
        modifiers,
        sig,
        inner,
        body,
    } = function;
    let expansion = Expansion::new(attribute, args, function);
    let returns = Returns::of(&sig.output);
    let body = match (sig.asyncness, returns) {
        (Some(_), returns) => expansion.asynchronous(body.as_ref(), &returns),
        (None, Returns::Future(later)) => expansion.future(body.as_ref(), &later),
        (None, returns) => expansion.synchronous(body.as_ref(), &returns),
    };
    quote! {
        #(#attrs)*
        #vis #modifiers #sig {
            #(#inner)*
            #body
        }
    }
}

struct Expansion<'a> {
    private: TokenStream,
    site: TokenStream,
    fill: TokenStream,
    function: &'a Function,
    waits: bool,
}

impl<'a> Expansion<'a> {
    fn new(attribute: Attribute, args: &Args, function: &'a Function) -> Self {
        let krate = args.krate.clone().unwrap_or_else(CratePath::standard);
        let private = quote!(#krate::__private);
        let waits = args.flush == Some(Flush::Wait);
        let site = site(attribute, args, function, &private);
        let fill = fill(attribute, args, function, &private);
        Self {
            private,
            site,
            fill,
            function,
            waits,
        }
    }

    fn synchronous(&self, body: Option<&TokenStream>, returns: &Returns) -> TokenStream {
        let Self {
            private,
            site,
            fill,
            ..
        } = self;
        let body = self.closure(body);
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let rest = self.after(&call, &result, returns, &quote!(#call.end();));
        let run = quote!(#call.run(#body));
        let run = self.and_then(&run, &result, &rest);
        quote! {
            let mut #call = #private::Prepared::new(#site, #fill).open();
            #run
        }
    }

    fn asynchronous(&self, body: Option<&TokenStream>, returns: &Returns) -> TokenStream {
        let Self {
            private,
            site,
            fill,
            ..
        } = self;
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let early = self.early_return();
        let end = self.end_async(&call);
        let rest = self.after(&call, &result, returns, &end);
        let run = quote!(#call.run_async(async move { #early #body }).await);
        let run = self.and_then(&run, &result, &rest);
        quote! {
            let mut #call = #private::Prepared::new(#site, #fill).open();
            #run
        }
    }

    /// Goes on with the result, unless there never is one.
    fn and_then(&self, run: &TokenStream, result: &Ident, rest: &TokenStream) -> TokenStream {
        if self.function.diverges() {
            run.clone()
        } else {
            quote! { let #result = #run; #rest }
        }
    }

    /// A return that is never reached, and tells the compiler what an `async` block returns, which
    /// can't be written. So `?` knows what to convert into, and a wrong type is underlined in the body.
    fn early_return(&self) -> Option<TokenStream> {
        match &self.function.sig.output {
            ReturnType::Default => Some(quote!(if false {
                return;
            })),
            ReturnType::Type(_, ty) => {
                let span = ours(ty.span());
                let ty = annotation(ty)?;
                let private = located_at(&self.private, span);
                Some(quote_spanned!(span=> if false { return #private::never::<#ty>(); }))
            }
        }
    }

    /// A function that is not `async`, and returns a future: its arguments are captured when it is
    /// called, and its trace or span opens when the future is first polled, as for an `async fn`.
    fn future(&self, body: Option<&TokenStream>, later: &Later) -> TokenStream {
        let Self {
            private,
            site,
            fill,
            ..
        } = self;
        let body = self.closure(body);
        let [prepared, future, call, result] = [
            "__rollout_prepared",
            "__rollout_future",
            "__rollout_call",
            "__rollout_result",
        ]
        .map(local);
        let annotation = later
            .output
            .as_ref()
            .and_then(annotation)
            .map(|ty| quote!(: #ty));
        let end = self.end_async(&call);
        let recorded = quote! {
            async move {
                let mut #call = #prepared.open();
                let #result #annotation = #call.run_async(#future).await;
                #private::outcome!(#call, &#result);
                #end
                #result
            }
        };
        let recorded = wrap(later.wrapped, &recorded);
        quote! {
            let #prepared = #private::Prepared::new(#site, #fill);
            let #future = #private::call(#body);
            #recorded
        }
    }

    /// What follows the body: notes how it went, and ends the call or hands it to what goes on.
    fn after(
        &self,
        call: &Ident,
        result: &Ident,
        returns: &Returns,
        end: &TokenStream,
    ) -> TokenStream {
        let private = &self.private;
        let (method, later) = match returns {
            Returns::Stream(later) => (quote!(stream), later),
            Returns::Iterator(later) => (quote!(iterate), later),
            Returns::Value | Returns::Future(_) => {
                return quote! {
                    #private::outcome!(#call, &#result);
                    #end
                    #result
                };
            }
        };
        let going_on = |inner: &TokenStream| {
            wrap(
                later.wrapped,
                &quote!(#call.#method(#inner, #private::note_item!())),
            )
        };
        if !later.in_result {
            return going_on(&quote!(#result));
        }
        let [value, error] = ["__rollout_value", "__rollout_error"].map(local);
        let value_going_on = going_on(&quote!(#value));
        quote! {
            match #result {
                ::core::result::Result::Ok(#value) => ::core::result::Result::Ok(#value_going_on),
                ::core::result::Result::Err(#error) => {
                    #private::failure!(#call, &#error);
                    #end
                    ::core::result::Result::Err(#error)
                }
            }
        }
    }

    fn end_async(&self, call: &Ident) -> TokenStream {
        if self.waits {
            quote!(#call.end_async().await;)
        } else {
            quote!(#call.end();)
        }
    }

    /// The body as a closure, as it may return early. Its return type is written, so that `?` knows what
    /// to convert into, and the compiler shows the function's name where it speaks of the closure.
    fn closure(&self, body: Option<&TokenStream>) -> TokenStream {
        let sig = &self.function.sig;
        let output = match &sig.output {
            // Said aloud, as a body that never returns would leave the type open.
            ReturnType::Default => Some(quote!(-> ())),
            ReturnType::Type(arrow, ty) if matches!(**ty, Type::Never(_)) => {
                Some(quote!(#arrow #ty))
            }
            ReturnType::Type(arrow, ty) => annotation(ty).map(|ty| quote!(#arrow #ty)),
        };
        quote_spanned!(ours(sig.ident.span())=> move || #output { #body })
    }
}

/// What is known of the function at compile time.
fn site(
    attribute: Attribute,
    args: &Args,
    function: &Function,
    private: &TokenStream,
) -> TokenStream {
    let kind = match attribute {
        Attribute::Agent | Attribute::Trace => quote!(Trace),
        Attribute::Span => {
            let kind = args.kind.as_deref().map_or("span", String::as_str);
            quote!(Span(#kind))
        }
        Attribute::Task => quote!(Span("task")),
        Attribute::Tool => quote!(Tool),
    };
    let name = args
        .name
        .as_ref()
        .map_or_else(|| function.name(), |name| (**name).clone());
    let input = args.captures_input(attribute).then(|| quote!(.input(true)));
    let output = args
        .captures_output(attribute)
        .then(|| quote!(.output(true)));
    let wait = (args.flush == Some(Flush::Wait)).then(|| quote!(.wait(true)));
    quote!(const { &#private::Site::new(#private::Kind::#kind, #name) #input #output #wait })
}

/// What is to be known of one call: the options' expressions, and the arguments.
fn fill(
    attribute: Attribute,
    args: &Args,
    function: &Function,
    private: &TokenStream,
) -> TokenStream {
    let opening = local("__rollout_opening");
    let ids = [
        ("user_id", &args.user_id),
        ("session_id", &args.session_id),
        ("conversation_id", &args.conversation_id),
        ("external_trace_id", &args.external_trace_id),
        ("tool_call_id", &args.tool_call_id),
    ];
    let ids = ids.into_iter().filter_map(|(option, id)| {
        let id = id.as_ref()?;
        // On the user's own tokens, so that a type that is no id is underlined there.
        let option = Ident::new(option, Span::mixed_site());
        Some(quote_spanned!(id.span()=> #opening.#option(#private::id(#id));))
    });
    let retries = args.retry_count.as_ref().map(|count| {
        let option = Ident::new("retry_count", Span::mixed_site());
        quote_spanned!(count.span()=> #opening.#option(#count);)
    });
    let pairs = args
        .attributes
        .iter()
        .flat_map(|attributes| &attributes.0)
        .map(|pair| {
            let (key, value) = (&pair.key, &pair.value);
            quote!(#opening.attribute(#key, #private::capture!(&(#value)));)
        });
    let skipped = args
        .skip
        .as_ref()
        .map(|skip| skip.names.as_slice())
        .unwrap_or_default();
    let captured = if args.captures_input(attribute) {
        function.arguments()
    } else {
        Vec::new()
    };
    let arguments = captured
        .into_iter()
        .filter(|argument| !skipped.contains(argument.name))
        .map(|Argument { name, cfgs }| {
            let text = name.unraw().to_string();
            quote!(#(#cfgs)* #opening.argument(#text, #private::capture!(&#name));)
        });
    quote!(|#opening| { #(#ids)* #retries #(#pairs)* #(#arguments)* })
}

fn wrap(wrapped: Wrapped, inner: &TokenStream) -> TokenStream {
    match wrapped {
        Wrapped::Plain => inner.clone(),
        Wrapped::Pinned => quote!(::std::boxed::Box::pin(#inner)),
        Wrapped::Boxed => quote!(::std::boxed::Box::new(#inner)),
    }
}

/// Returns where the compiler is to point for code of ours that stands in for the user's.
fn ours(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Returns the same path, found in the same way, for the compiler to point there.
fn located_at(path: &TokenStream, span: Span) -> TokenStream {
    let tokens = path.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    tokens.collect()
}

/// A name that the user's code neither sees nor can shadow.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
