//! The twins that wait, with the cargo feature that they need.

/// Keeps the twins that wait.
#[cfg(feature = "blocking")]
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_blocking {
    ({ $($twin:tt)* } else { $($instead:tt)* }) => { $($twin)* };
}

/// Leaves the twins that wait out, and says how they can be had.
#[cfg(not(feature = "blocking"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __rollout_blocking {
    ({ $($twin:tt)* } else { $($instead:tt)* }) => { $($instead)* };
}

/// Implemented by nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "there are no methods that wait without the cargo feature `blocking` of `rollout`",
    label = "needs the cargo feature `blocking` of `rollout`"
)]
pub trait HasBlocking {}
