//! Callables that record what they are called with and what they return.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use super::ToolFuture;
use crate::function::{Call, Opening, Prepared};

/// A boxed or shared callable; with its recording it is of the same type.
pub trait Dynamic<A: ?Sized, R>: Sized {
    /// Records each call. `input` is shown the arguments, `output` the result.
    fn recorded<I: Note<Opening, A>, O: Note<Call, R>>(
        self,
        name: Name,
        input: I,
        output: O,
    ) -> Self;
}

/// A boxed or shared callable that returns a boxed future.
pub trait DynamicAsync<A: ?Sized, R>: Sized {
    /// Records each call. `input` is shown the arguments, `output` the future's result.
    fn recorded<I: Note<Opening, A>, O: Note<Call, R>>(
        self,
        name: Name,
        input: I,
        output: O,
    ) -> Self;
}

/// What can be called as a tool.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be called as a tool",
    label = "expected tools that are functions, closures, `Box<dyn Fn(A) -> R>` or `Arc<dyn Fn(A) -> R>`",
    note = "a tool of a registry takes one argument or none; put `#[rollout::tool]` on a function \
            that takes more, or on the method of a type of your own that does the work"
)]
pub trait Callable {}

/// A tool's name.
pub(super) type Name = Arc<str>;

/// A function that is shown a value, and notes what it has to say. Made by a macro, as a closure that
/// captures nothing.
pub trait Note<N, T: ?Sized>: Fn(&mut N, &T) + Copy + Send + Sync + 'static {}

impl<N, T: ?Sized, F: Fn(&mut N, &T) + Copy + Send + Sync + 'static> Note<N, T> for F {}

pub(super) fn prepare<A: ?Sized>(
    name: &Name,
    arguments: &A,
    input: impl Note<Opening, A>,
) -> Prepared {
    Prepared::tool(name, |opening| input(opening, arguments))
}

pub(super) fn run<R>(
    prepared: Prepared,
    tool: impl FnOnce() -> R,
    output: impl Note<Call, R>,
) -> R {
    let mut call = prepared.open();
    let result = call.run(tool);
    output(&mut call, &result);
    call.end();
    result
}

macro_rules! dynamic {
    ($($pointer:ident [$($auto:tt)*])*) => {$(
        impl<'s, R: 's> Dynamic<(), R> for $pointer<dyn Fn() -> R $($auto)* + 's> {
            fn recorded<I: Note<Opening, ()>, O: Note<Call, R>>(
                self,
                name: Name,
                _input: I,
                output: O,
            ) -> Self {
                $pointer::new(move || run(Prepared::tool(&name, |_| {}), || self(), output))
            }
        }

        impl<'s, A: 's, R: 's> Dynamic<A, R> for $pointer<dyn Fn(A) -> R $($auto)* + 's> {
            fn recorded<I: Note<Opening, A>, O: Note<Call, R>>(
                self,
                name: Name,
                input: I,
                output: O,
            ) -> Self {
                $pointer::new(move |arguments: A| {
                    let prepared = prepare(&name, &arguments, input);
                    run(prepared, || self(arguments), output)
                })
            }
        }

        impl<'s, A: ?Sized + 's, R: 's> Dynamic<A, R> for $pointer<dyn Fn(&A) -> R $($auto)* + 's> {
            fn recorded<I: Note<Opening, A>, O: Note<Call, R>>(
                self,
                name: Name,
                input: I,
                output: O,
            ) -> Self {
                $pointer::new(move |arguments: &A| {
                    let prepared = prepare(&name, arguments, input);
                    run(prepared, || self(arguments), output)
                })
            }
        }

        dynamic!(@future $pointer [$($auto)*] []);
        dynamic!(@future $pointer [$($auto)*] [+ Send]);
    )*};
    (@future $pointer:ident [$($auto:tt)*] [$($send:tt)*]) => {
        impl<'s, 'f: 's, R: 's + 'f> DynamicAsync<(), R>
            for $pointer<
                dyn Fn() -> Pin<Box<dyn Future<Output = R> $($send)* + 'f>> $($auto)* + 's,
            >
        {
            fn recorded<I: Note<Opening, ()>, O: Note<Call, R>>(
                self,
                name: Name,
                _input: I,
                output: O,
            ) -> Self {
                $pointer::new(move || {
                    let prepared = Prepared::tool(&name, |_| {});
                    Box::pin(ToolFuture::new(prepared, self(), output))
                })
            }
        }

        impl<'s, 'f: 's, A: 's, R: 's + 'f> DynamicAsync<A, R>
            for $pointer<
                dyn Fn(A) -> Pin<Box<dyn Future<Output = R> $($send)* + 'f>> $($auto)* + 's,
            >
        {
            fn recorded<I: Note<Opening, A>, O: Note<Call, R>>(
                self,
                name: Name,
                input: I,
                output: O,
            ) -> Self {
                $pointer::new(move |arguments: A| {
                    let prepared = prepare(&name, &arguments, input);
                    Box::pin(ToolFuture::new(prepared, self(arguments), output))
                })
            }
        }

        impl<'s, A: ?Sized + 's, R: 'static> DynamicAsync<A, R>
            for $pointer<
                dyn for<'f> Fn(&'f A) -> Pin<Box<dyn Future<Output = R> $($send)* + 'f>>
                    $($auto)*
                    + 's,
            >
        {
            fn recorded<I: Note<Opening, A>, O: Note<Call, R>>(
                self,
                name: Name,
                input: I,
                output: O,
            ) -> Self {
                $pointer::new(move |arguments: &A| {
                    let prepared = prepare(&name, arguments, input);
                    Box::pin(ToolFuture::new(prepared, self(arguments), output))
                })
            }
        }
    };
}

dynamic! {
    Box []
    Box [+ Send]
    Box [+ Send + Sync]
    Rc []
    Arc []
    Arc [+ Send + Sync]
}
