//! How a value is captured, chosen at compile time: as JSON if it is `Serialize`, else by its
//! `Debug` text, else by the name of its type.
//!
//! `(&&&Probe(&value)).rollout_capture(limit)` finds the first of the traits below that fits, as a
//! method is looked up on `&&&Probe` before `&&Probe` before `&Probe`. It works inside generic
//! functions, with what is known of the type there, and can't fail to compile: the last fits all.

use std::fmt::Debug;
use std::sync::{Mutex, RwLock};

use serde::Serialize;

use super::Payload;

/// A value to be captured.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// Locks, of which serde would wait for the owner: for ever, if that is the caller.
pub trait CaptureLock {
    /// Captures the value.
    fn rollout_capture(&self, limit: usize) -> Payload;
}

/// Values that are `Serialize`.
pub trait CaptureSerialize {
    /// Captures the value.
    fn rollout_capture(&self, limit: usize) -> Payload;
}

/// Values that are `Debug`.
pub trait CaptureDebug {
    /// Captures the value.
    fn rollout_capture(&self, limit: usize) -> Payload;
}

/// All values.
pub trait CaptureName {
    /// Captures the value.
    fn rollout_capture(&self, limit: usize) -> Payload;
}

impl<T: ?Sized> CaptureLock for &&&Probe<'_, Mutex<T>> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        name::<Mutex<T>>(limit)
    }
}

impl<T: ?Sized> CaptureLock for &&&Probe<'_, &Mutex<T>> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        name::<Mutex<T>>(limit)
    }
}

impl<T: ?Sized> CaptureLock for &&&Probe<'_, RwLock<T>> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        name::<RwLock<T>>(limit)
    }
}

impl<T: ?Sized> CaptureLock for &&&Probe<'_, &RwLock<T>> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        name::<RwLock<T>>(limit)
    }
}

impl<T: Serialize + ?Sized> CaptureSerialize for &&Probe<'_, T> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        Payload::serialize(self.0, limit)
    }
}

impl<T: Debug + ?Sized> CaptureDebug for &Probe<'_, T> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        Payload::debug(self.0, limit)
    }
}

impl<T: ?Sized> CaptureName for Probe<'_, T> {
    fn rollout_capture(&self, limit: usize) -> Payload {
        name::<T>(limit)
    }
}

fn name<T: ?Sized>(limit: usize) -> Payload {
    Payload::serialize(&format!("<{}>", std::any::type_name::<T>()), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! capture {
        ($value:expr) => {
            (&&&&Probe(&$value))
                .rollout_capture(1_000)
                .written()
                .unwrap()
                .to_owned()
        };
    }

    struct Plain;
    #[derive(Debug)]
    struct Shown(#[expect(dead_code, reason = "shown")] u8);

    #[test]
    fn the_best_way_that_a_type_offers_is_chosen() {
        assert_eq!(capture!(vec![1, 2]), "[1,2]");
        assert_eq!(capture!("text"), r#""text""#);
        assert_eq!(capture!(Shown(7)), r#""Shown(7)""#);
        assert!(capture!(Plain).ends_with(r#"::Plain>""#));
    }

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "as in programs")]
    fn generic_code_uses_what_it_knows_of_the_type() {
        fn unknown<T>(value: T) -> String {
            capture!(value)
        }
        fn debug<T: Debug>(value: T) -> String {
            capture!(value)
        }
        fn serialize<T: Serialize>(value: T) -> String {
            capture!(value)
        }
        assert_eq!(unknown(1u8), r#""<u8>""#);
        assert_eq!(debug("x"), r#""\"x\"""#);
        assert_eq!(serialize(1), "1");
    }

    #[test]
    fn a_lock_held_by_the_caller_is_not_waited_for() {
        let lock = Mutex::new(1);
        let _held = lock.lock();
        assert!(capture!(&lock).contains("Mutex"));
        assert!(capture!(lock).contains("Mutex"));
    }

    #[test]
    fn defect_03_an_iterator_is_not_read() {
        let mut numbers = (1..4).map(|n| n * 2);
        assert!(capture!(numbers).starts_with("\"Map"));
        assert_eq!(numbers.next(), Some(2));
    }
}
