//! Backends that do not take everything at once.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;
use rollout::{Otlp, OtlpProtocol};
use rollout_tests::Reply;
use serde_json::json;

use super::Program;
use super::collector::{Collector, decode};

fn spans(program: &Program, count: usize) {
    program.run(|| {
        let trace = rollout::trace("job").start();
        trace.in_scope(|| (0..count).for_each(|_| rollout::span("step").start().end()));
    });
}

#[test]
fn what_may_pass_is_tried_again_when_the_server_says() {
    for status in [429, 502, 503, 504] {
        let busy = Reply::status(status).with_header("retry-after", "0");
        let collector = Collector::that_answers([busy]);
        let program = Program::sending(Otlp::new(collector.url()));
        spans(&program, 3);
        let (stats, _) = program.end();
        assert_eq!((stats.exported, stats.dropped.total()), (8, 0), "{status}");
        assert_eq!(collector.kept().spans().len(), 4);
        let requests = collector.requests();
        assert_eq!(requests[0].body, requests[1].body);
    }
}

#[test]
fn what_is_refused_for_good_is_counted_with_the_reason() {
    for status in [400, 422, 500, 501] {
        let collector = Collector::that_answers([Reply::text("no such thing").with_status(status)]);
        let program = Program::sending(Otlp::new(collector.url()));
        spans(&program, 3);
        program.flush();
        let said = program.said().concat();
        assert!(said.contains("no such thing"), "{said}");
        let (stats, _) = program.end();
        assert!(stats.dropped.rejected > 0, "{status}: {stats:?}");
        assert_eq!(stats.dropped.rejected, stats.dropped.total());
        assert_eq!(collector.requests()[..1].len(), 1, "no second attempt");
    }
}

#[test]
fn spans_that_are_refused_of_a_request_are_counted() {
    let partial = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 2,
            error_message: "too old".to_owned(),
        }),
    };
    let json = json!({"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}});
    let protobuf = Reply::pieces([partial.encode_to_vec()])
        .with_header("content-type", "application/x-protobuf");
    for (protocol, reply) in [
        (OtlpProtocol::HttpProtobuf, protobuf),
        (OtlpProtocol::HttpJson, Reply::json(json)),
    ] {
        let collector = Collector::that_answers([reply]);
        let otlp = Otlp::new(collector.url()).protocol(protocol);
        let program = Program::with(otlp, |builder| {
            builder.flush_interval(Duration::from_secs(60))
        });
        spans(&program, 3);
        let said = program.said.clone();
        let (stats, _) = program.end();
        let said = said.lock().unwrap().concat();
        assert!(
            said.contains("2 spans of a request are refused: too old"),
            "{said}"
        );
        // Two spans of two events each.
        assert_eq!(
            (stats.dropped.rejected, stats.exported),
            (4, 4),
            "{stats:?}"
        );
    }
}

#[test]
fn a_request_that_is_too_large_is_sent_in_halves() {
    let collector = Collector::that_answers([Reply::status(413), Reply::status(413)]);
    let otlp = Otlp::new(collector.url());
    let program = Program::with(otlp, |builder| {
        builder.flush_interval(Duration::from_secs(60))
    });
    spans(&program, 7);
    let (stats, _) = program.end();
    assert_eq!(
        (stats.exported, stats.dropped.total()),
        (16, 0),
        "{stats:?}"
    );
    assert_eq!(collector.kept().spans().len(), 8);
}

#[test]
fn odd_answers_to_stored_spans_are_good_news() {
    for body in [
        "",
        "<html>thanks</html>",
        "{\"partialSuccess\":{}}",
        "\u{1}\u{2}",
    ] {
        let collector = Collector::that_answers([Reply::text(body)]);
        let program = Program::sending(Otlp::new(collector.url()));
        spans(&program, 1);
        let (stats, _) = program.end();
        assert_eq!((stats.exported, stats.dropped.total()), (4, 0), "{body}");
    }
}

#[test]
fn a_flush_does_not_wait_for_what_has_not_ended_and_the_end_of_the_program_does_not_lose_it() {
    for spool in [0, 1_000_000] {
        let collector = Collector::start();
        let otlp = Otlp::new(collector.url());
        let program = Program::with(otlp, |builder| builder.spool_max_bytes(spool));
        let trace = program.rollout.trace("job").start();
        let step = trace.span("step").start();
        trace.in_scope(|| rollout::span("done").start().end());
        program.flush();
        assert_eq!(collector.kept().span("done").name, "done");
        let stats = program.rollout.stats();
        assert_eq!((stats.created, stats.exported), (4, 2), "{stats:?}");
        assert_eq!(stats.queued + stats.spooled, 2, "{stats:?}");
        std::mem::forget((trace, step));
        let (stats, _) = program.end();
        assert_eq!((stats.exported, stats.dropped.total()), (4, 0), "{stats:?}");
        let open = collector.kept().span("step");
        assert!(open.end_time_unix_nano >= open.start_time_unix_nano);
    }
}

#[test]
fn keys_are_in_no_message_and_are_sent() {
    const KEY: &str = "secret-of-the-backend";
    let collector = Collector::that_answers([Reply::text(format!("no: {KEY}")).with_status(401)]);
    let otlp = Otlp::new(collector.url()).header("x-key", KEY);
    assert!(!format!("{otlp:?}").contains(KEY));
    let program = Program::sending(otlp);
    spans(&program, 1);
    program.flush();
    let said = program.said().concat();
    assert!(said.contains("`OTEL_EXPORTER_OTLP_HEADERS`"), "{said}");
    assert!(!said.contains(KEY), "{said}");
    let request = &collector.requests()[0];
    assert_eq!(request.header("x-key"), Some(KEY));
    assert!(!format!("{:?}", program.rollout).contains(KEY));
    // A key may be corrected: nothing is lost by it.
    let (stats, _) = program.end();
    assert_eq!(
        (stats.spooled + stats.exported, stats.dropped.total()),
        (4, 0),
        "{stats:?}"
    );
    let _ = decode;
}
