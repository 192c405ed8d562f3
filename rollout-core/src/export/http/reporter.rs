//! What is said about delivery: once for each trouble, not once for each batch.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use super::answer::{Kind, Refusals, Trouble};
use crate::config::Secret;
use crate::diagnostics::Diagnostics;

pub(super) struct Reporter {
    diagnostics: Diagnostics,
    base_url: String,
    key: Secret,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What is wrong, and how many events it has cost.
    trouble: Option<(Kind, usize)>,
    /// The codes of the refused events that were spoken of last.
    codes: Vec<String>,
}

impl Reporter {
    pub(super) fn new(diagnostics: Diagnostics, base_url: &str, key: &Secret) -> Self {
        let (base_url, key) = (base_url.to_owned(), key.clone());
        Self {
            diagnostics,
            base_url,
            key,
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
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let (known, lost) = state.trouble.unzip();
            state.trouble = Some((trouble.kind, lost.unwrap_or(0) + events));
            if known == Some(trouble.kind) {
                return;
            }
        }
        let hint = match trouble.kind {
            Kind::Status(status) if matches!(status.as_u16(), 401 | 403) => {
                "; check `ROLLOUT_API_KEY`"
            }
            Kind::Status(status) if matches!(status.as_u16(), 300..400 | 404) => {
                "; check `ROLLOUT_BASE_URL`"
            }
            _ => "",
        };
        self.diagnostics.error(self.without_key(format_args!(
            "events are lost, as `{}` does not take them: {}{hint}",
            self.base_url, trouble.text
        )));
    }

    /// Says that all is well again, if it was not.
    pub(super) fn delivered(&self) {
        let trouble = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state
                .trouble
                .take_if(|(kind, _)| !kind.is_about_the_envelope())
        };
        if let Some((_, lost)) = trouble {
            self.diagnostics.info(self.without_key(format_args!(
                "`{}` takes events again; {lost} are lost",
                self.base_url
            )));
        }
    }

    /// Says why a server refused some events of a batch that it took, unless that is known.
    pub(super) fn refused(&self, refusals: &Refusals) {
        let codes = refusals.codes();
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.codes == codes {
                return;
            }
            state.codes = codes.into_iter().map(str::to_owned).collect();
        }
        self.diagnostics.error(self.without_key(format_args!(
            "events are lost, as `{}` refused {} of a batch: {refusals}",
            self.base_url,
            refusals.places.len()
        )));
    }

    /// Says that there is no way to send anything.
    pub(super) fn cannot_start(&self, error: &dyn Display) {
        self.lost(
            &Trouble {
                kind: Kind::Internal,
                text: error.to_string(),
            },
            0,
        );
    }

    /// A server may repeat in its answer what it was sent.
    fn without_key(&self, message: impl Display) -> String {
        // What is as short as a syllable is no secret, but part of many words.
        const SHORTEST: usize = 8;
        let (message, key) = (message.to_string(), self.key.expose());
        if key.len() < SHORTEST {
            return message;
        }
        message.replace(key, "[REDACTED]")
    }
}
