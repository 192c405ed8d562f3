//! Which threads are the recorder's own: its worker, and those that its exporters send from.
//!
//! Hooks, exporters and the handler of diagnostics run there. What they do in there must not wait for
//! these threads, which would be to wait for itself, nor be recorded in turn, which would never end.

use std::cell::Cell;

thread_local! {
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// Makes this thread one of the recorder's, for as long as it runs.
pub(crate) fn claim_this_thread() {
    IS_OWN.set(true);
}

/// Returns whether this is a thread of the recorder's.
pub(crate) fn is_this_thread() -> bool {
    // While a thread is being torn down it may be anybody's.
    IS_OWN.try_with(Cell::get).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_thread_is_the_programs_until_it_is_claimed() {
        let thread = std::thread::spawn(|| {
            assert!(!super::is_this_thread());
            super::claim_this_thread();
            super::is_this_thread()
        });
        assert!(thread.join().unwrap());
        assert!(!super::is_this_thread());
    }
}
