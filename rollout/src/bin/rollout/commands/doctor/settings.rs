//! What the environment says, and what that means to a program.

mod otlp;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// What a variable takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    /// It is not shown.
    Secret,
    Flag,
    Share,
    Bytes,
    Millis,
    Protocol,
    Compression,
    Profile,
}

/// The variables that programs read, and what holds if they are not set.
const VARIABLES: [(&str, &str, Form); 19] = [
    ("ROLLOUT_API_KEY", "not set", Form::Secret),
    ("ROLLOUT_BASE_URL", "https://app.rollout.work", Form::Text),
    ("ROLLOUT_DIR", ".rollout", Form::Text),
    ("ROLLOUT_SERVICE_NAME", "not set", Form::Text),
    ("ROLLOUT_RELEASE", "not set", Form::Text),
    ("ROLLOUT_ENVIRONMENT", "not set", Form::Text),
    ("ROLLOUT_DEPLOYMENT", "not set", Form::Text),
    ("ROLLOUT_AGENT_NAME", "not set", Form::Text),
    ("ROLLOUT_AGENT_ID", "not set", Form::Text),
    ("ROLLOUT_AGENT_VERSION", "not set", Form::Text),
    ("ROLLOUT_SAMPLE_RATE", "1", Form::Share),
    ("ROLLOUT_CAPTURE_INPUT", "true", Form::Flag),
    ("ROLLOUT_CAPTURE_OUTPUT", "true", Form::Flag),
    ("ROLLOUT_PROPAGATE_CONTEXT", "false", Form::Flag),
    ("ROLLOUT_DISABLED", "false", Form::Flag),
    ("ROLLOUT_DEBUG", "false", Form::Flag),
    (
        "ROLLOUT_SPOOL_DIR",
        "beside the runs, else the user's",
        Form::Text,
    ),
    ("ROLLOUT_SPOOL_MAX_BYTES", "67108864", Form::Bytes),
    ("ROLLOUT_PRICES", "not set", Form::Text),
];

/// The variables of a process.
pub(super) struct Environment(BTreeMap<String, String>);

/// An option, with where its value comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) value: String,
    is_set: bool,
    /// What is wrong with it.
    pub(super) problem: Option<String>,
}

impl Environment {
    pub(super) fn of_process() -> Self {
        let variables = VARIABLES.iter().chain(&otlp::VARIABLES);
        let names = variables.map(|(name, ..)| *name);
        let names = names.chain(["XDG_STATE_HOME", "LOCALAPPDATA", "HOME"]);
        Self(
            names
                .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
                .collect(),
        )
    }

    /// Returns what a variable says, unless it is blank.
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }

    /// Returns the options, each with its value. Those of OpenTelemetry are many, and only told where they are set.
    pub(super) fn settings(&self) -> Vec<Setting> {
        let otlp = otlp::VARIABLES.iter();
        let otlp = otlp.filter(|(name, ..)| self.get(name).is_some());
        let settings = VARIABLES.iter().chain(otlp).map(|(name, default, form)| {
            let said = self.get(name);
            Setting {
                name,
                value: match (said, form) {
                    // Not even how long it is.
                    (Some(_), Form::Secret) => "set, and not shown".to_owned(),
                    (Some(text), _) => without_password(text),
                    (None, _) => (*default).to_owned(),
                },
                is_set: said.is_some(),
                problem: said.and_then(|text| problem(name, text, *form, default)),
            }
        });
        settings.collect()
    }

    /// Returns whether programs write into the folder of the runs.
    pub(super) fn records_locally(&self) -> bool {
        self.get("ROLLOUT_API_KEY").is_none() || self.get("ROLLOUT_DIR").is_some()
    }

    /// Returns the folder that programs write to, which need not be the one that is looked at.
    fn folder(&self) -> PathBuf {
        self.get("ROLLOUT_DIR").unwrap_or(".rollout").into()
    }

    /// Returns where a program's records go, in a sentence.
    pub(super) fn destination(&self) -> String {
        let is_disabled = self
            .get("ROLLOUT_DISABLED")
            .is_some_and(|text| flag(text) == Some(true));
        let folder = self.folder();
        let folder = folder.display();
        let api = without_password(
            self.get("ROLLOUT_BASE_URL")
                .unwrap_or("https://app.rollout.work"),
        );
        if is_disabled {
            return "nowhere: `ROLLOUT_DISABLED` is set".to_owned();
        }
        let (key, dir) = (self.get("ROLLOUT_API_KEY"), self.get("ROLLOUT_DIR"));
        let told = match (key, dir) {
            (None, _) => format!("the folder `{folder}`, as there is no `ROLLOUT_API_KEY`"),
            (Some(_), None) => format!("the ingest API at {api}"),
            (Some(_), Some(_)) => format!("the ingest API at {api}, and the folder `{folder}`"),
        };
        let Some(backend) = self.backend() else {
            return told;
        };
        let how = if key.is_none() && dir.is_none() {
            "instead"
        } else {
            "as well"
        };
        format!("{told}; programs with the feature `otlp` send to {backend} {how}")
    }

    /// Returns the folders that may hold what is not delivered yet.
    pub(super) fn spool_dirs(&self) -> Vec<PathBuf> {
        if let Some(dir) = self.get("ROLLOUT_SPOOL_DIR") {
            return vec![dir.into()];
        }
        let state = self
            .get("XDG_STATE_HOME")
            .or_else(|| self.get("LOCALAPPDATA"))
            .map(PathBuf::from);
        let state = state.or_else(|| Some(Path::new(self.get("HOME")?).join(".local/state")));
        let state = state.map(|dir| dir.join("rollout/spool"));
        std::iter::once(self.folder().join("spool"))
            .chain(state)
            .collect()
    }
}

impl Setting {
    /// Returns who says so.
    pub(super) fn source(&self) -> &'static str {
        if self.is_set {
            "environment"
        } else {
            "default"
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({"name": self.name, "value": self.value, "source": self.source(), "ok": self.problem.is_none()})
    }
}

fn problem(name: &str, text: &str, form: Form, default: &str) -> Option<String> {
    let expected = match form {
        Form::Flag if flag(text).is_none() => {
            "one of `1`, `true`, `yes`, `on`, `0`, `false`, `no`, `off`"
        }
        Form::Share
            if !text
                .parse()
                .is_ok_and(|rate: f64| (0.0..=1.0).contains(&rate)) =>
        {
            "a number from 0 to 1"
        }
        Form::Bytes if text.parse::<u64>().is_err() => "a number of bytes",
        _ => &otlp::expected(form, text)?,
    };
    Some(format!(
        "{name} is `{text}`, expected {expected}: programs go on with `{default}`"
    ))
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Returns an address without what is nobody else's business.
fn without_password(text: &str) -> String {
    match text
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (_, host))) => format!("{scheme}://…@{host}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment(variables.collect())
    }

    fn setting(environment: &Environment, name: &str) -> Setting {
        environment
            .settings()
            .into_iter()
            .find(|setting| setting.name == name)
            .unwrap()
    }

    #[test]
    fn keys_and_passwords_are_not_shown() {
        let environment = environment(&[
            ("ROLLOUT_API_KEY", "rl_secret"),
            ("ROLLOUT_BASE_URL", "https://me:rl_secret@host/a"),
        ]);
        let told = format!("{:?} {}", environment.settings(), environment.destination());
        assert!(!told.contains("secret"), "{told}");
        assert_eq!(
            setting(&environment, "ROLLOUT_BASE_URL").value,
            "https://…@host/a"
        );
    }

    #[test]
    fn where_a_value_comes_from_is_told_and_what_is_wrong_with_it() {
        let environment = environment(&[
            ("ROLLOUT_DEBUG", "ja"),
            ("ROLLOUT_SAMPLE_RATE", " 0.5 "),
            ("ROLLOUT_RELEASE", " "),
        ]);
        assert!(
            setting(&environment, "ROLLOUT_DEBUG")
                .problem
                .unwrap()
                .contains("`ja`")
        );
        let rate = setting(&environment, "ROLLOUT_SAMPLE_RATE");
        assert_eq!(
            (rate.value.as_str(), rate.source(), rate.problem.as_deref()),
            ("0.5", "environment", None)
        );
        assert_eq!(setting(&environment, "ROLLOUT_RELEASE").source(), "default");
    }

    #[test]
    fn every_variable_that_programs_read_is_told_of() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rollout-core/src/config");
        for file in ["resolve.rs", "environment.rs", "otlp/read.rs"] {
            let source = std::fs::read_to_string(library.join(file)).unwrap();
            for name in source
                .split('"')
                .filter(|text| text.starts_with("ROLLOUT_") || text.starts_with("OTEL_"))
            {
                let is_name = name
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
                let mut known = VARIABLES.iter().chain(&otlp::VARIABLES);
                // Where a name is put together from halves, this is the first of them.
                let is_known = known.any(|(known, ..)| *known == name || name.ends_with('_'));
                assert!(!is_name || is_known, "`VARIABLES` lacks {name}");
            }
        }
    }
}
