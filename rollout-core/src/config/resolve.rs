use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::environment::{self, Lookup};
use super::{
    BatchLimits, Builder, Config, Identity, QueueLimits, Secret, SpoolOptions, StreamOptions,
};
use crate::diagnostics::Diagnostics;
use crate::export::Exporter;
use crate::pipeline::limits::MediaStore;
use crate::pipeline::redact::Redactor;

const DEFAULT_BASE_URL: &str = "https://app.rollout.work";
pub(crate) const DEFAULT_DIR: &str = ".rollout";

/// Returns where media are kept, if they are to be.
fn media_store(
    keep: bool,
    local_dir: Option<&Path>,
    diagnostics: &Diagnostics,
) -> Option<Arc<MediaStore>> {
    let dir = local_dir.unwrap_or(Path::new(DEFAULT_DIR));
    // The program may change its working directory.
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    keep.then(|| Arc::new(MediaStore::new(dir.join("media"), diagnostics.clone())))
}

impl Identity {
    fn of(builder: &mut Builder, lookup: &Lookup<'_>) -> Self {
        let text =
            |explicit: &mut Option<String>, name| environment::text(explicit.take(), lookup, name);
        Self {
            agent_id: text(&mut builder.agent_id, "ROLLOUT_AGENT_ID"),
            agent_name: text(&mut builder.agent_name, "ROLLOUT_AGENT_NAME"),
            agent_version: text(&mut builder.agent_version, "ROLLOUT_AGENT_VERSION"),
            deployment: text(&mut builder.deployment, "ROLLOUT_DEPLOYMENT"),
            environment: text(&mut builder.environment, "ROLLOUT_ENVIRONMENT"),
            service_name: text(&mut builder.service_name, "ROLLOUT_SERVICE_NAME"),
            release: text(&mut builder.release, "ROLLOUT_RELEASE"),
        }
    }
}

impl Builder {
    /// Decides all options, and gives back the exporters.
    pub(crate) fn resolve(mut self, lookup: &Lookup<'_>) -> (Config, Vec<Box<dyn Exporter>>) {
        let identity = Identity::of(&mut self, lookup);
        let quiet = Diagnostics::new(self.on_diagnostic.clone(), false);
        let debug = environment::flag(self.debug, lookup, "ROLLOUT_DEBUG", false, &quiet);
        let diagnostics = Diagnostics::new(self.on_diagnostic, debug);
        let text = |explicit, name| environment::text(explicit, lookup, name);
        let flag = |explicit, name, default| {
            environment::flag(explicit, lookup, name, default, &diagnostics)
        };
        let at_least_one = |explicit: Option<usize>, name: &str, default: usize, most: usize| {
            let value = explicit.unwrap_or(default);
            if (1..=most).contains(&value) {
                return value;
            }
            let expected = if most == usize::MAX {
                "at least 1".into()
            } else {
                format!("1 to {most}")
            };
            environment::warn(&diagnostics, name, &value.to_string(), &expected, default);
            default
        };

        let base_url = text(self.base_url, "ROLLOUT_BASE_URL")
            .map(|url| url.trim_end_matches('/').to_owned())
            .filter(|url| !url.is_empty())
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned());
        let local_dir = self
            .local_dir
            .or_else(|| text(None, "ROLLOUT_DIR").map(PathBuf::from))
            .filter(|dir| is_named(dir));
        let spool = SpoolOptions {
            dirs: spool_dirs(self.spool_dir, local_dir.as_deref(), lookup),
            max_bytes: environment::bytes(
                self.spool_max_bytes,
                lookup,
                "ROLLOUT_SPOOL_MAX_BYTES",
                64 * 1024 * 1024,
                &diagnostics,
            ),
        };
        let api_key = text(self.api_key, "ROLLOUT_API_KEY");
        let media = media_store(self.keep_media, local_dir.as_deref(), &diagnostics);
        let mut redactor = Redactor::new(&self.redaction);
        if let Some(key) = &api_key {
            redactor.add_secret(key);
        }
        #[cfg(feature = "otlp")]
        let otlp = super::otlp::targets(self.otlp, &identity, lookup, &diagnostics);
        #[cfg(feature = "otlp")]
        for secret in otlp.iter().flat_map(|target| &target.headers) {
            redactor.add_secret(secret.1.expose());
        }
        let (events, bytes) = (self.max_queue_events, self.max_queue_bytes);
        let queue = QueueLimits {
            events: at_least_one(events, "max_queue_events", 1_000, usize::MAX),
            bytes: at_least_one(bytes, "max_queue_bytes", 4_000_000, usize::MAX),
        };
        let config = Config {
            api_key: api_key.map(Secret::new),
            base_url,
            local_dir,
            identity,
            #[cfg(feature = "otlp")]
            otlp,
            sample_rate: environment::sample_rate(self.sample_rate, lookup, &diagnostics),
            disabled: flag(self.disabled, "ROLLOUT_DISABLED", false),
            capture_input: flag(self.capture_input, "ROLLOUT_CAPTURE_INPUT", true),
            capture_output: flag(self.capture_output, "ROLLOUT_CAPTURE_OUTPUT", true),
            flush: self.flush,
            sync_mode: self.sync_mode,
            #[cfg(feature = "tracing")]
            tracing_spans: self.tracing_spans,
            parent: self.parent,
            propagate_context: flag(self.propagate_context, "ROLLOUT_PROPAGATE_CONTEXT", false),
            queue,
            batch: BatchLimits {
                events: at_least_one(self.max_batch_events, "max_batch_events", 100, 1_000),
                bytes: at_least_one(self.max_batch_bytes, "max_batch_bytes", 512_000, usize::MAX),
                interval: self.flush_interval.unwrap_or(Duration::from_secs(2)),
            },
            spool,
            shutdown_timeout: self.shutdown_timeout.unwrap_or(Duration::from_secs(5)),
            max_value_bytes: at_least_one(
                self.max_value_bytes,
                "max_value_bytes",
                256 * 1024,
                usize::MAX,
            ),
            stream: StreamOptions {
                preview_chars: self.stream_preview_chars.unwrap_or(4_096),
                capture_chunks: self.capture_stream_chunks,
            },
            redactor,
            media,
            scrubber: self.scrubber,
            before_send: self.before_send,
            diagnostics,
        };
        (config, self.exporters)
    }
}

/// Returns whether this names a folder: a blank path would be the working directory itself.
fn is_named(dir: &Path) -> bool {
    !dir.to_string_lossy().trim().is_empty()
}

/// Returns the folders in which events may be kept, the best first.
fn spool_dirs(
    explicit: Option<PathBuf>,
    local_dir: Option<&Path>,
    lookup: &Lookup<'_>,
) -> Vec<PathBuf> {
    let path = |name| environment::text(None, lookup, name).map(PathBuf::from);
    let chosen = explicit.or_else(|| path("ROLLOUT_SPOOL_DIR"));
    if let Some(dir) = chosen.filter(|dir| is_named(dir)) {
        return vec![dir];
    }
    let beside = local_dir.unwrap_or(Path::new(DEFAULT_DIR)).join("spool");
    let state = path("XDG_STATE_HOME")
        .or_else(|| path("LOCALAPPDATA"))
        .or_else(|| Some(path("HOME")?.join(".local/state")));
    let state = state.map(|dir| dir.join("rollout/spool"));
    std::iter::once(beside).chain(state).collect()
}

#[cfg(test)]
mod tests;
