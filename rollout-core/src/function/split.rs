//! Tells functions that return a `Result` from others, by type and not by how it is spelled.

use std::convert::Infallible;

use crate::capture::probe::Probe;

/// Splits a `Result`.
pub trait SplitResult<'a> {
    /// What success returns.
    type Ok: ?Sized;
    /// What failure returns.
    type Err: ?Sized;

    /// Returns what the function returned, success and failure apart.
    #[expect(clippy::missing_errors_doc, reason = "the error is the value's own")]
    fn rollout_split(&self) -> Result<&'a Self::Ok, &'a Self::Err>;
}

/// Takes everything else as success.
pub trait SplitPlain<'a> {
    /// What the function returns.
    type Ok: ?Sized;

    /// Returns what the function returned.
    #[expect(clippy::missing_errors_doc, reason = "there is none")]
    fn rollout_split(&self) -> Result<&'a Self::Ok, &'a Infallible>;
}

impl<'a, T, E> SplitResult<'a> for &Probe<'a, Result<T, E>> {
    type Ok = T;
    type Err = E;

    fn rollout_split(&self) -> Result<&'a T, &'a E> {
        self.0.as_ref()
    }
}

impl<'a, T: ?Sized> SplitPlain<'a> for Probe<'a, T> {
    type Ok = T;

    fn rollout_split(&self) -> Result<&'a T, &'a Infallible> {
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::needless_borrow, reason = "written as the expansion does")]
    fn results_are_split_whatever_they_are_called() {
        type Alias<T> = std::result::Result<T, String>;
        let failed: Alias<u8> = Err("no".into());
        assert_eq!((&&Probe(&failed)).rollout_split(), Err(&"no".to_owned()));
        let plain = Some(1);
        assert_eq!((&&Probe(&plain)).rollout_split(), Ok(&Some(1)));
    }
}
