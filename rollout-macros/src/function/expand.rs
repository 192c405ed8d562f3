//! The code that is written. Thin calls into ordinary functions; no decisions but what the signature
//! makes necessary.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::args::{Args, Flush};
use super::attribute::Attribute;
use super::model::{Argument, Function};
use super::returns::{Later, Returns, Wrapped, annotation};
use crate::paths::CratePath;
use crate::spans::local;

pub(super) fn expand(attribute: Attribute, args: &Args, function: &Function) -> TokenStream {
    let expansion = Expansion::new(attribute, args, function);
    let returns = Returns::of(&function.sig.output);
    let body = match (function.sig.asyncness, returns) {
        (Some(_), returns) => expansion.asynchronous(&returns),
        (None, Returns::Future(later)) => expansion.future(&later),
        (None, returns) => expansion.synchronous(&returns),
    };
    function.with_body(&body)
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

    fn synchronous(&self, returns: &Returns) -> TokenStream {
        let Self {
            private,
            site,
            fill,
            ..
        } = self;
        let body = self.function.closure();
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let rest = self.after(&call, &result, returns, &quote!(#call.end();));
        let run = quote!(#call.run(#body));
        let run = self.and_then(&run, &result, &rest);
        quote! {
            let mut #call = #private::Prepared::new(#site, #fill).open();
            #run
        }
    }

    fn asynchronous(&self, returns: &Returns) -> TokenStream {
        let Self {
            private,
            site,
            fill,
            ..
        } = self;
        let [call, result] = ["__rollout_call", "__rollout_result"].map(local);
        let body = self.function.block(private);
        let end = self.end_async(&call);
        let rest = self.after(&call, &result, returns, &end);
        let run = quote!(#call.run_async(#body).await);
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

    /// A function that is not `async`, and returns a future: its arguments are captured when it is
    /// called, and its trace or span opens when the future is first polled, as for an `async fn`.
    fn future(&self, later: &Later) -> TokenStream {
        let Self {
            private,
            site,
            fill,
            ..
        } = self;
        let body = self.function.closure();
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
