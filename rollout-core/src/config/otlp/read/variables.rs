//! What the variables of OpenTelemetry's exporters say.

use std::fs;

use percent_encoding::percent_decode_str;

use crate::config::Secret;
use crate::config::environment::{self, Lookup};
use crate::diagnostics::Diagnostics;

/// The variables of one process: those for traces win over those for everything.
pub(super) struct Variables<'a> {
    pub(super) lookup: &'a Lookup<'a>,
    pub(super) diagnostics: &'a Diagnostics,
}

impl Variables<'_> {
    /// Returns a variable's name, and what it says.
    pub(super) fn get(&self, name: &str) -> Option<(String, String)> {
        ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"]
            .iter()
            .map(|prefix| format!("{prefix}{name}"))
            .find_map(|name| Some((name.clone(), environment::text(None, self.lookup, &name)?)))
    }

    /// Returns what a variable says, if it can be used.
    pub(super) fn parse<T>(
        &self,
        name: &str,
        expected: &str,
        default: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (name, given) = self.get(name)?;
        let parsed = parse(&given);
        if parsed.is_none() {
            environment::warn(self.diagnostics, &name, &given, expected, default);
        }
        parsed
    }

    /// Returns what is in the file in PEM that a variable names, or says what is done without it.
    pub(super) fn file(&self, name: &str, without: &str) -> Option<Vec<u8>> {
        let (name, path) = self.get(name)?;
        match fs::read(&path) {
            // Of a file without any nothing would be said: it holds no certificates, and none are trusted.
            Ok(content) if !is_pem(&content) => {
                self.diagnostics.warn(format_args!(
                    "{name} is `{path}`, in which nothing is in PEM; going on with {without}"
                ));
                None
            }
            Ok(content) => Some(content),
            Err(error) => {
                self.diagnostics.warn(format_args!(
                    "{name} is `{path}`, which can't be read: {error}; going on with {without}"
                ));
                None
            }
        }
    }

    /// Returns the client's own certificate and its key.
    pub(super) fn identity(&self) -> Option<(Vec<u8>, Secret)> {
        const WITHOUT: &str = "no certificate of its own";
        let missing = match (self.get("CLIENT_CERTIFICATE"), self.get("CLIENT_KEY")) {
            (Some((name, _)), None) => Some((name, "KEY")),
            (None, Some((name, _))) => Some((name, "CERTIFICATE")),
            _ => None,
        };
        if let Some((name, missing)) = missing {
            self.diagnostics.warn(format_args!(
                "{name} is of no use without OTEL_EXPORTER_OTLP_CLIENT_{missing}; going on with {WITHOUT}"
            ));
            return None;
        }
        let certificate = self.file("CLIENT_CERTIFICATE", WITHOUT)?;
        let key = self.file("CLIENT_KEY", WITHOUT)?;
        let Ok(key) = String::from_utf8(key) else {
            self.diagnostics.warn(format_args!(
                "OTEL_EXPORTER_OTLP_CLIENT_KEY names no file in PEM; going on with {WITHOUT}"
            ));
            return None;
        };
        Some((certificate, Secret::new(key)))
    }

    /// Returns the pairs of a list as `name=value,name=value`, decoded.
    pub(super) fn pairs(&self, name: &str, text: &str) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let decoded = pair.split_once('=').and_then(|(key, value)| {
                let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
                let key = percent_decode_str(key.trim()).decode_utf8().ok()?;
                (!key.is_empty()).then(|| (key.into_owned(), value.into_owned()))
            });
            match decoded {
                Some(pair) => pairs.push(pair),
                // Its value may be a secret.
                None => self.diagnostics.warn(format_args!(
                    "a part of {name} is no `name=value`: it is left out"
                )),
            }
        }
        pairs
    }
}

fn is_pem(content: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    content.windows(BEGIN.len()).any(|part| part == BEGIN)
}
