//! The threads that drive runtimes: one for the program, and one more for each that has to wait for
//! blocking calls itself.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use tokio::runtime::{self, Handle};

/// The runtimes, each of which may be waited for by the thread of the one before.
static RUNTIMES: Mutex<Vec<Handle>> = Mutex::new(Vec::new());

thread_local! {
    /// How many runtimes the code on this thread must not wait for: none on the program's own.
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

/// Returns whether this is a thread of ours.
pub(super) fn is_background() -> bool {
    level() > 0
}

/// Returns whether this runtime is one of ours.
pub(super) fn is_of_ours(runtime: &Handle) -> bool {
    let runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    runtimes.iter().any(|ours| ours.id() == runtime.id())
}

/// Returns a runtime that this thread may wait for, and starts it if it does not run yet.
pub(super) fn handle() -> io::Result<Handle> {
    let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = runtimes.get(level()) {
        return Ok(handle.clone());
    }
    let level = runtimes.len() + 1;
    let handle = start(level, Builder::new().name("rollout-blocking".into()))?;
    runtimes.push(handle.clone());
    Ok(handle)
}

fn level() -> usize {
    // While a thread is being torn down it is one of the program's.
    LEVEL.try_with(Cell::get).unwrap_or(0)
}

/// Starts a runtime on a thread, both of which last as long as the program.
///
/// It has a single thread, as those who wait poll their futures themselves. tokio's own pool of
/// threads would also panic where one can't be started.
fn start(level: usize, thread: Builder) -> io::Result<Handle> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let handle = runtime.handle().clone();
    thread.spawn(move || {
        LEVEL.set(level);
        runtime.block_on(pending::<()>());
    })?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::StartError;

    #[test]
    fn a_thread_that_cant_be_started_is_an_error() {
        let too_much = Builder::new().stack_size(usize::MAX / 4);
        let error = StartError::from(start(1, too_much).unwrap_err());
        assert_eq!(
            error.to_string(),
            "can't start the thread that blocking calls need"
        );
        assert!(std::error::Error::source(&error).is_some());
    }

    #[test]
    fn the_program_has_one_thread() {
        let ids: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(|| handle().unwrap().id()))
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert!(!is_background());
    }
}
