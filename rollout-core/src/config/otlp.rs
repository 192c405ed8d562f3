//! Where OpenTelemetry's spans go: what the program says, else the variables that all of OpenTelemetry's
//! exporters read.

mod read;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Secret;
use crate::export::otlp::OtlpProfile;

pub(crate) use read::{OtlpTarget, targets};

/// A backend that takes OTLP: a collector, Phoenix, `MLflow`, Langfuse, Jaeger …
///
/// What is not said here is what the variables of OpenTelemetry say, those for traces before those for
/// everything (`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` before `OTEL_EXPORTER_OTLP_ENDPOINT`), else the default.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::{Otlp, OtlpProfile};
///
/// let builder = rollout::builder()
///     .otlp(Otlp::new("http://localhost:6006").profile(OtlpProfile::OpenInference))
///     .otlp(Otlp::new("https://otlp.example.com").header("authorization", "Bearer …"));
/// # drop(builder);
/// ```
#[derive(Clone, Default)]
#[must_use = "a backend is told nothing until it is given to `Builder::otlp`"]
pub struct Otlp {
    endpoint: Option<String>,
    protocol: Option<OtlpProtocol>,
    headers: Vec<(String, Secret)>,
    timeout: Option<Duration>,
    gzip: Option<bool>,
    profile: Option<OtlpProfile>,
    certificate: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, Secret)>,
    resource: Vec<(Cow<'static, str>, String)>,
    metrics: Option<bool>,
}

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtlpProtocol {
    /// Protobuf over HTTP (`http/protobuf`), which every backend takes.
    #[default]
    HttpProtobuf,
    /// JSON over HTTP (`http/json`), which people can read.
    HttpJson,
    /// gRPC (`grpc`). Needs the cargo feature `otlp-grpc`.
    Grpc,
}

impl Otlp {
    /// Returns a backend at this address, such as `http://localhost:4318`. Over HTTP, `/v1/traces` is added where
    /// it is missing.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: Some(endpoint.into()),
            ..Self::default()
        }
    }

    /// Returns the backend that the environment names, else a collector on this machine: port 4318, or 4317 for
    /// gRPC.
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// Sets how it is spoken to. Environment: `OTEL_EXPORTER_OTLP_PROTOCOL`. Defaults to protobuf over HTTP.
    pub fn protocol(mut self, protocol: OtlpProtocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Adds a header to each request, which often is a key. Environment: `OTEL_EXPORTER_OTLP_HEADERS`, as
    /// `name=value,name=value`; it is not read where headers are set here.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Secret::new(value.into())));
        self
    }

    /// Sets how long an attempt may take. Environment: `OTEL_EXPORTER_OTLP_TIMEOUT`, in milliseconds. Defaults to
    /// ten seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets whether requests are compressed with gzip. Environment: `OTEL_EXPORTER_OTLP_COMPRESSION`, `gzip` or
    /// `none`. Defaults to false, as OpenTelemetry has it.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = Some(gzip);
        self
    }

    /// Sets by whose reading of the conventions spans are written. Environment: `ROLLOUT_OTLP_PROFILE`. Defaults to
    /// the one that the address gives away, else to the newest conventions.
    pub fn profile(mut self, profile: OtlpProfile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Trusts the certificates of these authorities as well, in PEM. Environment:
    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`, the path of a file.
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    /// Shows the server this certificate, for which this is the private key, both in PEM. Environment:
    /// `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `OTEL_EXPORTER_OTLP_CLIENT_KEY`, paths of files.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<String>,
    ) -> Self {
        self.identity = Some((certificate.into(), Secret::new(key.into())));
        self
    }

    /// Says something of the process that sends. Environment: `OTEL_RESOURCE_ATTRIBUTES`, as
    /// `name=value,name=value`, and `OTEL_SERVICE_NAME`.
    ///
    /// `service.name` defaults to the client's `service_name`, else to its `agent_name`; `service.version` and
    /// `deployment.environment.name` to its `release` and `environment`.
    pub fn resource_attribute(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.resource.push((name.into(), value.into()));
        self
    }

    /// Sets whether the metrics of the `GenAI` conventions are sent as well: how long calls took, how long to the
    /// first chunk, and how many tokens they used. Environment: `ROLLOUT_OTLP_METRICS`. Defaults to false.
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.metrics = Some(metrics);
        self
    }
}

/// Where it goes and how, and nothing of what is secret.
impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint.as_deref().map(crate::pipeline::redact::text);
        f.debug_struct("Otlp")
            .field("endpoint", &endpoint)
            .field("protocol", &self.protocol)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// Nothing speaks OTLP like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no OTLP protocol: expected `http/protobuf`, `http/json` or `grpc`")]
pub struct ParseProtocolError(String);

impl FromStr for OtlpProtocol {
    type Err = ParseProtocolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "http/protobuf" => Ok(Self::HttpProtobuf),
            "http/json" => Ok(Self::HttpJson),
            "grpc" => Ok(Self::Grpc),
            _ => Err(ParseProtocolError(text.trim().to_owned())),
        }
    }
}

impl fmt::Display for OtlpProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::HttpJson => "http/json",
            Self::Grpc => "grpc",
        })
    }
}
