//! How much may wait, travel and be kept, and for how long.

use std::path::PathBuf;
use std::time::Duration;

use super::Builder;

impl Builder {
    /// Sets how many events may wait for the worker, at least 1. Defaults to 1,000.
    pub fn max_queue_events(mut self, events: usize) -> Self {
        self.max_queue_events = Some(events);
        self
    }

    /// Sets how many bytes may wait for the worker, at least 1. Defaults to 4,000,000.
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.max_queue_bytes = Some(bytes);
        self
    }

    /// Sets how many events go out together, from 1 to 1,000. Defaults to 100.
    pub fn max_batch_events(mut self, events: usize) -> Self {
        self.max_batch_events = Some(events);
        self
    }

    /// Sets how many bytes of events go out together; one event always may. Defaults to 512,000.
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.max_batch_bytes = Some(bytes);
        self
    }

    /// Sets how long a recorded value may be, in bytes of JSON. Defaults to 256 KiB.
    ///
    /// What is longer is cut inside its texts and lists, stays valid JSON, and says so. Media in
    /// base64 are replaced by their type, size and hash first.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let recording = rollout::testing::record_with(|builder| builder.max_value_bytes(200));
    /// let trace = recording.client().trace("support").input(&"long ".repeat(1_000)).start();
    /// trace.end();
    /// let input = recording.run().input().to_string();
    /// assert!(input.len() < 250 && input.contains("cut"), "{input}");
    /// ```
    pub fn max_value_bytes(mut self, bytes: usize) -> Self {
        self.max_value_bytes = Some(bytes);
        self
    }

    /// Sets how long events wait for company. Defaults to two seconds.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// use std::time::Duration;
    ///
    /// let builder = rollout::builder()
    ///     .flush_interval(Duration::from_secs(10)) // fewer and larger envelopes
    ///     .shutdown_timeout(Duration::from_secs(1)); // and a program that ends sooner
    /// # drop(builder);
    /// ```
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = Some(interval);
        self
    }

    /// Sets how long the end of the program may wait for delivery. Defaults to five seconds.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    /// Sets the folder in which events are kept until a server has them.
    ///
    /// Environment: `ROLLOUT_SPOOL_DIR`. Defaults to `spool` in the local folder (`.rollout/spool`),
    /// and where that can't be written to, to `rollout/spool` in the user's folder for state.
    pub fn spool_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool_dir = Some(dir.into());
        self
    }

    /// Sets how many bytes of events this process may keep until a server has them. Beyond this the
    /// oldest traces are dropped as a whole, and counted.
    ///
    /// With 0 nothing is kept on disk: what can't be delivered is lost, and so is what was under way
    /// when the program is killed. Environment: `ROLLOUT_SPOOL_MAX_BYTES`. Defaults to 64 MiB.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let builder = rollout::builder().spool_dir("/var/lib/desk/rollout").spool_max_bytes(256 << 20);
    /// # drop(builder);
    /// ```
    pub fn spool_max_bytes(mut self, bytes: u64) -> Self {
        self.spool_max_bytes = Some(bytes);
        self
    }
}
