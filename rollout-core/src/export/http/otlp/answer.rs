//! What a backend makes of a request.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;
use reqwest::StatusCode;
use serde_json::Value;

use crate::config::OtlpProtocol;
use crate::export::http::answer::{Kind, Trouble};

#[derive(Debug)]
pub(super) enum Answer {
    /// It has all spans.
    Stored,
    /// It has all but so many, which it will never take.
    StoredInPart(usize, Trouble),
    TooLarge(Trouble),
    /// Another attempt may fare better; it may have said when.
    Unavailable(Trouble, Option<Duration>),
    /// The key or the address is not right.
    Misdirected(Trouble),
    /// It will never work.
    Refused(Trouble),
}

impl Answer {
    /// Reads an answer over HTTP. Which ones may be tried again is OTLP's to say: no other errors, unlike with
    /// the ingest API, or one request that a backend chokes on would stop all that come after it.
    pub(super) fn new(
        status: StatusCode,
        retry_after: Option<Duration>,
        body: &[u8],
        protocol: OtlpProtocol,
    ) -> Self {
        if status.is_success() {
            return Self::stored(&read(body, protocol));
        }
        let trouble = Trouble::of(status, body);
        match status.as_u16() {
            413 => Self::TooLarge(trouble),
            408 | 429 | 502 | 503 | 504 => Self::Unavailable(trouble, retry_after),
            300..=399 | 401 | 403 | 404 | 405 => Self::Misdirected(trouble),
            _ => Self::Refused(trouble),
        }
    }

    /// Reads a response. One that can't be read is good news: the status says that the spans are stored.
    pub(super) fn stored(response: &ExportTraceServiceResponse) -> Self {
        let refused = response.partial_success.as_ref();
        let refused = refused.filter(|partial| partial.rejected_spans > 0);
        let Some(partial) = refused else {
            return Self::Stored;
        };
        let count = usize::try_from(partial.rejected_spans).unwrap_or(usize::MAX);
        let said = partial.error_message.lines().next().unwrap_or_default();
        let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
        let text = format!("{count} spans of a request are refused: {said}");
        let kind = Kind::Status(StatusCode::OK);
        Self::StoredInPart(count, Trouble { kind, text })
    }
}

/// Reads what JSON says of it, where 64-bit numbers are texts, and not always.
fn read_json(body: &[u8]) -> Option<ExportTracePartialSuccess> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let partial = answer.get("partialSuccess")?;
    let rejected = partial.get("rejectedSpans")?;
    let rejected = rejected
        .as_i64()
        .or_else(|| rejected.as_str()?.parse().ok());
    let message = partial.get("errorMessage").and_then(Value::as_str);
    Some(ExportTracePartialSuccess {
        rejected_spans: rejected?,
        error_message: message.unwrap_or_default().to_owned(),
    })
}

fn read(body: &[u8], protocol: OtlpProtocol) -> ExportTraceServiceResponse {
    match protocol {
        OtlpProtocol::HttpJson => ExportTraceServiceResponse {
            partial_success: read_json(body),
        },
        OtlpProtocol::HttpProtobuf | OtlpProtocol::Grpc => {
            ExportTraceServiceResponse::decode(body).unwrap_or_default()
        }
    }
}
