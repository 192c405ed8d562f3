//! The start of the worker.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Core;
use crate::export::{self, Exporter};
use crate::pipeline::latch::latch;
use crate::pipeline::own;
use crate::pipeline::queue::Queue;
use crate::pipeline::worker::Worker;

/// How long a program that starts waits for its folders to be made.
const LONGEST: Duration = Duration::from_secs(1);

/// Starts the thread that everything is done on, the making of folders included: a disk that does not
/// answer is not to hold the program up.
pub(super) fn worker(
    core: &Arc<Core>,
    exporters: Vec<Box<dyn Exporter>>,
) -> io::Result<JoinHandle<()>> {
    let (chosen, hold) = latch();
    let core = Arc::clone(core);
    let thread = thread::Builder::new().name("rollout".into());
    let thread = thread.spawn(move || {
        own::claim_this_thread();
        let _gone = Gone(Arc::clone(&core.queue));
        let exporters = export::choose(&core.config, exporters);
        drop(hold);
        Worker::new(core, exporters).run();
    })?;
    // What is wrong with the configuration is said before the program goes on.
    chosen.wait(LONGEST);
    Ok(thread)
}

/// Lets those go on who wait for a worker that a fault of ours ended.
struct Gone(Arc<Queue>);

impl Drop for Gone {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.worker_is_gone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::QueueLimits;

    #[test]
    fn nobody_waits_for_a_worker_that_is_gone() {
        let limits = QueueLimits {
            events: 10,
            bytes: 1_000,
        };
        let queue = Arc::new(Queue::new(limits, 10));
        queue.with_stats(|stats| stats.enter(3));
        let latch = queue.flush();
        let gone = Gone(Arc::clone(&queue));
        let thread = thread::spawn(move || {
            let _gone = gone;
            panic!("a fault of ours");
        });
        thread.join().unwrap_err();
        assert!(latch.wait(Duration::from_secs(60)));
        assert!(queue.is_closed());
        let stats = queue.stats();
        assert_eq!((stats.queued, stats.dropped.internal), (0, 3));
    }
}
