//! What a value says of itself (`Display`, `Debug`), written by code of the program's that may panic, say
//! more than anybody wants to hear, or go round in circles.

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::writer::split_at_most;

/// How much of a thread's stack a value may take to say what it is. One that goes round in a circle takes
/// more sooner or later, and the smallest stacks that are usual have two MiB.
const STACK: usize = 256 * 1024;

/// A value that goes on although it was told to stop is stopped when it takes so many times the stack,
/// or tries so often: it would end the program else, or never.
const STUBBORN: usize = 2;
const TRIES: usize = 1_000_000;

/// What a value said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// Whether it had more to say.
    pub(crate) cut: bool,
}

/// Writes up to so many bytes of what a value says; `None` if it panicked.
///
/// ```text
/// said(format_args!("{value:?}"), 1_000)
/// ```
pub(crate) fn said(value: fmt::Arguments<'_>, limit: usize) -> Option<Said> {
    let mut capped = Capped {
        text: String::new(),
        room: limit,
        bottom: stack_address(),
        full: false,
        tries: 0,
    };
    let written = catch_unwind(AssertUnwindSafe(|| {
        // Its own failures are no reason to forget what it said.
        let _ = capped.write_fmt(value);
    }));
    match written {
        Err(reason) if !reason.is::<Enough>() => None,
        _ => Some(Said {
            cut: capped.full,
            text: capped.text,
        }),
    }
}

/// Takes text up to a limit, then makes the formatting stop.
struct Capped {
    text: String,
    room: usize,
    /// Where the stack was when it began.
    bottom: usize,
    full: bool,
    tries: usize,
}

/// Unwinds to where the text was asked for.
struct Enough;

impl Write for Capped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let taken = stack_address().abs_diff(self.bottom);
        if self.full || taken > STACK {
            self.full = true;
            self.tries += 1;
            let is_stubborn = taken > STUBBORN * STACK || self.tries > TRIES;
            // Where panics abort the program nothing can be done.
            if is_stubborn && cfg!(panic = "unwind") {
                resume_unwind(Box::new(Enough));
            }
            return Err(fmt::Error);
        }
        let (head, rest) = split_at_most(text, self.room);
        self.text.push_str(head);
        self.room -= head.len();
        self.full = !rest.is_empty();
        if self.full { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Returns about where the stack of this thread is.
#[inline(never)]
fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes round in a circle.
    struct Circle {
        heeds: bool,
    }

    impl fmt::Debug for Circle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let written = f.write_str("o");
            if self.heeds {
                written?;
            }
            std::hint::black_box(fmt::Debug::fmt(self, f))
        }
    }

    /// Never stops.
    struct Endless {
        heeds: bool,
    }

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                let written = f.write_str("and so on ");
                if self.heeds {
                    written?;
                }
            }
        }
    }

    #[test]
    fn a_text_is_as_the_value_says_it_up_to_the_limit() {
        let whole = said(format_args!("{:?}", Some("é")), 100).unwrap();
        assert_eq!((&*whole.text, whole.cut), ("Some(\"é\")", false));
        let cut = said(format_args!("{}", "é".repeat(9)), 5).unwrap();
        assert_eq!((&*cut.text, cut.cut), ("éé", true));
    }

    #[test]
    fn values_that_go_round_in_circles_are_stopped_on_the_smallest_of_stacks() {
        for heeds in [true, false] {
            let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
            let said =
                thread.spawn(move || said(format_args!("{:?}", Circle { heeds }), usize::MAX));
            let said = said.unwrap().join().unwrap().unwrap();
            assert!(said.cut && said.text.starts_with("oooo"), "{heeds}");
        }
    }

    #[test]
    fn values_that_never_stop_are_stopped() {
        for heeds in [true, false] {
            let said = said(format_args!("{}", Endless { heeds }), 25).unwrap();
            assert_eq!((said.text.len(), said.cut), (25, true));
        }
    }

    #[test]
    fn a_panic_of_the_values_is_not_the_programs() {
        struct Panics;
        impl fmt::Display for Panics {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("in the program's code")
            }
        }
        assert_eq!(said(format_args!("{Panics}"), 10), None);
    }
}
