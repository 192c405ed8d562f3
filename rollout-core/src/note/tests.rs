use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{MemoryExporter, Rollout, user};

fn recorded(rate: f64, work: impl FnOnce(&Rollout)) -> Vec<Value> {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .exporter(memory.clone())
        .sample_rate(rate)
        .on_diagnostic(|_| {})
        .build()
        .unwrap();
    rollout.context().in_scope(|| work(&rollout));
    rollout.flush(Duration::from_secs(60)).unwrap();
    let stats = rollout.stats();
    assert_eq!(stats.created, stats.exported + stats.dropped.total());
    let events = memory.events();
    events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .collect()
}

#[test]
fn a_message_belongs_to_the_trace_and_the_span_that_are_active() {
    let events = recorded(1.0, |rollout| {
        let trace = rollout.trace("support").user_id("u1").start();
        trace.message("user", "Hello").record();
        let span = trace.span("task").start();
        span.in_scope(|| {
            message("assistant", &[json!({"type": "text", "text": "Hi"})])
                .tool_call_id("call_1")
                .index(1)
                .internal()
                .record();
        });
    });
    let [_, hello, span, hi, ..] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(
        hello["message"],
        json!({"role": "user", "content": "Hello", "is_internal": false})
    );
    assert_eq!(
        (hello["sequence"].as_u64(), hello.get("span_id")),
        (Some(2), None)
    );
    assert_eq!(hello["context"]["user_id"], "u1");
    assert_eq!(
        hi["message"],
        json!({
            "role": "assistant", "content": [{"type": "text", "text": "Hi"}],
            "tool_call_id": "call_1", "index": 1, "is_internal": true,
        })
    );
    assert_eq!(hi["span_id"], span["span_id"]);
    assert_eq!(
        hi["occurred_at"].as_str().map(|time| time > "2020"),
        Some(true)
    );
}

#[test]
fn defect_50_feedback_about_another_trace_does_not_borrow_a_span() {
    let events = recorded(1.0, |rollout| {
        let trace = rollout.trace("support").start();
        let span = trace.span("task").start();
        let _active = span.enter();
        feedback("thumbs_up", true)
            .external_trace_id("order-7")
            .attribute("reason", "fast")
            .record();
        signal("copied", 2).record();
    });
    let find = |kind: &str| {
        events
            .iter()
            .find(|event| event["event_type"] == kind)
            .unwrap()
    };
    let elsewhere = find("feedback");
    assert_eq!(elsewhere["external_trace_id"], "order-7");
    assert_eq!(
        elsewhere["attributes"],
        json!({"value": true, "reason": "fast"})
    );
    for key in ["trace_id", "span_id", "parent_span_id", "sequence"] {
        assert_eq!(elsewhere.get(key), None, "{key}");
    }
    let here = find("user.signal");
    assert_eq!(here["span_id"], find("span.start")["span_id"]);
    assert_eq!(
        (&here["name"], &here["attributes"]),
        (&json!("copied"), &json!({"value": 2}))
    );
}

#[test]
fn a_user_is_known_without_a_trace() {
    let events = recorded(1.0, |_| {
        let _account = user("somebody").account_id("acme").enter();
        identify_user("u1")
            .with_trait("plan", "pro")
            .with_account_trait("seats", 3)
            .record();
    });
    assert_eq!(events[0]["external_trace_id"], "user:u1");
    assert_eq!(
        events[0]["context"],
        json!({
            "user_id": "u1",
            "user_traits": {"plan": "pro"}, "account_traits": {"seats": 3},
        })
    );
}

#[test]
fn who_a_user_is_is_not_taken_from_another() {
    let elsewhere = TraceId::random();
    let events = recorded(1.0, |rollout| {
        let scope = user("somebody")
            .account_id("acme")
            .with_trait("plan", "pro");
        let _active = scope.session_id("s1").enter();
        let trace = rollout.trace("support").conversation_id("c1").start();
        trace.in_scope(|| identify_user("u1").record());
        identify_user("u2").trace_id(elsewhere).record();
        identify_user("u3").external_trace_id("order-7").record();
    });
    let told = |user: &str| {
        let mut events = events.iter();
        let event = events.find(|event| event["context"]["user_id"] == user);
        event.unwrap()
    };
    let here = json!({"user_id": "u1", "session_id": "s1", "conversation_id": "c1"});
    assert_eq!(told("u1")["context"], here);
    assert_eq!(told("u1")["trace_id"], events[0]["trace_id"]);
    assert_eq!(told("u2")["trace_id"], elsewhere.to_string());
    assert_eq!(told("u2").get("external_trace_id"), None);
    assert_eq!(told("u3")["external_trace_id"], "order-7");
}

#[test]
fn what_belongs_to_no_trace_is_counted_not_sent() {
    let events = recorded(1.0, |rollout| {
        message("user", "lost").record();
        feedback("lost", Value::Null).record();
        rollout.flush(Duration::from_secs(60)).unwrap();
        assert_eq!(rollout.stats().dropped.invalid, 2);
    });
    assert_eq!(events, Vec::<Value>::new());
}

#[test]
fn an_event_of_ones_own_keeps_what_it_says() {
    let events = recorded(1.0, |_| {
        let mut event = Event::now(EventType::Metric);
        event.trace_id = Some("trace_own".into());
        event.span_id = Some("span_own".into());
        event.raw.data = Some(json!({"authorization": "Bearer s3cret"}).into());
        event.attributes.insert("api_key".into(), json!("s3cret"));
        capture_event(event);
    });
    let event = &events[0];
    assert_eq!(
        (&event["trace_id"], &event["span_id"]),
        (&json!("trace_own"), &json!("span_own"))
    );
    assert!(!event.to_string().contains("s3cret"), "{event}");
}

#[test]
fn what_is_said_later_of_a_trace_is_kept_where_the_trace_is() {
    for n in 0..50 {
        let id = format!("order-{n}");
        let events = recorded(0.5, |rollout| {
            let trace = rollout.trace("support").external_trace_id(&id).start();
            trace.message("user", "Hello").record();
            let own_id = trace.id().unwrap();
            drop(trace);
            feedback("thumbs_up", true).external_trace_id(&id).record();
            feedback("stars", 5).trace_id(own_id).record();
        });
        // Of a trace that is not kept its own id says nothing: nobody has seen it.
        let of_trace = events
            .iter()
            .filter(|event| event["name"] != "stars")
            .count();
        assert!([0, 4].contains(&of_trace), "{events:?}");
        assert!(of_trace == 0 || events.len() == 5, "{events:?}");
    }
}

#[test]
fn what_is_told_in_a_users_scope_is_that_users() {
    let events = recorded(1.0, |rollout| {
        let trace = rollout.trace("support").start();
        trace.in_scope(|| {
            user("u1").session_id("s1").in_scope(|| {
                message("user", "Hello").record();
                feedback("thumbs_up", true).record();
            });
            message("user", "Bye").record();
        });
        let own = rollout.trace("of u2").user_id("u2").start();
        own.in_scope(|| {
            let _user = user("u1").session_id("s1").enter();
            signal("copied", 1).record();
        });
    });
    let user_of = |kind: &str| {
        let events = events.iter().filter(|event| event["event_type"] == kind);
        let contexts = events.map(|event| &event["context"]);
        let ids = contexts.map(|context| [&context["user_id"], &context["session_id"]]);
        ids.map(|ids| ids.map(|id| id.as_str().unwrap_or("-")))
            .collect::<Vec<_>>()
    };
    assert_eq!(user_of("message"), [["u1", "s1"], ["-", "-"]]);
    assert_eq!(user_of("feedback"), [["u1", "s1"]]);
    // What the trace says itself wins.
    assert_eq!(user_of("user.signal"), [["u2", "s1"]]);
}
