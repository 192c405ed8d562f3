//! The program's one client, for those who do not hand one around.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Once, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use super::{BuildError, Core, FlushError, Rollout};
use crate::config::Builder;
use crate::diagnostics::Diagnostics;
use crate::pipeline::Stats;

/// The program's client, and those of processes that it forked off, each of which has the next slot for its
/// own: a lock that another thread held at the moment of the fork is held for ever there.
static SLOTS: [RwLock<Option<Rollout>>; 8] = [const { RwLock::new(None) }; 8];

/// The slot of this process, and the process that took it.
static SLOT: AtomicUsize = AtomicUsize::new(0);
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Asked before the lock, as asking has to cost nothing where nothing records.
static STATE: AtomicU8 = AtomicU8::new(NEVER);
const NEVER: u8 = 0;
const RECORDING: u8 = 1;
const DISABLED: u8 = 2;

/// Whether any client that records was ever started: asked first, as where none was nothing else is
/// to be looked at.
static ANYBODY: AtomicBool = AtomicBool::new(false);

/// The global client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// There is one that has not been shut down.
    #[error(
        "rollout is initialised already: keep the guard of the first `init`, or use \
         `Rollout::builder().build()` for a client of its own"
    )]
    AlreadyInitialized,
    /// It could not be started.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Makes the client that this builder describes the global one.
pub(crate) fn init(builder: Builder) -> Result<Guard, InitError> {
    let pid = std::process::id();
    let before = PROCESS.swap(pid, Ordering::AcqRel);
    if before != 0 && before != pid {
        let last = SLOTS.len() - 1;
        let next = |slot: usize| Some((slot + 1).min(last));
        let _ = SLOT.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
    }
    let mut global = slot().write().unwrap_or_else(PoisonError::into_inner);
    if global.as_ref().is_some_and(Rollout::is_recording) {
        return Err(InitError::AlreadyInitialized);
    }
    let rollout = Rollout::start(builder)?;
    STATE.store(
        if rollout.core().config.disabled {
            DISABLED
        } else {
            RECORDING
        },
        Ordering::Release,
    );
    *global = Some(rollout.clone());
    drop(global);
    drain_at_exit(&rollout);
    Ok(Guard { rollout })
}

fn slot() -> &'static RwLock<Option<Rollout>> {
    // There are as many as it counts.
    let [first, ..] = &SLOTS;
    SLOTS.get(SLOT.load(Ordering::Acquire)).unwrap_or(first)
}

/// Looks at the global client; `None` in a process that was forked off while another thread set it up.
fn read<R>(look: impl FnOnce(&Option<Rollout>) -> R) -> Option<R> {
    let slot = slot();
    let global = match slot.try_read() {
        Ok(global) => global,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => {
            if PROCESS.load(Ordering::Acquire) != std::process::id() {
                return None;
            }
            slot.read().unwrap_or_else(PoisonError::into_inner)
        }
    };
    Some(look(&global))
}

/// Returns the global client, if there is one.
///
/// ```
/// # use rollout_core as rollout;
/// let is_recorded = rollout::client().is_some_and(|client| client.is_recording());
/// assert!(!is_recorded, "nobody has called `init` here");
/// ```
pub fn client() -> Option<Rollout> {
    read(Option::clone).flatten()
}

/// Blocks until everything that the global client recorded so far is delivered, but no longer than
/// this. Without a global client there is nothing to wait for.
///
/// ```
/// # use rollout_core as rollout;
/// use std::time::Duration;
///
/// // Before a process is frozen, as functions in a cloud are once they have answered:
/// rollout::flush(Duration::from_secs(2))?;
/// # Ok::<(), rollout::FlushError>(())
/// ```
///
/// # Errors
///
/// Fails when the time is over; delivery goes on.
pub fn flush(timeout: Duration) -> Result<(), FlushError> {
    client().map_or(Ok(()), |rollout| rollout.flush(timeout))
}

/// Shuts the global client down: see [`Rollout::shutdown`].
///
/// ```
/// # use rollout_core as rollout;
/// let stats = rollout::shutdown();
/// assert_eq!(stats.dropped.total(), 0);
/// ```
pub fn shutdown() -> Stats {
    client()
        .map(|rollout| rollout.shutdown())
        .unwrap_or_default()
}

/// Returns how many events the global client recorded, and what became of them.
///
/// ```
/// # use rollout_core as rollout;
/// let stats = rollout::stats();
/// let known = stats.exported + stats.spooled + stats.queued + stats.dropped.total();
/// assert_eq!(stats.created, known);
/// ```
pub fn stats() -> Stats {
    client().map(|rollout| rollout.stats()).unwrap_or_default()
}

/// Notes that a client is about to record.
pub(crate) fn somebody_records() {
    ANYBODY.store(true, Ordering::Release);
}

/// Returns whether no client records, nor ever did; the first time there is not even a disabled one,
/// says so.
#[inline]
pub(crate) fn nobody_records() -> bool {
    if ANYBODY.load(Ordering::Acquire) {
        return false;
    }
    if STATE.load(Ordering::Relaxed) == NEVER && !SAID.is_completed() {
        say_that_nothing_is_recorded();
    }
    true
}

/// Returns the global client's core where it records; the first time there is none, says so.
pub(crate) fn core() -> Option<Arc<Core>> {
    match STATE.load(Ordering::Acquire) {
        RECORDING => {
            let core = |rollout: &Rollout| Arc::clone(rollout.core());
            read(|global| global.as_ref().map(core)).flatten()
        }
        DISABLED => None,
        _ => {
            say_that_nothing_is_recorded();
            None
        }
    }
}

/// Notes that there is a client that is switched off: who knows of that needs no advice.
pub(crate) fn somebody_is_switched_off() {
    SAID.call_once(|| ());
}

static SAID: Once = Once::new();

#[cold]
fn say_that_nothing_is_recorded() {
    SAID.call_once(|| {
        Diagnostics::default().warn(
            "nothing is recorded, as no client was set up: call `rollout::init()` at the beginning \
             of `main` and keep what it returns",
        );
    });
}

/// Keeps the global client recording. When it is dropped, usually at the end of `main`, what is left
/// is delivered, for which it waits no longer than the `shutdown_timeout`.
///
/// ```
/// # use rollout_core as rollout;
/// # let builder = rollout::builder().disabled(true);
/// let guard = builder.init()?;
/// assert!(rollout::client().is_some());
/// drop(guard); // waits for delivery; `let _ = …init()` would end it at once
/// # Ok::<(), rollout::InitError>(())
/// ```
#[must_use = "recording ends when the guard is dropped: bind it with `let _rollout = …`"]
pub struct Guard {
    rollout: Rollout,
}

impl Guard {
    /// Returns the client.
    pub fn client(&self) -> &Rollout {
        &self.rollout
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.rollout.shutdown();
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

/// Drains the client when the main thread ends, also through `std::process::exit`, for programs that
/// let their guard out of their hands. A thread's locals are destroyed at the exit of the process if
/// the thread is the one that exits it, which `main`'s nearly always is.
fn drain_at_exit(rollout: &Rollout) {
    struct AtExit(Rollout);

    impl Drop for AtExit {
        fn drop(&mut self) {
            self.0.shutdown();
        }
    }

    thread_local! {
        static AT_EXIT: RefCell<Option<AtExit>> = const { RefCell::new(None) };
    }

    // Other threads may end long before the program does.
    if std::thread::current().name() == Some("main") {
        let _ = AT_EXIT.try_with(|slot| slot.replace(Some(AtExit(rollout.clone()))));
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use crate::Rollout;

    const DISABLED: &str = "ROLLOUT_TEST_DISABLED";

    /// Returns what a program says that has no client, or a disabled one that is not the global one.
    fn said(disabled: &str) -> String {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg("client::global::tests::program")
            .env(DISABLED, disabled)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn nobody_is_told_to_set_up_what_is_switched_off() {
        assert!(said("no").contains("call `rollout::init()`"));
        assert_eq!(said("yes"), "");
    }

    /// What the test above runs.
    #[test]
    #[ignore = "is run by another"]
    fn program() {
        let Ok(disabled) = std::env::var(DISABLED) else {
            return;
        };
        if disabled == "yes" {
            let rollout = Rollout::builder().disabled(true).build().unwrap();
            rollout.trace("support").start().span("step").start().end();
        }
        crate::span("step").start().end();
    }
}
