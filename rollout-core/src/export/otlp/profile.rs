use std::fmt;
use std::str::FromStr;

/// Whose reading of the conventions spans are written for.
///
/// The names of the GenAI conventions have moved, and backends read different ones of them. A profile
/// makes an LLM call look like one there, with the right tokens, each counted once.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::OtlpProfile;
///
/// assert_eq!("phoenix".parse(), Ok(OtlpProfile::OpenInference));
/// assert_eq!(OtlpProfile::Langfuse.to_string(), "langfuse");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtlpProfile {
    /// The newest names of the conventions (`otel`). For collectors and stores that show attributes as
    /// they are: Jaeger, Tempo, `ClickHouse` …
    #[default]
    Otel,
    /// The names of version 1.41 (`otel-1.41`), which most GenAI backends read.
    Otel141,
    /// The names of version 1.36 and before (`otel-1.36`): `gen_ai.system`, and messages as events.
    Otel136,
    /// `OpenInference`'s names beside those of 1.41 (`openinference`, `phoenix`): Arize and Phoenix.
    OpenInference,
    /// 1.41 and what `MLflow` calls the inputs and outputs of a span (`mlflow`).
    MlFlow,
    /// 1.41 and Langfuse's observations (`langfuse`).
    Langfuse,
    /// 1.41 and Braintrust's JSON attributes (`braintrust`).
    Braintrust,
    /// 1.41 and Logfire's (`logfire`).
    Logfire,
    /// 1.41, with messages also as the event that Datadog reads (`datadog`).
    Datadog,
}

/// No profile has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no OTLP profile: expected one of {names}", names = names())]
pub struct ParseProfileError(String);

impl OtlpProfile {
    /// All profiles.
    pub const ALL: [Self; 9] = [
        Self::Otel,
        Self::Otel141,
        Self::Otel136,
        Self::OpenInference,
        Self::MlFlow,
        Self::Langfuse,
        Self::Braintrust,
        Self::Logfire,
        Self::Datadog,
    ];

    /// Returns its name, as `ROLLOUT_OTLP_PROFILE` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Otel => "otel",
            Self::Otel141 => "otel-1.41",
            Self::Otel136 => "otel-1.36",
            Self::OpenInference => "openinference",
            Self::MlFlow => "mlflow",
            Self::Langfuse => "langfuse",
            Self::Braintrust => "braintrust",
            Self::Logfire => "logfire",
            Self::Datadog => "datadog",
        }
    }

    /// Returns the profile of the backend that an address, and the names of the headers sent to it, give
    /// away; the default for any other.
    pub(crate) fn of_endpoint<'a>(url: &str, headers: impl IntoIterator<Item = &'a str>) -> Self {
        let (host, path) = host_and_path(url);
        let mut headers = headers.into_iter();
        if host.contains("langfuse") || path.starts_with("/api/public/otel") {
            Self::Langfuse
        } else if host.ends_with("braintrust.dev") || host.ends_with("braintrustdata.com") {
            Self::Braintrust
        } else if host.contains("logfire") {
            Self::Logfire
        } else if host.contains("datadoghq") {
            Self::Datadog
        } else if host.contains("phoenix") || host.ends_with("arize.com") || host.ends_with(":6006")
        {
            Self::OpenInference
        } else if host.contains("mlflow")
            || headers.any(|name| name.eq_ignore_ascii_case("x-mlflow-experiment-id"))
        {
            Self::MlFlow
        } else {
            Self::Otel
        }
    }

    /// Returns whether it follows a version of the conventions before the newest.
    pub(crate) fn is_dated(self) -> bool {
        self != Self::Otel
    }

    /// Returns whether `OpenInference`'s names are written.
    pub(crate) fn is_openinference(self) -> bool {
        self == Self::OpenInference
    }
}

fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find('/').unwrap_or(rest.len());
    rest.split_at(end)
}

fn names() -> String {
    let names = OtlpProfile::ALL.map(|profile| format!("`{profile}`"));
    names.join(", ")
}

impl FromStr for OtlpProfile {
    type Err = ParseProfileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().to_ascii_lowercase();
        if matches!(name.as_str(), "phoenix" | "arize") {
            return Ok(Self::OpenInference);
        }
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
            .ok_or_else(|| ParseProfileError(text.trim().to_owned()))
    }
}

impl fmt::Display for OtlpProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_by_the_name_it_shows() {
        for profile in OtlpProfile::ALL {
            assert_eq!(profile.to_string().to_uppercase().parse(), Ok(profile));
        }
        let error = "jaeger".parse::<OtlpProfile>().unwrap_err().to_string();
        assert!(
            error.starts_with("`jaeger` is no OTLP profile: expected one of `otel`, `otel-1.41`")
        );
    }

    #[test]
    fn the_address_gives_the_backend_away() {
        for (url, profile) in [
            ("http://localhost:4318", OtlpProfile::Otel),
            (
                "http://127.0.0.1:6006/v1/traces",
                OtlpProfile::OpenInference,
            ),
            (
                "https://app.phoenix.arize.com/s/team",
                OtlpProfile::OpenInference,
            ),
            (
                "https://cloud.langfuse.com/api/public/otel",
                OtlpProfile::Langfuse,
            ),
            (
                "http://10.0.0.7:3000/api/public/otel",
                OtlpProfile::Langfuse,
            ),
            ("https://api.braintrust.dev/otel", OtlpProfile::Braintrust),
            ("https://logfire-eu.pydantic.dev", OtlpProfile::Logfire),
            ("https://otlp.datadoghq.com", OtlpProfile::Datadog),
        ] {
            assert_eq!(OtlpProfile::of_endpoint(url, []), profile, "{url}");
        }
        let headers = ["X-MLflow-Experiment-Id"];
        assert_eq!(
            OtlpProfile::of_endpoint("http://127.0.0.1:5000", headers),
            OtlpProfile::MlFlow
        );
    }
}
