//! What is said about delivery: once for each trouble, not once for each batch.

use std::fmt::Display;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::answer::{Kind, Refusals, Trouble};
use crate::config::Secret;
use crate::diagnostics::Diagnostics;

pub(super) struct Reporter {
    diagnostics: Diagnostics,
    base_url: String,
    /// What is never to be shown.
    secrets: Vec<Secret>,
    hints: Hints,
    state: Mutex<State>,
}

/// What to look at when a server does not take the key, or is none.
#[derive(Clone, Copy)]
pub(super) struct Hints {
    pub(super) key: &'static str,
    pub(super) address: &'static str,
}

impl Hints {
    pub(super) const API: Self = Self {
        key: "; check `ROLLOUT_API_KEY`",
        address: "; check `ROLLOUT_BASE_URL`",
    };
    #[cfg(feature = "otlp")]
    pub(super) const OTLP: Self = Self {
        key: "; check `OTEL_EXPORTER_OTLP_HEADERS`, or the headers that the program sets",
        address: "; check `OTEL_EXPORTER_OTLP_ENDPOINT`, or the address that the program sets",
    };
}

#[derive(Default)]
struct State {
    /// What is wrong, and how many events it has cost.
    trouble: Option<(Kind, usize)>,
    /// The codes of the refused events that were spoken of last.
    codes: Vec<String>,
}

impl Reporter {
    pub(super) fn new(
        diagnostics: Diagnostics,
        base_url: &str,
        secrets: Vec<Secret>,
        hints: Hints,
    ) -> Self {
        Self {
            diagnostics,
            base_url: base_url.to_owned(),
            secrets,
            hints,
            state: Mutex::default(),
        }
    }

    /// Says that an attempt failed, to those who want to know everything.
    pub(super) fn retried(&self, trouble: &Trouble) {
        self.diagnostics
            .debug(self.without_key(format_args!("trying again: {}", trouble.text)));
    }

    /// Says why events are lost, unless that is known.
    pub(super) fn lost(&self, trouble: &Trouble, events: usize) {
        self.failed(trouble, events, || "events are lost".to_owned());
    }

    /// Says why events stay on disk for now, unless that is known.
    pub(super) fn kept(&self, trouble: &Trouble, dir: &Path) {
        self.failed(trouble, 0, || {
            format!("events are kept in `{}`", dir.display())
        });
    }

    fn failed(&self, trouble: &Trouble, events: usize, consequence: impl FnOnce() -> String) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let (known, lost) = state.trouble.unzip();
            state.trouble = Some((trouble.kind, lost.unwrap_or(0) + events));
            if known == Some(trouble.kind) {
                return;
            }
        }
        let hint = match trouble.kind {
            kind if kind.is_about_the_key() => self.hints.key,
            Kind::Status(status) if matches!(status.as_u16(), 300..400 | 404 | 405) => {
                self.hints.address
            }
            _ => "",
        };
        self.diagnostics.error(self.without_key(format_args!(
            "{}, as `{}` does not take them: {}{hint}",
            consequence(),
            self.base_url,
            trouble.text
        )));
    }

    /// Says that all is well again, if it was not.
    pub(super) fn delivered(&self, events: usize) {
        if self.diagnostics.is_debug() {
            let message = format_args!("`{}` took {events} events", self.base_url);
            self.diagnostics.debug(self.without_key(message));
        }
        let trouble = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state
                .trouble
                .take_if(|(kind, _)| !kind.is_about_the_envelope())
        };
        if let Some((_, lost)) = trouble {
            let lost = match lost {
                0 => String::new(),
                lost => format!("; {lost} are lost"),
            };
            let message = format_args!("`{}` takes events again{lost}", self.base_url);
            self.diagnostics.info(self.without_key(message));
        }
    }

    /// Says why a server refused some events of a batch that it took, and what becomes of them, unless
    /// that is known.
    pub(super) fn refused(&self, refusals: &Refusals, consequence: &str) {
        let codes = refusals.codes();
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.codes == codes {
                return;
            }
            state.codes = codes.into_iter().map(str::to_owned).collect();
        }
        self.diagnostics.error(self.without_key(format_args!(
            "{consequence}, as `{}` refused {} of a batch: {refusals}",
            self.base_url,
            refusals.places.len()
        )));
    }

    /// Says that events are lost that were on disk.
    pub(super) fn unreadable(&self, events: usize) {
        self.diagnostics.error(format_args!(
            "{events} events are lost, as the file that they were kept in is gone or damaged"
        ));
    }

    /// Says that metrics were not taken, to those who want to know everything: the next ones say it all again.
    #[cfg(feature = "otlp")]
    pub(super) fn metrics_failed(&self, trouble: &str) {
        let message = format_args!("metrics were not taken: {trouble}");
        self.diagnostics.debug(self.without_key(message));
    }

    /// Says that there is no way to send anything.
    pub(super) fn cannot_start(&self, error: &dyn Display, dir: Option<&Path>) {
        let trouble = Trouble {
            kind: Kind::Internal,
            text: error.to_string(),
        };
        match dir {
            Some(dir) => self.kept(&trouble, dir),
            None => self.lost(&trouble, 0),
        }
    }

    /// A server may repeat in its answer what it was sent.
    fn without_key(&self, message: impl Display) -> String {
        // What is as short as a syllable is no secret, but part of many words.
        const SHORTEST: usize = 8;
        let secrets = self.secrets.iter().map(Secret::expose);
        secrets
            .filter(|secret| secret.len() >= SHORTEST)
            .fold(message.to_string(), |message, secret| {
                message.replace(secret, "[REDACTED]")
            })
    }
}
