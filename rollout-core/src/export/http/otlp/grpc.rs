//! OTLP over gRPC.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use reqwest::StatusCode;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::answer::Answer;
use crate::config::OtlpTarget;
use crate::export::http::answer::{Kind, Trouble};
use crate::export::http::client::StartError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Client {
    stub: TraceServiceClient<Channel>,
    metrics: MetricsServiceClient<Channel>,
    metadata: MetadataMap,
}

impl Client {
    /// Returns the connection, which is made by the first request. Is to be called on the runtime.
    pub(super) fn new(target: &OtlpTarget) -> Result<Self, StartError> {
        let fail = |error: &dyn std::fmt::Display| StartError::Client(error.to_string());
        let endpoint = Endpoint::from_shared(target.url.to_string())
            .map_err(|error| fail(&error))?
            .user_agent(concat!("rollout-rust/", env!("CARGO_PKG_VERSION")))
            .map_err(|error| fail(&error))?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(target.timeout);
        let endpoint = if target.url.scheme() == "https" {
            tls::trust(endpoint, target)?
        } else {
            endpoint
        };
        let channel = endpoint.connect_lazy();
        let mut stub = TraceServiceClient::new(channel.clone());
        let mut metrics = MetricsServiceClient::new(channel);
        if target.gzip {
            stub = stub.send_compressed(CompressionEncoding::Gzip);
            metrics = metrics.send_compressed(CompressionEncoding::Gzip);
        }
        Ok(Self {
            stub,
            metrics,
            metadata: MetadataMap::from_headers(super::headers(target)?),
        })
    }

    /// Sends a request, once.
    pub(super) async fn send(&self, request: &ExportTraceServiceRequest) -> Answer {
        let mut call = Request::new(request.clone());
        *call.metadata_mut() = self.metadata.clone();
        match self.stub.clone().export(call).await {
            Ok(response) => Answer::stored(response.get_ref()),
            Err(status) => Answer::of_status(&status),
        }
    }

    pub(super) async fn send_metrics(
        &self,
        request: ExportMetricsServiceRequest,
    ) -> Result<(), String> {
        let mut call = Request::new(request);
        *call.metadata_mut() = self.metadata.clone();
        let sent = self.metrics.clone().export(call).await;
        sent.map(drop).map_err(|status| trouble(&status).text)
    }
}

impl Answer {
    /// Reads a status that is no success, as OTLP has it.
    fn of_status(status: &Status) -> Self {
        let wait = status.get_details_retry_info();
        let wait = wait.and_then(|info| info.retry_delay);
        let trouble = trouble(status);
        match status.code() {
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss => Self::Unavailable(trouble, wait),
            // That it has no room for anything now, if it says when; else that the request is too large.
            Code::ResourceExhausted if wait.is_some() => Self::Unavailable(trouble, wait),
            Code::ResourceExhausted => Self::TooLarge(trouble),
            Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented => {
                Self::Misdirected(trouble)
            }
            _ => Self::Refused(trouble),
        }
    }
}

/// Returns what to say of a status; those of one kind are one trouble.
fn trouble(status: &Status) -> Trouble {
    let kind = match status.code() {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unimplemented => StatusCode::NOT_FOUND,
        Code::ResourceExhausted => StatusCode::PAYLOAD_TOO_LARGE,
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let said = status.message().lines().next().unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
    Trouble {
        kind: Kind::Status(kind),
        text: format!("{:?}: {said}", status.code()),
    }
}

/// What TLS is to trust, where there is TLS.
mod tls {
    use tonic::transport::Endpoint;

    use super::{OtlpTarget, StartError};

    #[cfg(feature = "rustls")]
    pub(super) fn trust(endpoint: Endpoint, target: &OtlpTarget) -> Result<Endpoint, StartError> {
        use tonic::transport::{Certificate, ClientTlsConfig, Identity};

        let mut tls = ClientTlsConfig::new().with_native_roots();
        if let Some(pem) = &target.certificate {
            tls = tls.ca_certificate(Certificate::from_pem(pem));
        }
        if let Some((certificate, key)) = &target.identity {
            tls = tls.identity(Identity::from_pem(certificate, key.expose()));
        }
        let trusted = endpoint.tls_config(tls);
        trusted.map_err(|error| StartError::Client(format!("TLS can't be set up: {error}")))
    }

    #[cfg(not(feature = "rustls"))]
    pub(super) fn trust(_: Endpoint, _: &OtlpTarget) -> Result<Endpoint, StartError> {
        Err(StartError::Client(
            "the address begins with `https://`, but the program is built without TLS for gRPC: switch on \
             rollout's cargo feature `rustls`"
                .to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn the_code_decides_and_the_server_says_when() {
        let of = |code| Answer::of_status(&Status::new(code, "why"));
        assert!(matches!(
            of(Code::Unavailable),
            Answer::Unavailable(_, None)
        ));
        assert!(matches!(of(Code::ResourceExhausted), Answer::TooLarge(_)));
        assert!(
            matches!(of(Code::Unauthenticated), Answer::Misdirected(trouble) if trouble.kind.is_about_the_key())
        );
        assert!(
            matches!(of(Code::InvalidArgument), Answer::Refused(trouble) if trouble.text == "InvalidArgument: why")
        );
        let later = ErrorDetails::with_retry_info(Some(Duration::from_secs(7)));
        let full = Status::with_error_details(Code::ResourceExhausted, "full", later);
        let Answer::Unavailable(_, wait) = Answer::of_status(&full) else {
            panic!("it may be tried again")
        };
        assert_eq!(wait, Some(Duration::from_secs(7)));
    }
}
