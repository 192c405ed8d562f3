use std::sync::{Arc, Mutex};

use super::*;

/// Resolves options in an environment; returns what was said as well.
fn resolve(otlp: Otlp, variables: &[(&str, &str)]) -> (Result<OtlpTarget, String>, Vec<String>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&said);
    let handler: Arc<crate::diagnostics::Handler> =
        Arc::new(move |diagnostic| sink.lock().unwrap().push(diagnostic.message.clone()));
    let diagnostics = Diagnostics::new(Some(handler), false);
    let lookup = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let target = otlp.resolve(&Identity::default(), &lookup, &diagnostics);
    let said = said.lock().unwrap().clone();
    (target, said)
}

fn url(otlp: Otlp, variables: &[(&str, &str)]) -> String {
    resolve(otlp, variables).0.unwrap().url.to_string()
}

#[test]
fn the_path_is_added_unless_the_address_is_that_of_traces() {
    let base = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    let env = Otlp::from_environment;
    assert_eq!(url(env(), &[]), "http://localhost:4318/v1/traces");
    assert_eq!(
        url(env(), &[(base, "http://c:1/otel/")]),
        "http://c:1/otel/v1/traces"
    );
    assert_eq!(
        url(env(), &[(base, "http://c:1"), (traces, "http://t:2/in")]),
        "http://t:2/in"
    );
    let explicit = || Otlp::new("https://h/v1/traces");
    assert_eq!(
        url(explicit(), &[(traces, "http://t")]),
        "https://h/v1/traces"
    );
    let grpc = [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    assert_eq!(url(env(), &grpc), "http://localhost:4317/");
}

#[test]
fn variables_for_traces_win_and_the_program_wins_over_both() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "Authorization=Basic%20abc%3D, x-a = b",
        ),
        ("ROLLOUT_OTLP_PROFILE", "phoenix"),
    ];
    let (target, said) = resolve(Otlp::from_environment(), &variables);
    let target = target.unwrap();
    assert_eq!(target.timeout, Duration::from_secs(2));
    assert!(target.gzip);
    assert_eq!(target.protocol, OtlpProtocol::HttpJson);
    assert_eq!(target.profile, OtlpProfile::OpenInference);
    let headers: Vec<_> = target
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    assert_eq!(headers, [("Authorization", "Basic abc="), ("x-a", "b")]);
    assert!(said.is_empty(), "{said:?}");

    let otlp = Otlp::from_environment()
        .timeout(Duration::from_secs(3))
        .gzip(false)
        .protocol(OtlpProtocol::HttpProtobuf)
        .header("x-own", "1")
        .profile(OtlpProfile::Langfuse);
    let target = resolve(otlp, &variables).0.unwrap();
    assert_eq!(
        (target.timeout, target.gzip),
        (Duration::from_secs(3), false)
    );
    assert_eq!(
        (target.protocol, target.profile),
        (OtlpProtocol::HttpProtobuf, OtlpProfile::Langfuse)
    );
    assert_eq!(target.headers.len(), 1);
}

#[test]
fn what_can_not_be_used_is_named_and_no_secret_is() {
    let (target, said) = resolve(
        Otlp::from_environment(),
        &[
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "the secret key"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem"),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/nowhere/own.pem"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "metrics:4318"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
            ("ROLLOUT_OTLP_PROFILE", "jaeger"),
        ],
    );
    let target = target.unwrap();
    assert_eq!((target.timeout, target.gzip), (DEFAULT_TIMEOUT, false));
    for (name, text) in [
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "`soon`"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "`zstd`"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "`carrier pigeon`"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no `name=value`"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "can't be read"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "system's authorities"),
        (
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        ),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "`metrics:4318`"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "`http://localhost:4318/v1/metrics`",
        ),
        ("OTEL_METRIC_EXPORT_INTERVAL", "`0`"),
        ("ROLLOUT_OTLP_PROFILE", "`jaeger`"),
        ("ROLLOUT_OTLP_PROFILE", "going on with `otel`"),
    ] {
        let told = |line: &&String| line.contains(name) && line.contains(text);
        assert!(said.iter().any(|line| told(&line)), "{name}: {said:?}");
    }
    assert!(!said.concat().contains("secret"), "{said:?}");
}

#[test]
fn a_file_of_something_else_is_no_certificate() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let variables = [("OTEL_EXPORTER_OTLP_CERTIFICATE", file)];
    let (target, said) = resolve(Otlp::from_environment(), &variables);
    assert_eq!(target.unwrap().certificate, None);
    assert!(said.concat().contains("nothing is in PEM"), "{said:?}");
    assert!(said.concat().contains(file), "{said:?}");
}

#[test]
fn an_attempt_that_may_take_no_time_is_a_mistake() {
    let variables = [("OTEL_EXPORTER_OTLP_TIMEOUT", "0")];
    let (target, said) = resolve(Otlp::from_environment(), &variables);
    assert_eq!(target.unwrap().timeout, DEFAULT_TIMEOUT);
    assert!(said.concat().contains("milliseconds from 1"), "{said:?}");
}

#[test]
fn an_address_that_is_none_or_has_a_password_is_refused() {
    for address in ["localhost:4318", "ftp://h", "http://"] {
        let error = resolve(Otlp::new(address), &[]).0.err().unwrap();
        assert!(error.contains("expected an address"), "{error}");
    }
    let error = resolve(Otlp::new("http://me:hunter2@h"), &[])
        .0
        .err()
        .unwrap();
    assert!(error.contains("OTEL_EXPORTER_OTLP_HEADERS"), "{error}");
    assert!(!error.contains("hunter2"));
}

#[test]
fn the_environment_alone_is_enough_unless_it_says_no() {
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1");
    let count = |explicit: Vec<Otlp>, variables: &[(&str, &str)]| {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        targets(
            explicit,
            &Identity::default(),
            &lookup,
            &Diagnostics::default(),
        )
        .len()
    };
    assert_eq!(count(vec![], &[]), 0);
    assert_eq!(count(vec![], &[base]), 1);
    assert_eq!(count(vec![Otlp::new("http://d")], &[base]), 1);
    assert_eq!(
        count(vec![Otlp::new("http://d"), Otlp::new("http://e")], &[base]),
        2
    );
    assert_eq!(count(vec![], &[base, ("OTEL_SDK_DISABLED", "true")]), 0);
    assert_eq!(count(vec![], &[base, ("OTEL_TRACES_EXPORTER", "none")]), 0);
    for (exporters, expected) in [("otlp", 1), ("console, otlp", 1), ("zipkin,console", 0)] {
        let variables = [base, ("OTEL_TRACES_EXPORTER", exporters)];
        assert_eq!(count(vec![], &variables), expected, "{exporters}");
    }
}

#[test]
fn the_name_of_the_service_is_the_nearest_one() {
    let name = |otlp: Otlp, variables: &[(&str, &str)]| {
        let resource = resolve(otlp, variables).0.unwrap().resource.to_proto();
        let found = resource
            .attributes
            .into_iter()
            .find(|pair| pair.key == "service.name");
        format!("{:?}", found.unwrap().value.unwrap().value.unwrap())
    };
    let env = Otlp::from_environment;
    let list = (
        "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=listed,host.name=h%2C1",
    );
    let own = ("OTEL_SERVICE_NAME", "own");
    assert!(name(env(), &[]).contains("unknown_service:rust"));
    assert!(name(env(), &[list]).contains("listed"));
    assert!(name(env(), &[list, own]).contains("own"));
    let explicit = env().resource_attribute("service.name", "code");
    assert!(name(explicit, &[list, own]).contains("code"));
}

#[test]
fn no_secret_is_shown() {
    let otlp = Otlp::new("http://h")
        .header("x-key", "hunter2")
        .client_certificate("c", "hunter2");
    assert!(!format!("{otlp:?}").contains("hunter2"));
    let builder = crate::Rollout::builder().otlp(otlp);
    assert!(!format!("{builder:?}").contains("hunter2"));
}
