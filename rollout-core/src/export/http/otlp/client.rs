//! Requests, over HTTP or gRPC.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};

use super::answer::Answer;
#[cfg(feature = "otlp-grpc")]
use super::grpc;
use crate::config::{OtlpProtocol, OtlpTarget};
use crate::export::http::answer::Trouble;
use crate::export::http::client::{self, Reply, StartError};

/// The connections to a backend.
pub(super) enum Client {
    Http {
        http: client::Client,
        protocol: OtlpProtocol,
        gzip: bool,
    },
    #[cfg(feature = "otlp-grpc")]
    Grpc(Box<grpc::Client>),
}

/// A request that is ready to be sent, however often.
pub(super) enum Sealed {
    Body(Bytes),
    #[cfg(feature = "otlp-grpc")]
    Message(ExportTraceServiceRequest),
}

impl Client {
    pub(super) async fn new(target: &OtlpTarget) -> Result<Self, StartError> {
        match target.protocol {
            #[cfg(feature = "otlp-grpc")]
            OtlpProtocol::Grpc => Ok(Self::Grpc(Box::new(grpc::Client::new(target)?))),
            #[cfg(not(feature = "otlp-grpc"))]
            OtlpProtocol::Grpc => Err(StartError::Client(
                "the program is built without gRPC: switch on rollout's cargo feature `otlp-grpc`, or \
                 set `OTEL_EXPORTER_OTLP_PROTOCOL` to `http/protobuf`"
                    .to_owned(),
            )),
            protocol => Self::http(target, protocol).await,
        }
    }

    async fn http(target: &OtlpTarget, protocol: OtlpProtocol) -> Result<Self, StartError> {
        Ok(Self::Http {
            http: connect(target, &target.url).await?,
            protocol,
            gzip: target.gzip,
        })
    }

    /// Makes a request ready to be sent.
    #[cfg_attr(
        not(feature = "otlp-grpc"),
        expect(clippy::needless_pass_by_value, reason = "gRPC keeps it")
    )]
    pub(super) fn seal(&self, request: ExportTraceServiceRequest) -> Sealed {
        match self {
            Self::Http { protocol, gzip, .. } => {
                let body = match protocol {
                    OtlpProtocol::HttpJson => crate::export::otlp::to_json(&request),
                    _ => request.encode_to_vec(),
                };
                Sealed::Body(if *gzip {
                    compressed(&body)
                } else {
                    body.into()
                })
            }
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(_) => Sealed::Message(request),
        }
    }

    /// Sends a request, once.
    pub(super) async fn send(&self, request: &Sealed) -> Answer {
        match (self, request) {
            (Self::Http { http, protocol, .. }, Sealed::Body(body)) => {
                match http.request(body.clone()).await {
                    Ok(Reply {
                        status,
                        retry_after,
                        body,
                    }) => Answer::new(status, retry_after, &body, *protocol),
                    Err(trouble) => Answer::Unavailable(trouble, None),
                }
            }
            #[cfg(feature = "otlp-grpc")]
            (Self::Grpc(grpc), Sealed::Message(request)) => grpc.send(request).await,
            #[cfg(feature = "otlp-grpc")]
            _ => unreachable_form(),
        }
    }
}

/// Returns the connections to one address of a backend.
async fn connect(target: &OtlpTarget, url: &Url) -> Result<client::Client, StartError> {
    let mut headers = super::headers(target)?;
    let kind = match target.protocol {
        OtlpProtocol::HttpJson => "application/json",
        _ => "application/x-protobuf",
    };
    let kind = HeaderValue::from_static(kind);
    headers.insert(ACCEPT, kind.clone());
    headers.insert(CONTENT_TYPE, kind);
    if target.gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let builder = reqwest::Client::builder().timeout(target.timeout);
    let builder = tls::trust(builder, target)?;
    client::Client::with(builder, url.clone(), headers).await
}

/// The same for metrics, which are sent once and not again.
pub(super) enum MetricsClient {
    Http {
        http: client::Client,
        protocol: OtlpProtocol,
        gzip: bool,
    },
    #[cfg(feature = "otlp-grpc")]
    Grpc(Box<grpc::Client>),
}

impl MetricsClient {
    pub(super) async fn new(target: &OtlpTarget) -> Result<Self, StartError> {
        let url = target.metrics.as_ref().unwrap_or(&target.url);
        match target.protocol {
            #[cfg(feature = "otlp-grpc")]
            OtlpProtocol::Grpc => Ok(Self::Grpc(Box::new(grpc::Client::new(target)?))),
            protocol => Ok(Self::Http {
                http: connect(target, url).await?,
                protocol,
                gzip: target.gzip,
            }),
        }
    }

    pub(super) async fn send(&self, request: ExportMetricsServiceRequest) -> Result<(), String> {
        match self {
            Self::Http {
                http,
                protocol,
                gzip,
            } => {
                let body = match protocol {
                    OtlpProtocol::HttpJson => serde_json::to_vec(&request).unwrap_or_default(),
                    _ => request.encode_to_vec(),
                };
                let body = if *gzip {
                    compressed(&body)
                } else {
                    body.into()
                };
                match http.request(body).await {
                    Ok(reply) if reply.status.is_success() => Ok(()),
                    Ok(reply) => Err(Trouble::of(reply.status, &reply.body).text),
                    Err(trouble) => Err(trouble.text),
                }
            }
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(grpc) => grpc.send_metrics(request).await,
        }
    }
}

/// A client sends what it sealed itself.
#[cfg(feature = "otlp-grpc")]
fn unreachable_form() -> Answer {
    use crate::export::http::answer::{Kind, Trouble};

    Answer::Refused(Trouble {
        kind: Kind::Internal,
        text: "a request was made for another protocol, which is a bug".to_owned(),
    })
}

fn compressed(body: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Into memory, which does not fail.
    let _ = gzip.write_all(body);
    gzip.finish().unwrap_or_default().into()
}

/// What TLS is to trust, where there is TLS.
mod tls {
    use reqwest::ClientBuilder;

    use super::{OtlpTarget, StartError};

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(super) fn trust(
        mut builder: ClientBuilder,
        target: &OtlpTarget,
    ) -> Result<ClientBuilder, StartError> {
        let of = |name: &str, error: &dyn std::fmt::Display| {
            StartError::Client(format!("{name} can't be used: {error}"))
        };
        if let Some(pem) = &target.certificate {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| of("OTEL_EXPORTER_OTLP_CERTIFICATE", &error))?;
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some((certificate, key)) = &target.identity {
            builder = builder.identity(identity(certificate, key.expose()).map_err(|error| {
                of("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and its key", &error)
            })?);
        }
        Ok(builder)
    }

    #[cfg(feature = "rustls")]
    fn identity(certificate: &[u8], key: &str) -> reqwest::Result<reqwest::Identity> {
        let mut pem = certificate.to_vec();
        pem.push(b'\n');
        pem.extend_from_slice(key.as_bytes());
        reqwest::Identity::from_pem(&pem)
    }

    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    fn identity(certificate: &[u8], key: &str) -> reqwest::Result<reqwest::Identity> {
        reqwest::Identity::from_pkcs8_pem(certificate, key.as_bytes())
    }

    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    pub(super) fn trust(
        builder: ClientBuilder,
        target: &OtlpTarget,
    ) -> Result<ClientBuilder, StartError> {
        if target.certificate.is_some() || target.identity.is_some() {
            return Err(StartError::Client(
                "a certificate is to be trusted, but the program is built without TLS: switch on rollout's \
                 cargo feature `rustls` or `native-tls`"
                    .to_owned(),
            ));
        }
        Ok(builder)
    }
}
