//! Where events go.

pub(crate) mod folder;
#[cfg(feature = "http")]
pub(crate) mod http;
mod local;
#[cfg(any(test, feature = "testing"))]
mod memory;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
mod owner;
#[cfg(feature = "http")]
pub(crate) mod spool;
#[cfg(test)]
pub(crate) mod testing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

pub use local::LocalExporter;
#[cfg(any(test, feature = "testing"))]
pub use memory::MemoryExporter;
#[cfg(feature = "otlp")]
pub use otlp::{OtlpProfile, OtlpTraces, OtlpTranslator, ParseProfileError};
pub(crate) use owner::{EVENTS, Writer};

use crate::config::{Config, DEFAULT_DIR};
use crate::pipeline::batch::{Batch, Receipt};

/// A destination for events.
///
/// All methods are called on the client's worker, one at a time. None is called after
/// [`shutdown`](Self::shutdown).
///
/// ```
/// # use rollout_core as rollout;
/// use std::sync::Arc;
///
/// use rollout::{Batch, Exporter, Receipt};
///
/// /// Prints each event as a line of JSON.
/// struct Printer;
///
/// impl Exporter for Printer {
///     fn name(&self) -> &str {
///         "printer"
///     }
///
///     fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
///         for line in batch.lines() {
///             println!("{}", String::from_utf8_lossy(line));
///         }
///         receipt.delivered();
///     }
/// }
///
/// let client = rollout::builder().exporter(Printer).build()?;
/// client.trace("printed").start().end();
/// assert_eq!(client.shutdown().exported, 2);
/// # Ok::<(), rollout::BuildError>(())
/// ```
pub trait Exporter: Send {
    /// Returns a name for diagnostics.
    fn name(&self) -> &str;

    /// Takes a batch, and reports on the receipt what became of its events: at once, or later from
    /// any thread.
    ///
    /// Should not block for long, as the other exporters wait meanwhile: what takes time belongs on
    /// a thread of the exporter's own. Retrying is the exporter's business. A panic counts the batch
    /// as lost and does no further harm.
    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt);

    /// Returns whether events are wanted as soon as they are made, within milliseconds, however few
    /// they are. Asked once. Defaults to false: then they come when there are enough for a batch,
    /// when a trace ends, and after the `flush_interval`.
    ///
    /// Where one exporter says yes all get events so; one that makes a request a batch then collects
    /// until [`flush`](Self::flush).
    fn is_eager(&self) -> bool {
        false
    }

    /// Returns whether another batch is welcome. While the only exporter says no, records stay in
    /// the queue, where their number is limited. Defaults to true.
    fn is_ready(&self) -> bool {
        true
    }

    /// Sends what it holds back without waiting for it to arrive: a trace has ended, somebody waits,
    /// or the `flush_interval` is over. Defaults to nothing.
    fn flush(&mut self) {}

    /// Nothing more will come, and [`shutdown`](Self::shutdown) follows within this time: what is
    /// under way should hurry. Must not block. Defaults to nothing.
    fn close(&mut self, timeout: Duration) {
        let _ = timeout;
    }

    /// Ends what is under way, for which it may take no longer than this. Defaults to nothing.
    fn shutdown(&mut self, timeout: Duration) {
        let _ = timeout;
    }
}

/// Returns an exporter's name; none if it panics when it is asked.
pub(crate) fn name_of(exporter: &dyn Exporter) -> String {
    catch_unwind(AssertUnwindSafe(|| exporter.name().to_owned())).unwrap_or_default()
}

/// Returns the exporters of a client: those of the program, the ingest API where there is a key, and
/// the local folder where it is asked for or there is nothing else.
pub(crate) fn choose(
    config: &Config,
    mut exporters: Vec<Box<dyn Exporter>>,
) -> Vec<Box<dyn Exporter>> {
    let diagnostics = &config.diagnostics;
    for exporter in &exporters {
        diagnostics.debug(format_args!(
            "events go to the exporter `{}`",
            name_of(&**exporter)
        ));
    }
    let mut trouble = None;
    #[cfg(feature = "http")]
    match http::HttpExporter::new(config, exporters.is_empty() && config.local_dir.is_none()) {
        Ok(Some(exporter)) => {
            diagnostics.debug(format_args!("events go to `{}`", config.base_url));
            exporters.push(Box::new(exporter));
        }
        Ok(None) => {}
        Err(error) => trouble = Some(error.to_string()),
    }
    #[cfg(feature = "otlp")]
    for target in &config.otlp {
        // With several destinations none is waited for by the others.
        let alone = exporters.is_empty() && config.local_dir.is_none() && config.otlp.len() == 1;
        diagnostics.debug(format_args!(
            "events go to `{}`, by {} and for {}",
            target.url, target.protocol, target.profile
        ));
        let exporter = http::HttpExporter::otlp(target.clone(), config, alone);
        exporters.push(Box::new(exporter));
    }
    #[cfg(not(feature = "http"))]
    if config.api_key.is_some() {
        trouble = Some(
            "there is an API key, but the program is built without rollout's cargo feature `http`"
                .to_owned(),
        );
    }
    let dir = match &config.local_dir {
        Some(dir) => Some(dir.clone()),
        None if exporters.is_empty() => Some(DEFAULT_DIR.into()),
        None => None,
    };
    if let Some(trouble) = trouble {
        match &dir {
            Some(dir) => diagnostics.error(format_args!(
                "runs are recorded into `{}`, but nothing is sent to the ingest API: {trouble}",
                dir.display()
            )),
            None => diagnostics.error(format_args!("nothing is sent to the ingest API: {trouble}")),
        }
    }
    if let Some(dir) = dir {
        match LocalExporter::new(&dir) {
            Ok(exporter) => {
                diagnostics.debug(format_args!("events go into `{}`", dir.display()));
                let exporter = exporter.with_diagnostics(diagnostics.clone());
                exporters.push(Box::new(exporter));
            }
            Err(error) => diagnostics.error(format_args!(
                "can't record into `{}`: {error}; set `ROLLOUT_DIR` to a folder that can be \
                 written to, or `ROLLOUT_DISABLED=1`",
                dir.display()
            )),
        }
    }
    exporters
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::testing::Folder;
    use crate::Rollout;

    #[test]
    fn who_can_not_send_says_where_runs_go_instead() {
        let folder = Folder::new("choose");
        let said = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&said);
        let rollout = Rollout::builder()
            .api_key("k")
            .base_url("nonsense")
            .local_dir(&*folder)
            .on_diagnostic(move |told| hear.lock().unwrap().push(told.to_string()))
            .build()
            .unwrap();
        rollout.trace("support").start().end();
        assert_eq!(rollout.shutdown().exported, 2);
        let said = said.lock().unwrap().join("\n");
        let place = folder.display();
        let expected = format!(
            "runs are recorded into `{place}`, but nothing is sent to the ingest API: `nonsense` is"
        );
        assert!(said.contains(&expected), "{said}");
    }
}
