//! What is answered: the head is noted, the body watched.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Body, Response, ResponseBuilderExt as _};
use rollout_core::llm::wire::{Attempt, Head, WireTap};

use super::body::Watched;

/// Returns the same response, whose body is noted as it is read.
pub(super) fn watch(response: Response, tap: WireTap) -> Response {
    tap.head(head(&response));
    let url = response.url().clone();
    let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
    // reqwest loses the address on the way, and takes it back only from an extension that nobody but
    // its builder can make.
    if let Ok(donor) = http::Response::builder().url(url).body(()) {
        parts.extensions.extend(donor.into_parts().0.extensions);
    }
    let body = Body::wrap(Watched::new(body, tap));
    Response::from(http::Response::from_parts(parts, body))
}

/// Notes one of several attempts.
pub(super) fn attempt(answer: &Response, duration: Duration) -> Attempt {
    let mut attempt = Attempt::answered(answer.status().as_u16(), duration);
    attempt.retry_after = answer.headers().get(RETRY_AFTER).and_then(text);
    attempt.request_id = answer
        .headers()
        .iter()
        .find(|(name, _)| is_request_id(name))
        .and_then(|(_, value)| text(value));
    attempt
}

fn head(response: &Response) -> Head {
    let headers = response.headers();
    let mut head = Head::new(response.status().as_u16());
    head.is_event_stream = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    // Names and values are shared with the response; the worker makes texts of them.
    let mut telling = headers
        .iter()
        .filter(|(name, _)| is_request_id(name) || is_rate_limit(name))
        .map(|(name, value)| (name.clone(), value.clone()));
    // Most answers have one, which then needs no list.
    if let Some(first) = telling.next() {
        let rest: Vec<(HeaderName, HeaderValue)> = telling.collect();
        head.headers = Some(Box::new(move || {
            let all = std::iter::once(&first).chain(&rest);
            let texts = all.filter_map(|(name, value)| {
                text(value).map(|value| (name.as_str().to_owned(), value))
            });
            texts.collect()
        }));
    }
    head
}

// An allow-list, by what cannot be a secret: answers may hold cookies.

fn is_request_id(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "x-request-id" | "request-id" | "apim-request-id"
    )
}

fn is_rate_limit(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-ratelimit-") || matches!(name, "retry-after" | "openai-processing-ms")
}

fn text(value: &HeaderValue) -> Option<String> {
    value.to_str().ok().map(str::to_owned)
}
