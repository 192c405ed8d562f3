//! A complete body as it was on the wire: JSON, a stream, a text, or nothing.

use serde_json::Value;

use super::sse::SseParser;
use super::{CallError, ResponseFacts, WireFormat, json};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn decode(
    format: WireFormat,
    status: Option<u16>,
    content_type: Option<&str>,
    body: &[u8],
) -> (Value, ResponseFacts) {
    let start = body
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(body)
        .trim_ascii();
    if start.is_empty() {
        let error = CallError::of(status, &Value::Null);
        return (
            Value::Null,
            ResponseFacts {
                error,
                ..ResponseFacts::default()
            },
        );
    }
    if looks_like_stream(start) {
        return stream(format, status, body);
    }
    if let Some(value) = json::parse(start) {
        let facts = format.response(status, &value);
        return (value, facts);
    }
    if content_type.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return stream(format, status, body);
    }
    text(status, start)
}

fn stream(format: WireFormat, status: Option<u16>, body: &[u8]) -> (Value, ResponseFacts) {
    let mut parser = SseParser::new();
    let mut assembler = format.assembler();
    for event in parser.push(body).into_iter().chain(parser.finish()) {
        assembler.push_event(&event);
    }
    let (value, mut facts) = assembler.finish();
    let failed = status.is_some_and(|status| status >= 400);
    match facts.error.take() {
        Some(error) if failed => {
            // A refusal that is put as a stream: nothing had begun.
            let error = CallError {
                status,
                mid_stream: false,
                ..error
            };
            facts = ResponseFacts {
                error: Some(error),
                ..ResponseFacts::default()
            };
        }
        Some(error) => facts.error = Some(CallError { status, ..error }),
        // It only looked like a stream.
        None if failed => return text(status, body),
        None => {}
    }
    (value, facts)
}

/// A page of a proxy, or JSON that broke off.
fn text(status: Option<u16>, body: &[u8]) -> (Value, ResponseFacts) {
    let text = String::from_utf8_lossy(body).into_owned();
    let is_cut = text.starts_with(['{', '[']) && status.is_none_or(|status| status < 400);
    let error = if is_cut {
        None
    } else {
        Some(CallError::of_text(status, &text))
    };
    (
        text.into(),
        ResponseFacts {
            error,
            ..ResponseFacts::default()
        },
    )
}

/// Returns whether a body is a stream, by how it begins: content types are not always true.
fn looks_like_stream(start: &[u8]) -> bool {
    [b"data:".as_slice(), b"event:", b"id:", b"retry:", b":"]
        .iter()
        .any(|field| start.starts_with(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(status: u16, content_type: &str, body: &str) -> (Value, ResponseFacts) {
        super::decode(
            WireFormat::OpenAiChat,
            Some(status),
            Some(content_type),
            body.as_bytes(),
        )
    }

    const CHUNK: &str =
        r#"{"id":"x","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    const BODY: &str =
        r#"{"id":"x","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}"#;

    #[test]
    fn a_stream_is_known_whatever_its_content_type_says() {
        for prefix in [
            "data: ",
            "\u{feff}data: ",
            "\n\n: ping\n\ndata:",
            "event: x\ndata: ",
        ] {
            let (value, facts) = decode(200, "application/json", &format!("{prefix}{CHUNK}\n\n"));
            assert_eq!(value["object"], "chat.completion");
            assert_eq!(facts.texts, [Some("a".to_owned())]);
            assert!(facts.complete);
        }
    }

    #[test]
    fn json_is_known_whatever_its_content_type_says() {
        let (value, facts) = decode(200, "text/event-stream", BODY);
        assert_eq!(value["id"], "x");
        assert!(facts.complete);
        let error = decode(400, "text/event-stream", r#"{"error":{"message":"m"}}"#)
            .1
            .error;
        assert_eq!(error.unwrap().message.as_deref(), Some("m"));
    }

    #[test]
    fn a_page_of_a_proxy_is_the_message_of_the_error() {
        let (value, facts) = decode(502, "text/html", "<html>Bad Gateway</html>\n");
        assert_eq!(value, "<html>Bad Gateway</html>");
        let error = facts.error.unwrap();
        assert_eq!(error.status, Some(502));
        assert_eq!(error.message.as_deref(), Some("<html>Bad Gateway</html>"));
        assert!(!facts.complete);
    }

    #[test]
    fn a_text_that_looks_like_a_stream_is_still_the_message_of_the_error() {
        let error = decode(500, "text/plain", "data: none").1.error.unwrap();
        assert_eq!(error.message.as_deref(), Some("data: none"));
    }

    #[test]
    fn an_error_that_is_put_as_a_stream_is_not_in_the_middle_of_one() {
        let body = "event: error\ndata: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n";
        let (_, facts) = decode(429, "text/event-stream", body);
        let error = facts.error.unwrap();
        assert_eq!((error.status, error.mid_stream), (Some(429), false));
        assert_eq!(error.message.as_deref(), Some("m"));
    }

    #[test]
    fn an_empty_body_is_an_error_only_if_the_status_is() {
        assert_eq!(decode(200, "application/json", ""), Default::default());
        let error = decode(500, "application/json", " ").1.error.unwrap();
        assert_eq!((error.status, error.message), (Some(500), None));
    }

    #[test]
    fn json_that_broke_off_is_kept_and_is_no_error_of_the_providers() {
        let (value, facts) = decode(200, "application/json", "{\"id\":");
        assert_eq!(value, "{\"id\":");
        assert_eq!(facts, ResponseFacts::default());
    }

    #[test]
    fn an_error_in_the_middle_of_a_stream_has_the_status_of_the_answer() {
        let body = format!("data: {CHUNK}\n\nevent: error\ndata: upstream gone\n\n");
        let error = decode(200, "text/event-stream", &body).1.error.unwrap();
        assert_eq!((error.status, error.mid_stream), (Some(200), true));
        assert_eq!(error.message.as_deref(), Some("upstream gone"));
    }
}
