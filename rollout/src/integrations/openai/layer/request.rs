//! What is being sent: noted when it is built, as nobody knows it before.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_openai_0_43::middleware::HttpRequestFactory;
use bytes::Bytes;
use http::header::Entry;
use http_body::Body as _;
use reqwest::{Body, Method, Request};
use rollout_core::llm::wire::Exchange;
use rollout_core::{CallOptions, WireFormat};

/// Returns a factory that makes the same requests, and shows the first to the recorder.
pub(super) fn watch(factory: HttpRequestFactory, exchange: &Arc<Exchange>) -> HttpRequestFactory {
    let exchange = Arc::clone(exchange);
    HttpRequestFactory::new(move || {
        let (factory, exchange) = (factory.clone(), Arc::clone(&exchange));
        async move {
            let mut request = factory.build().await?;
            exchange.note_built(|| {
                let format = format_of(&request)?;
                Some((CallOptions::new(format), share_body(&mut request)?))
            });
            let headers = request.headers_mut();
            exchange.propagate(|name, value| {
                // A wrapped client has set its own, and the program's own are not to be touched.
                if let (Entry::Vacant(entry), Ok(value)) = (headers.entry(name), value.parse()) {
                    entry.insert(value);
                }
            });
            Ok(request)
        }
    })
}

/// Returns the format of a request to a model; `None` for all others.
fn format_of(request: &Request) -> Option<WireFormat> {
    if request.method() != Method::POST {
        return None;
    }
    let path = request.url().path().trim_end_matches('/');
    if path.ends_with("/chat/completions") {
        Some(WireFormat::OpenAiChat)
    } else if path.ends_with("/responses") {
        Some(WireFormat::OpenAiResponses)
    } else {
        None
    }
}

/// Returns the body's bytes, shared with the request. `None` if they are not in memory.
fn share_body(request: &mut Request) -> Option<Bytes> {
    let body = request.body_mut();
    body.as_ref()?.as_bytes()?;
    // reqwest lends a slice only. A body in memory is a single frame, which is ready at once and
    // holds the very buffer.
    let mut taken = body.take()?;
    let frame = Pin::new(&mut taken).poll_frame(&mut Context::from_waker(Waker::noop()));
    let bytes = match frame {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        _ => Bytes::new(),
    };
    *body = Some(Body::from(bytes.clone()));
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, url: &str) -> Request {
        Request::new(method, url.parse().unwrap())
    }

    #[test]
    fn requests_to_a_model_are_known_by_their_path() {
        let format = |url: &str| format_of(&request(Method::POST, url));
        let base = "https://api.openai.com/v1";
        assert_eq!(
            format(&format!("{base}/chat/completions")),
            Some(WireFormat::OpenAiChat)
        );
        assert_eq!(
            format(&format!("{base}/responses")),
            Some(WireFormat::OpenAiResponses)
        );
        assert_eq!(format(&format!("{base}/responses/resp_1/cancel")), None);
        assert_eq!(format(&format!("{base}/models")), None);
        let azure =
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1";
        assert_eq!(format(azure), Some(WireFormat::OpenAiChat));
        assert_eq!(
            format_of(&request(Method::GET, &format!("{base}/responses"))),
            None
        );
    }

    #[test]
    fn the_body_is_shared_and_stays_in_the_request() {
        let sent = Bytes::from(vec![b'x'; 100]);
        let mut request = request(Method::POST, "http://h/responses");
        *request.body_mut() = Some(Body::from(sent.clone()));
        let shared = share_body(&mut request).unwrap();
        assert_eq!(shared.as_ptr(), sent.as_ptr());
        assert_eq!(
            request.body().unwrap().as_bytes().unwrap().as_ptr(),
            sent.as_ptr()
        );
    }

    #[test]
    fn an_empty_body_is_no_trouble() {
        let mut request = request(Method::POST, "http://h/responses");
        assert_eq!(share_body(&mut request), None);
        *request.body_mut() = Some(Body::from(""));
        assert_eq!(share_body(&mut request).as_deref(), Some(&b""[..]));
    }
}
