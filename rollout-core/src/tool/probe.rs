//! What a tool is, found at compile time as in [`capture::probe`](crate::capture): whether it is
//! asynchronous, what it takes and returns, and whether its type can stay as it is.
//!
//! `(&&&&&&&Probe(&tool)).rollout_tool()` finds the first of the traits below that fits.

use std::future::Future;
use std::marker::PhantomData;

use super::ToolFuture;
use super::record::{Callable, Dynamic, DynamicAsync, Name, Note, prepare, run};
use crate::capture::probe::Probe;
use crate::function::{Call, Opening, Prepared};

/// How the calls of a tool are recorded, by what kind of tool it is.
#[derive(Debug)]
pub struct Recorder<K, T, A: ?Sized, R>(PhantomData<fn(K, T, R, &A)>);

/// Takes the name of a tool.
pub fn tool_name(name: impl Into<Name>) -> Name {
    name.into()
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $trait:ident <$($parameter:ident $(: ?$sized:ident)?),*>
        ($receiver:ty) [$arguments:ty, $result:ty] {$($bound:tt)*})*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kind;

        $(#[$doc])*
        pub trait $trait<T, A: ?Sized, R> {
            /// Tells which kind it is.
            fn rollout_tool(&self) -> Recorder<$kind, T, A, R> {
                Recorder(PhantomData)
            }
        }

        impl<T, $($parameter $(: ?$sized)?),*> $trait<T, $arguments, $result> for $receiver
        $($bound)*
        {}
    )*};
}

kinds! {
    /// Boxed, returns a boxed future.
    BoxedAsync ToolBoxedAsync<A: ?Sized, R>(&&&&&&Probe<'_, T>) [A, R] {
        where T: DynamicAsync<A, R>
    }
    /// Takes a reference, returns a future.
    ByRefAsync ToolByRefAsync<A: ?Sized, F>(&&&&&Probe<'_, T>) [A, F] {
        where T: Fn(&A) -> F, F: Future
    }
    /// Takes a value, returns a future.
    ByValueAsync ToolByValueAsync<A, F>(&&&&Probe<'_, T>) [A, F] {
        where T: Fn(A) -> F, F: Future
    }
    /// Takes nothing, returns a future.
    BareAsync ToolBareAsync<F>(&&&&Probe<'_, T>) [(), F] {
        where T: Fn() -> F, F: Future
    }
    /// Boxed.
    Boxed ToolBoxed<A: ?Sized, R>(&&&Probe<'_, T>) [A, R] {
        where T: Dynamic<A, R>
    }
    /// Takes a reference.
    ByRef ToolByRef<A: ?Sized, R>(&&Probe<'_, T>) [A, R] {
        where T: Fn(&A) -> R
    }
    /// Takes a value.
    ByValue ToolByValue<A, R>(&Probe<'_, T>) [A, R] {
        where T: Fn(A) -> R
    }
    /// Takes nothing.
    Bare ToolBare<R>(&Probe<'_, T>) [(), R] {
        where T: Fn() -> R
    }
    /// No tool at all.
    NoTool ToolNone<>(Probe<'_, T>) [(), ()] {}
}

// The type stays as it is.

impl<T: DynamicAsync<A, R>, A: ?Sized, R> Recorder<BoxedAsync, T, A, R> {
    /// Records each call of the tool.
    pub fn wrap(
        self,
        name: Name,
        tool: T,
        input: impl Note<Opening, A>,
        output: impl Note<Call, R>,
    ) -> T {
        tool.recorded(name, input, output)
    }
}

impl<T: Dynamic<A, R>, A: ?Sized, R> Recorder<Boxed, T, A, R> {
    /// Records each call of the tool.
    pub fn wrap(
        self,
        name: Name,
        tool: T,
        input: impl Note<Opening, A>,
        output: impl Note<Call, R>,
    ) -> T {
        tool.recorded(name, input, output)
    }
}

// A function or a closure becomes a closure.

impl<T: Fn(&A) -> F, A: ?Sized, F: Future> Recorder<ByRefAsync, T, A, F> {
    /// Records each call of the tool.
    pub fn wrap<O: Note<Call, F::Output>>(
        self,
        name: Name,
        tool: T,
        input: impl Note<Opening, A>,
        output: O,
    ) -> impl Fn(&A) -> ToolFuture<F, O> {
        move |arguments: &A| {
            let prepared = prepare(&name, arguments, input);
            ToolFuture::new(prepared, tool(arguments), output)
        }
    }
}

impl<T: Fn(A) -> F, A, F: Future> Recorder<ByValueAsync, T, A, F> {
    /// Records each call of the tool.
    pub fn wrap<O: Note<Call, F::Output>>(
        self,
        name: Name,
        tool: T,
        input: impl Note<Opening, A>,
        output: O,
    ) -> impl Fn(A) -> ToolFuture<F, O> {
        move |arguments: A| {
            let prepared = prepare(&name, &arguments, input);
            ToolFuture::new(prepared, tool(arguments), output)
        }
    }
}

impl<T: Fn() -> F, F: Future> Recorder<BareAsync, T, (), F> {
    /// Records each call of the tool.
    pub fn wrap<O: Note<Call, F::Output>>(
        self,
        name: Name,
        tool: T,
        _input: impl Note<Opening, ()>,
        output: O,
    ) -> impl Fn() -> ToolFuture<F, O> {
        move || ToolFuture::new(Prepared::tool(&name, |_| {}), tool(), output)
    }
}

impl<T: Fn(&A) -> R, A: ?Sized, R> Recorder<ByRef, T, A, R> {
    /// Records each call of the tool.
    pub fn wrap(
        self,
        name: Name,
        tool: T,
        input: impl Note<Opening, A>,
        output: impl Note<Call, R>,
    ) -> impl Fn(&A) -> R {
        move |arguments: &A| {
            let prepared = prepare(&name, arguments, input);
            run(prepared, || tool(arguments), output)
        }
    }
}

impl<T: Fn(A) -> R, A, R> Recorder<ByValue, T, A, R> {
    /// Records each call of the tool.
    pub fn wrap(
        self,
        name: Name,
        tool: T,
        input: impl Note<Opening, A>,
        output: impl Note<Call, R>,
    ) -> impl Fn(A) -> R {
        move |arguments: A| {
            let prepared = prepare(&name, &arguments, input);
            run(prepared, || tool(arguments), output)
        }
    }
}

impl<T: Fn() -> R, R> Recorder<Bare, T, (), R> {
    /// Records each call of the tool.
    pub fn wrap(
        self,
        name: Name,
        tool: T,
        _input: impl Note<Opening, ()>,
        output: impl Note<Call, R>,
    ) -> impl Fn() -> R {
        move || run(Prepared::tool(&name, |_| {}), &tool, output)
    }
}

impl<T> Recorder<NoTool, T, (), ()> {
    /// Says that this can't be called. Never compiles.
    pub fn wrap(
        self,
        _name: Name,
        tool: T,
        _input: impl Note<Opening, ()>,
        _output: impl Note<Call, ()>,
    ) -> T
    where
        T: Callable,
    {
        tool
    }
}
