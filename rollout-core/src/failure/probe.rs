//! What is noted of an error, chosen at compile time as in [`capture::probe`](crate::capture).
//!
//! `(&&&&&Probe(&error)).rollout_failure()` finds the first trait that fits: an error's text and
//! sources, the error inside a box, a display text, a debug text, the name of the type.

use std::error::Error;
use std::fmt::{Debug, Display};

use super::{Failure, short_name};
use crate::capture::probe::Probe;

/// Boxes of errors: `Box<dyn Error + Send + Sync>`, `anyhow::Error` and the like.
pub trait FailureBoxed {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}

/// Boxes of errors that stay on their thread.
pub trait FailureBoxedLocal {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}

/// Errors.
pub trait FailureError {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}

/// What can be displayed.
pub trait FailureDisplay {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}

/// What is `Debug`.
pub trait FailureDebug {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}

/// Everything.
pub trait FailureName {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}

impl<T: AsRef<dyn Error + Send + Sync>> FailureBoxed for &&&&&Probe<'_, T> {
    fn rollout_failure(&self) -> Failure {
        Failure::recognised(self.0.as_ref(), &short_name::<T>())
    }
}

impl<T: AsRef<dyn Error>> FailureBoxedLocal for &&&&Probe<'_, T> {
    fn rollout_failure(&self) -> Failure {
        Failure::recognised(self.0.as_ref(), &short_name::<T>())
    }
}

impl<T: Error + ?Sized> FailureError for &&&Probe<'_, T> {
    fn rollout_failure(&self) -> Failure {
        Failure::new(self.0)
    }
}

impl<T: Display + ?Sized> FailureDisplay for &&Probe<'_, T> {
    fn rollout_failure(&self) -> Failure {
        Failure::displayed(self.0)
    }
}

impl<T: Debug + ?Sized> FailureDebug for &Probe<'_, T> {
    fn rollout_failure(&self) -> Failure {
        Failure {
            kind: short_name::<T>(),
            ..Failure::displayed(&format_args!("{:?}", self.0))
        }
    }
}

impl<T: ?Sized> FailureName for Probe<'_, T> {
    fn rollout_failure(&self) -> Failure {
        Failure {
            kind: short_name::<T>(),
            ..Failure::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! failure {
        ($error:expr) => {
            (&&&&&&Probe(&$error)).rollout_failure()
        };
    }

    #[derive(Debug)]
    struct OnlyDebug;
    struct Nothing;

    #[test]
    fn every_type_of_error_is_noted_as_well_as_it_can_be() {
        let boxed: Box<dyn Error + Send + Sync> = "boxed".into();
        assert_eq!(failure!(boxed).message, "boxed");
        let local: Box<dyn Error> = "local".into();
        assert_eq!(failure!(local).message, "local");
        let parse = "x".parse::<u8>().unwrap_err();
        assert_eq!(failure!(parse).kind, "ParseIntError");
        assert_eq!(failure!("text").message, "text");
        assert_eq!(failure!(OnlyDebug).message, "OnlyDebug");
        assert_eq!(failure!(OnlyDebug).kind, "OnlyDebug");
        assert_eq!(failure!(Nothing).kind, "Nothing");
    }

    #[test]
    fn an_error_that_borrows_compiles() {
        #[derive(Debug, thiserror::Error)]
        #[error("bad input: {0}")]
        struct Borrowed<'a>(&'a str);
        let text = String::from("abc");
        assert_eq!(failure!(Borrowed(&text)).message, "bad input: abc");
    }
}
