//! The variables of OpenTelemetry, which programs read that are built with the feature `otlp`.

use rollout_core::{OtlpProfile, OtlpProtocol};

use super::{Environment, Form, without_password};

/// They are told of where they are set. Those for traces go before those for everything.
pub(super) const VARIABLES: [(&str, &str, Form); 24] = [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "not set", Form::Text),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "not set", Form::Text),
    ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "not set", Form::Text),
    (
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "http/protobuf",
        Form::Protocol,
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "http/protobuf",
        Form::Protocol,
    ),
    ("OTEL_EXPORTER_OTLP_HEADERS", "not set", Form::Secret),
    ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "not set", Form::Secret),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000", Form::Millis),
    ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "10000", Form::Millis),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "none", Form::Compression),
    (
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        "none",
        Form::Compression,
    ),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "not set", Form::Text),
    (
        "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
        "not set",
        Form::Text,
    ),
    (
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        "not set",
        Form::Text,
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
        "not set",
        Form::Text,
    ),
    ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "not set", Form::Text),
    (
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
        "not set",
        Form::Text,
    ),
    ("OTEL_RESOURCE_ATTRIBUTES", "not set", Form::Text),
    ("OTEL_SERVICE_NAME", "not set", Form::Text),
    ("OTEL_SDK_DISABLED", "false", Form::Text),
    ("OTEL_TRACES_EXPORTER", "otlp", Form::Text),
    ("OTEL_METRIC_EXPORT_INTERVAL", "60000", Form::Millis),
    (
        "ROLLOUT_OTLP_PROFILE",
        "by the address, else otel",
        Form::Profile,
    ),
    ("ROLLOUT_OTLP_METRICS", "false", Form::Flag),
];

/// Returns what a value should have been, if it is none.
pub(super) fn expected(form: Form, text: &str) -> Option<String> {
    let (is_right, expected) = match form {
        Form::Protocol => (
            text.parse::<OtlpProtocol>().is_ok(),
            "one of `http/protobuf`, `http/json`, `grpc`".to_owned(),
        ),
        Form::Compression => (
            matches!(text, "gzip" | "none"),
            "`gzip` or `none`".to_owned(),
        ),
        Form::Millis => (
            text.parse::<u64>().is_ok(),
            "a number of milliseconds".to_owned(),
        ),
        Form::Profile => {
            let names = OtlpProfile::ALL.map(|profile| format!("`{profile}`"));
            let expected = format!("one of {}", names.join(", "));
            (text.parse::<OtlpProfile>().is_ok(), expected)
        }
        _ => return None,
    };
    (!is_right).then_some(expected)
}

impl Environment {
    /// Returns the backend that programs with the feature send to, if the variables name one.
    pub(super) fn backend(&self) -> Option<String> {
        let is_off = self
            .get("OTEL_SDK_DISABLED")
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
            || self
                .get("OTEL_TRACES_EXPORTER")
                .is_some_and(|name| name != "otlp");
        let address = self
            .get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            .or_else(|| self.get("OTEL_EXPORTER_OTLP_ENDPOINT"));
        address.filter(|_| !is_off).map(without_password)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::environment;
    use super::*;

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");

    #[test]
    fn a_backend_takes_the_place_of_the_folder_and_goes_with_all_else() {
        let told = environment(&[ENDPOINT]).destination();
        assert!(
            told.ends_with("send to http://localhost:4318 instead"),
            "{told}"
        );
        let told = environment(&[ENDPOINT, ("ROLLOUT_DIR", "runs")]).destination();
        assert!(
            told.ends_with("send to http://localhost:4318 as well"),
            "{told}"
        );
        for off in [
            ("OTEL_SDK_DISABLED", "true"),
            ("OTEL_TRACES_EXPORTER", "none"),
        ] {
            let told = environment(&[ENDPOINT, off]).destination();
            assert!(!told.contains("4318"), "{told}");
        }
    }

    #[test]
    fn only_what_is_set_is_told_and_no_headers() {
        let environment = environment(&[
            ENDPOINT,
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/xml"),
            ("ROLLOUT_OTLP_PROFILE", "jaeger"),
        ]);
        let settings = environment.settings();
        assert!(!format!("{settings:?}").contains("secret"));
        let ours = VARIABLES.map(|(name, ..)| name);
        let told = settings.iter().filter(|it| ours.contains(&it.name));
        assert_eq!(told.count(), 4);
        let problems: Vec<_> = settings
            .iter()
            .filter_map(|it| it.problem.as_deref())
            .collect();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("`http/xml`") && problems[1].contains("`langfuse`"));
    }
}
