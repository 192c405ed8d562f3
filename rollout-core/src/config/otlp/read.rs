//! From options and variables to what can be sent to.

mod variables;

use std::time::Duration;

use reqwest::Url;

use self::variables::Variables;
use super::{Otlp, OtlpProtocol};
use crate::config::environment::{self, Lookup};
use crate::config::{Identity, Secret};
use crate::diagnostics::Diagnostics;
use crate::export::otlp::{Attributes, OtlpProfile, Resource};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often metrics are sent.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);

/// A backend, all decided.
#[derive(Clone)]
pub(crate) struct OtlpTarget {
    pub(crate) url: Url,
    pub(crate) protocol: OtlpProtocol,
    pub(crate) headers: Vec<(String, Secret)>,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
    pub(crate) profile: OtlpProfile,
    /// Authorities to be trusted, in PEM.
    pub(crate) certificate: Option<Vec<u8>>,
    /// The client's own certificate and its key, in PEM.
    pub(crate) identity: Option<(Vec<u8>, Secret)>,
    pub(crate) resource: Resource,
    /// Where metrics go, if they are wanted.
    pub(crate) metrics: Option<Url>,
    pub(crate) metrics_interval: Duration,
}

/// Returns the backends that the program names, else the one that the environment names.
pub(crate) fn targets(
    mut all: Vec<Otlp>,
    identity: &Identity,
    lookup: &Lookup<'_>,
    diagnostics: &Diagnostics,
) -> Vec<OtlpTarget> {
    if all.is_empty() {
        all.extend(Otlp::of_environment(lookup));
    }
    let resolve = |otlp: Otlp| {
        otlp.resolve(identity, lookup, diagnostics)
            .inspect_err(|error| {
                diagnostics.error(format_args!("nothing is sent by OTLP: {error}"));
            })
            .ok()
    };
    all.into_iter().filter_map(resolve).collect()
}

impl Otlp {
    /// Returns the backend that the environment names, if it names one.
    fn of_environment(lookup: &Lookup<'_>) -> Option<Self> {
        let text = |name| environment::text(None, lookup, name);
        let is_off = text("OTEL_SDK_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"))
            || text("OTEL_TRACES_EXPORTER").is_some_and(|names| !names_otlp(&names));
        let endpoint = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            .or_else(|| text("OTEL_EXPORTER_OTLP_ENDPOINT"));
        (!is_off && endpoint.is_some()).then(Self::from_environment)
    }

    /// Decides everything that is open.
    ///
    /// # Errors
    ///
    /// Fails if there is no address to send to; the message names the culprit.
    fn resolve(
        self,
        identity: &Identity,
        lookup: &Lookup<'_>,
        diagnostics: &Diagnostics,
    ) -> Result<OtlpTarget, String> {
        let variables = Variables {
            lookup,
            diagnostics,
        };
        let protocol = self.protocol.or_else(|| {
            let expected = "`http/protobuf`, `http/json` or `grpc`";
            variables.parse("PROTOCOL", expected, "http/protobuf", |text| {
                text.parse().ok()
            })
        });
        let protocol = protocol.unwrap_or_default();
        let url = address(self.endpoint.as_deref(), protocol, lookup)?;
        let mut headers = self.headers;
        if headers.is_empty()
            && let Some((name, text)) = variables.get("HEADERS")
        {
            let pairs = variables.pairs(&name, &text).into_iter();
            headers.extend(pairs.map(|(name, value)| (name, Secret::new(value))));
        }
        let timeout = self.timeout.or_else(|| {
            let expected = "a number of milliseconds from 1";
            variables.parse("TIMEOUT", expected, "10000", |text| {
                // An attempt that may take no time never succeeds.
                let timeout = text.parse().ok().filter(|ms| *ms > 0);
                timeout.map(Duration::from_millis)
            })
        });
        let gzip = self.gzip.or_else(|| {
            variables.parse(
                "COMPRESSION",
                "`gzip` or `none`",
                "none",
                |text| match text {
                    "gzip" => Some(true),
                    "none" => Some(false),
                    _ => None,
                },
            )
        });
        let authorities = "the system's authorities";
        let certificate = self
            .certificate
            .or_else(|| variables.file("CERTIFICATE", authorities));
        let own = self.identity.or_else(|| variables.identity());
        let names = headers.iter().map(|(name, _)| name.as_str());
        let default = OtlpProfile::of_endpoint(url.as_str(), names);
        let profile = self.profile.or_else(|| {
            let text = environment::text(None, lookup, "ROLLOUT_OTLP_PROFILE")?;
            let parsed = text.parse().inspect_err(|error| {
                diagnostics.warn(format_args!(
                    "ROLLOUT_OTLP_PROFILE: {error}; going on with `{default}`"
                ));
            });
            parsed.ok()
        });
        let profile = profile.unwrap_or(default);
        let resource = resource(self.resource, identity, &variables);
        let metrics = environment::flag(
            self.metrics,
            lookup,
            "ROLLOUT_OTLP_METRICS",
            false,
            diagnostics,
        );
        let metrics_url = metrics_address(&url, protocol, &variables);
        let interval = environment::text(None, lookup, INTERVAL).and_then(|text| {
            let parsed = text.parse().ok().filter(|ms| *ms > 0);
            if parsed.is_none() {
                let expected = "a number of milliseconds from 1";
                environment::warn(diagnostics, INTERVAL, &text, expected, "60000");
            }
            parsed.map(Duration::from_millis)
        });
        Ok(OtlpTarget {
            url,
            protocol,
            headers,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            gzip: gzip.unwrap_or(false),
            profile,
            certificate,
            identity: own,
            resource,
            metrics: metrics.then_some(metrics_url),
            metrics_interval: interval.unwrap_or(DEFAULT_INTERVAL),
        })
    }
}

/// Returns whether OTLP is among the exporters that a variable lists.
fn names_otlp(list: &str) -> bool {
    list.split(',').any(|name| name.trim() == "otlp")
}

const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const METRICS: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
const EXPECTED_ADDRESS: &str = "an address that begins with `https://` or `http://`";

/// Returns where to send.
fn address(
    explicit: Option<&str>,
    protocol: OtlpProtocol,
    lookup: &Lookup<'_>,
) -> Result<Url, String> {
    let text = |name| environment::text(None, lookup, name);
    let port = match protocol {
        OtlpProtocol::Grpc => 4317,
        OtlpProtocol::HttpProtobuf | OtlpProtocol::HttpJson => 4318,
    };
    let own = explicit.map(|given| ("the address of the OTLP backend", given.to_owned(), false));
    let (name, given, is_whole) = own
        .or_else(|| Some((TRACES, text(TRACES)?, true)))
        .or_else(|| Some((BASE, text(BASE)?, false)))
        .unwrap_or_else(|| (BASE, format!("http://localhost:{port}"), false));
    let mut url =
        parse(&given).ok_or_else(|| format!("{name} is `{given}`, expected {EXPECTED_ADDRESS}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "{name} has a user name or password in it: send them as a header, with \
             `OTEL_EXPORTER_OTLP_HEADERS`"
        ));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if protocol != OtlpProtocol::Grpc && !is_whole && !path.ends_with("/v1/traces") {
        url.set_path(&format!("{path}/v1/traces"));
    }
    Ok(url)
}

/// Returns an address that can be sent to.
fn parse(address: &str) -> Option<Url> {
    let usable = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    Url::parse(address.trim()).ok().filter(usable)
}

/// Returns where metrics are sent: where a variable says, else beside the traces.
fn metrics_address(traces: &Url, protocol: OtlpProtocol, variables: &Variables<'_>) -> Url {
    let beside = beside(traces, protocol);
    let Some(given) = environment::text(None, variables.lookup, METRICS) else {
        return beside;
    };
    parse(&given).unwrap_or_else(|| {
        let (said, default) = (variables.diagnostics, beside.as_str());
        environment::warn(said, METRICS, &given, EXPECTED_ADDRESS, default);
        beside
    })
}

fn beside(traces: &Url, protocol: OtlpProtocol) -> Url {
    let mut url = traces.clone();
    if protocol != OtlpProtocol::Grpc {
        let path = url.path().trim_end_matches('/');
        let base = path.strip_suffix("/traces").unwrap_or(path).to_owned();
        url.set_path(&format!("{base}/metrics"));
    }
    url
}

/// Returns what is said of the process: by the program, by OpenTelemetry's variables, by our options.
fn resource(
    explicit: Vec<(std::borrow::Cow<'static, str>, String)>,
    identity: &Identity,
    variables: &Variables<'_>,
) -> Resource {
    const LIST: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let text = |name| environment::text(None, variables.lookup, name);
    let explicit = explicit.into_iter();
    let mut known: Vec<(String, String)> = explicit
        .map(|(name, value)| (name.into_owned(), value))
        .collect();
    known.extend(text("OTEL_SERVICE_NAME").map(|name| ("service.name".to_owned(), name)));
    if let Some(list) = text(LIST) {
        known.extend(variables.pairs(LIST, &list));
    }
    let name = identity
        .service_name
        .as_ref()
        .or(identity.agent_name.as_ref());
    let unknown = "unknown_service:rust".to_owned();
    for (key, value) in [
        ("service.name", Some(name.unwrap_or(&unknown))),
        ("service.version", identity.release.as_ref()),
        ("deployment.environment.name", identity.environment.as_ref()),
    ] {
        known.extend(value.map(|value| (key.to_owned(), value.clone())));
    }
    let mut attributes = Attributes::default();
    for (name, value) in known {
        // The first word stands.
        if !attributes.has(&name) {
            attributes.set(name, value);
        }
    }
    Resource::new(attributes)
}

#[cfg(test)]
mod tests;
