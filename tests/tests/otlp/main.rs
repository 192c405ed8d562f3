//! Traces sent by OTLP, from real programs to collectors on this machine.

mod collector;
mod delivery;
mod grpc;
mod options;
mod spans;
mod spool;

use std::time::Duration;

use rollout::{Builder, Otlp, Rollout};
use rollout_tests::Folder;

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(60);

/// A program that sends by OTLP.
struct Program {
    rollout: Rollout,
    spool: Folder,
    said: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl Program {
    fn sending(otlp: Otlp) -> Self {
        Self::with(otlp, |builder| builder)
    }

    fn with(otlp: Otlp, options: impl FnOnce(Builder) -> Builder) -> Self {
        Self::within(Folder::new(), otlp, options)
    }

    fn within(spool: Folder, otlp: Otlp, options: impl FnOnce(Builder) -> Builder) -> Self {
        let said = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
        let sink = std::sync::Arc::clone(&said);
        let builder = rollout::builder()
            .without_environment()
            .otlp(otlp)
            .spool_dir(spool.path())
            .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.to_string()));
        let rollout = options(builder).build().unwrap();
        Self {
            rollout,
            spool,
            said,
        }
    }

    fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        self.rollout.context().in_scope(work)
    }

    fn flush(&self) {
        self.rollout.flush(LONG).unwrap();
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Ends it, and checks that the books add up.
    fn end(self) -> (rollout::Stats, Folder) {
        let stats = self.rollout.shutdown();
        let rollout::Stats {
            created,
            exported,
            spooled,
            queued,
            dropped,
            ..
        } = stats;
        assert_eq!(
            created,
            exported + spooled + queued + dropped.total(),
            "{stats:?}"
        );
        assert_eq!(queued, 0, "{stats:?}");
        (stats, self.spool)
    }
}
