//! Requests, over HTTP or gRPC.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};

use super::answer::Answer;
#[cfg(feature = "otlp-grpc")]
use super::grpc;
use crate::config::{OtlpProtocol, OtlpTarget};
use crate::export::http::client::{self, Reply, StartError};

/// The connections to a backend.
pub(super) enum Client {
    Http {
        http: client::Client,
        protocol: OtlpProtocol,
        gzip: bool,
    },
    #[cfg(feature = "otlp-grpc")]
    Grpc(grpc::Client),
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
            OtlpProtocol::Grpc => Ok(Self::Grpc(grpc::Client::new(target)?)),
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
        let mut headers = super::headers(target)?;
        let kind = match protocol {
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
        let http = client::Client::with(builder, target.url.clone(), headers).await?;
        Ok(Self::Http {
            http,
            protocol,
            gzip: target.gzip,
        })
    }

    /// Makes a request ready to be sent.
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
