//! What becomes of events, by what the server says.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::server::{Reply, Server};
use super::{Bench, KEY};

#[test]
fn defect_25_a_413_is_answered_with_halves() {
    let server = Server::start(|_, events| Reply::status(if events.len() > 2 { 413 } else { 204 }));
    let mut bench = Bench::new(&server.url);
    let stats = bench.deliver(7);
    assert_eq!((stats.exported, stats.dropped.total()), (7, 0));
    let sizes: Vec<_> = server.event_ids().iter().map(Vec::len).collect();
    assert_eq!(sizes, [7, 3, 1, 2, 4, 2, 2]);
    let ids: BTreeSet<_> = server.event_ids().into_iter().flatten().collect();
    assert_eq!(ids.len(), 7);
}

#[test]
fn an_event_that_is_too_large_on_its_own_costs_no_other() {
    let server = Server::start(|_, events| {
        Reply::status(if events.iter().any(|event| event["name"] == "event 1") {
            413
        } else {
            200
        })
    });
    let mut bench = Bench::new(&server.url);
    let stats = bench.deliver(4);
    assert_eq!((stats.exported, stats.dropped.rejected), (3, 1));
    assert!(bench.said()[0].contains("413"), "{:?}", bench.said());
}

#[test]
fn defect_25_a_refused_key_is_named_once_and_never_shown() {
    let server = Server::start(|number, _| match number {
        0 | 1 => Reply::Answer(401, "", format!("\nno such key: {KEY}\nsecond line")),
        _ => Reply::status(204),
    });
    let mut bench = Bench::new(&server.url);
    bench.deliver(2);
    assert_eq!(bench.deliver(1).dropped.rejected, 3);
    bench.deliver(1);
    let url = &server.url;
    assert_eq!(
        bench.said(),
        [
            format!(
                "events are lost, as `{url}` does not take them: 401 Unauthorized: no such key: \
                 [REDACTED]; check `ROLLOUT_API_KEY`"
            ),
            format!("`{url}` takes events again; 3 are lost"),
        ]
    );
}

#[test]
fn permanent_refusals_are_not_retried_and_redirects_not_followed() {
    let elsewhere = Server::start(|_, _| Reply::status(200));
    let location: &'static str = format!("Location: {}/\r\n", elsewhere.url).leak();
    for status in [302, 307, 400, 403, 404, 418, 422] {
        let server = Server::start(move |_, _| Reply::Answer(status, location, "why".into()));
        let mut bench = Bench::new(&server.url);
        assert_eq!(bench.deliver(2).dropped.rejected, 2, "{status}");
        assert_eq!(server.requests().len(), 1, "{status}");
        let said = bench.said().concat();
        assert!(
            said.contains(&status.to_string()) && said.contains(": why"),
            "{said}"
        );
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn defect_26_refused_events_are_counted_and_said() {
    let answer = json!({"accepted": 2, "rejected": 1, "retryable": false, "errors": [
        {"index": 1, "code": "unknown_model", "message": "no such model"},
    ]});
    let server = Server::start(move |_, _| Reply::ok(answer.to_string()));
    let mut bench = Bench::new(&server.url);
    bench.deliver(3);
    let stats = bench.deliver(3);
    assert_eq!((stats.exported, stats.dropped.rejected), (4, 2));
    assert_eq!(server.requests().len(), 2);
    let said = format!(
        "events are lost, as `{}` refused 1 of a batch: 1 with `unknown_model` (no such model)",
        server.url
    );
    assert_eq!(bench.said(), [said]);
}

#[test]
fn defect_26_events_that_may_be_sent_again_are() {
    let busy = json!({"accepted": 2, "rejected": 2, "retryable": true, "errors": [
        {"index": 3, "code": "busy", "message": ""},
        {"index": 0, "code": "busy", "message": ""},
    ]});
    let server = Server::start(move |number, _| match number {
        0 => Reply::ok(busy.to_string()),
        _ => Reply::ok(r#"{"accepted":2,"rejected":0,"retryable":false,"errors":[]}"#),
    });
    let mut bench = Bench::new(&server.url);
    let stats = bench.deliver(4);
    assert_eq!((stats.exported, stats.dropped.total()), (4, 0));
    let [first, second] = &server.requests()[..] else {
        panic!("two requests")
    };
    let ids = first.event_ids();
    assert_eq!(second.event_ids(), [ids[0].clone(), ids[3].clone()]);
    assert_ne!(first.envelope["batch_id"], second.envelope["batch_id"]);
}

#[test]
fn events_that_are_always_to_be_sent_again_are_given_up() {
    let answer =
        json!({"rejected": 1, "retryable": true, "errors": [{"index": 0, "code": "busy"}]});
    let server = Server::start(move |_, _| Reply::ok(answer.to_string()));
    let mut bench = Bench::new(&server.url);
    let stats = bench.deliver(2);
    assert_eq!((stats.exported, stats.dropped.undeliverable), (1, 1));
    assert_eq!(
        server.event_ids().iter().map(Vec::len).collect::<Vec<_>>(),
        [2, 1, 1, 1]
    );
}

#[test]
fn defect_27_events_are_stored_whatever_a_2xx_looks_like() {
    for reply in [
        || Reply::ok("<html>not json</html>"),
        || Reply::ok(""),
        || Reply::status(204),
        || Reply::Answer(202, "Content-Type: text/plain\r\n", "ok".into()),
        || Reply::ok(r#"{"accepted":2,"rejected":0,"retryable":false,"errors":[],"id":"r1"}"#),
        || Reply::ok(r#"{"accepted":2}"#),
    ] {
        let server = Server::start(move |_, _| reply());
        let mut bench = Bench::new(&server.url);
        let stats = bench.deliver(2);
        assert_eq!((stats.exported, server.requests().len()), (2, 1));
        assert_eq!(bench.said(), [""; 0]);
    }
}

#[test]
fn defect_28_the_server_is_given_the_time_it_asks_for() {
    let server = Server::start(|number, _| match number {
        0 => Reply::Answer(429, "Retry-After: 1\r\n", String::new()),
        _ => Reply::status(200),
    });
    let mut bench = Bench::new(&server.url);
    assert_eq!(bench.deliver(1).exported, 1);
    let [first, second] = &server.requests()[..] else {
        panic!("two requests")
    };
    // The back-off alone is none on this bench.
    assert!(
        second.at - first.at >= Duration::from_secs(1),
        "{:?}",
        second.at - first.at
    );
}
