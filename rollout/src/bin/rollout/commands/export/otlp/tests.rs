use super::*;
use rollout_core::show;

#[test]
fn a_run_is_a_trace_of_the_conventions() {
    let trace = "trace_4bf92f35-77b3-4da6-a3ce-929d0e0e4736";
    let event = |kind: &str, more: Value| {
        let mut event = json!({
            "event_type": kind, "trace_id": trace, "occurred_at": "2026-01-01T00:00:01Z",
            "started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:00:01Z", "name": "support",
        });
        if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
            event.extend(more);
        }
        event
    };
    let events = [
        event(
            "trace.start",
            json!({"attributes": {"service_name": "desk"}}),
        ),
        event(
            "span.end",
            json!({
                "span_id": "span_00f067aa0ba902b7", "span_type": "llm", "status": "error",
                "model": {"provider": "openai", "model": "gpt-4.1"}, "usage": {"input_tokens": 12},
                "error": {"type": "RateLimit", "message_preview": "slow down"},
            }),
        ),
        event("trace.end", json!({"status": "ok"})),
    ];
    let request = request(&show::runs(&events)[0], &events);
    let resource = &request["resourceSpans"][0];
    let service = json!([{"key": "service.name", "value": {"stringValue": "desk"}}]);
    assert_eq!(resource["resource"]["attributes"], service);
    let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    let [root, call] = &spans[..] else {
        panic!("{spans:?}")
    };
    assert_eq!(root["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(root["parentSpanId"], Value::Null);
    assert_eq!(call["spanId"], "00f067aa0ba902b7");
    assert_eq!(call["parentSpanId"], root["spanId"]);
    assert_eq!(
        (&call["name"], &call["kind"]),
        (&json!("chat gpt-4.1"), &json!(3))
    );
    assert_eq!(call["startTimeUnixNano"], "1767225600000000000");
    assert_eq!(call["endTimeUnixNano"], "1767225601000000000");
    assert_eq!(call["status"], json!({"code": 2, "message": "slow down"}));
    let attribute = |key: &str| {
        let attributes = call["attributes"].as_array().unwrap();
        attributes
            .iter()
            .find(|a| a["key"] == key)
            .map(|a| a["value"].clone())
    };
    assert_eq!(
        attribute("gen_ai.usage.input_tokens"),
        Some(json!({"intValue": "12"}))
    );
    assert_eq!(attribute("gen_ai.usage.output_tokens"), None);
    assert_eq!(
        attribute("error.type"),
        Some(json!({"stringValue": "RateLimit"}))
    );
}
