//! Runtimes that stand still while a blocking call waits for a connection that they drive.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};

/// Knows the runtimes of one thread that a client was used on, as its idle connections are driven by
/// them. Clones share what they know.
///
/// A blocking call on the thread of such a runtime might get one of those connections, and would then
/// wait for ever: what drives the connection is the thread that waits.
#[derive(Clone, Debug, Default)]
pub struct Residence {
    runtimes: Arc<Mutex<Vec<(ThreadId, Handle)>>>,
}

/// A blocking call would wait for a runtime that stands still while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this blocking call could wait for ever: the client was used on an asynchronous runtime of this \
     very thread, which stands still while the call waits; await the asynchronous method, hand the call \
     to `tokio::task::spawn_blocking`, or use a client of its own"
)]
pub struct StandstillError;

/// More than a program has on one thread at a time.
const MOST: usize = 8;
/// How long a runtime that another thread drives may need to show it.
const GRACE: Duration = Duration::from_millis(200);

impl Residence {
    /// Notes that the client is used here, and so may open a connection.
    pub fn note(&self) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if has_several_threads(&runtime) || super::thread::is_of_ours(&runtime) {
            return;
        }
        let here = thread::current().id();
        let mut runtimes = self.runtimes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = runtimes
            .iter()
            .any(|(thread, known)| *thread == here && known.id() == runtime.id());
        if !known {
            if runtimes.len() == MOST {
                runtimes.remove(0);
            }
            runtimes.push((here, runtime));
        }
    }

    /// Checks that a blocking call here does not wait for what this thread itself has to drive.
    ///
    /// # Errors
    ///
    /// Fails if it could.
    pub fn check(&self) -> Result<(), StandstillError> {
        let here = thread::current().id();
        let mut runtimes = self.runtimes.lock().unwrap_or_else(PoisonError::into_inner);
        let current = Handle::try_current().ok().map(|runtime| runtime.id());
        // One that has ended took its connections with it.
        runtimes.retain(|(thread, runtime)| {
            *thread != here || current == Some(runtime.id()) || stands_still(runtime)
        });
        if runtimes.iter().any(|(thread, _)| *thread == here) {
            return Err(StandstillError);
        }
        Ok(())
    }
}

fn has_several_threads(runtime: &Handle) -> bool {
    runtime.runtime_flavor() != RuntimeFlavor::CurrentThread && runtime.metrics().num_workers() > 1
}

/// Returns whether a runtime exists, but runs nothing.
fn stands_still(runtime: &Handle) -> bool {
    // On one that has ended, a task is over before it begins.
    let probe = runtime.spawn(async {});
    let started = Instant::now();
    while !probe.is_finished() {
        if started.elapsed() > GRACE {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    false
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    #[test]
    fn inside_of_the_runtime_that_the_client_was_used_on() {
        let residence = Residence::default();
        runtime().block_on(async {
            assert_eq!(residence.check(), Ok(()));
            residence.note();
            assert_eq!(residence.clone().check(), Err(StandstillError));
            // Its other threads do not drive it.
            let (elsewhere, residence) = (residence.clone(), residence.clone());
            let inside = tokio::task::spawn_blocking(move || elsewhere.check());
            assert_eq!(inside.await.unwrap(), Ok(()));
            assert_eq!(residence.check(), Err(StandstillError));
        });
    }

    #[test]
    fn a_runtime_that_exists_but_does_not_run() {
        let (residence, runtime) = (Residence::default(), runtime());
        runtime.block_on(async { residence.note() });
        assert_eq!(residence.check(), Err(StandstillError));
        drop(runtime);
        assert_eq!(residence.check(), Ok(()));
        assert!(residence.runtimes.lock().unwrap().is_empty());
    }

    #[test]
    fn waiting_itself_is_no_standstill() {
        let (residence, background) = (
            Residence::default(),
            crate::blocking::Background::start().unwrap(),
        );
        background.wait(async { residence.note() });
        assert_eq!(residence.check(), Ok(()));
        assert!(residence.runtimes.lock().unwrap().is_empty());
    }

    #[test]
    fn what_is_known_is_bounded() {
        let residence = Residence::default();
        let runtimes: Vec<_> = (0..2 * MOST).map(|_| runtime()).collect();
        for runtime in &runtimes {
            runtime.block_on(async { residence.note() });
            runtime.block_on(async { residence.note() });
        }
        assert_eq!(residence.runtimes.lock().unwrap().len(), MOST);
    }
}
