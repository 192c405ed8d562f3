use super::*;
use serde_json::json;

fn stream(events: &[Value]) -> MessageStream {
    let mut stream = MessageStream::default();
    for event in events {
        stream.push(None, event);
    }
    stream
}

fn start() -> Value {
    let usage = json!({"input_tokens": 10, "cache_creation_input_tokens": 7, "output_tokens": 1});
    let message = json!({"type": "message", "id": "x", "model": "m", "content": [],
        "stop_reason": null, "usage": usage});
    json!({"type": "message_start", "message": message})
}

fn block(index: u64, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn delta(index: u64, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

fn text_delta(index: u64, text: &str) -> Value {
    delta(index, &json!({"type": "text_delta", "text": text}))
}

#[test]
fn a_message_is_rebuilt_as_if_it_had_not_been_streamed() {
    let tool = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    let stream = stream(&[
        start(),
        block(0, &json!({"type": "text", "text": ""})),
        json!({"type": "ping"}),
        text_delta(0, "a"),
        text_delta(0, "b"),
        json!({"type": "content_block_stop", "index": 0}),
        block(1, &tool),
        delta(
            1,
            &json!({"type": "input_json_delta", "partial_json": "{\"x\": 1}"}),
        ),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
            "usage": {"output_tokens": 20}, "context_management": {"applied_edits": []}}),
        json!({"type": "message_stop"}),
    ]);
    assert!(stream.is_complete());
    let (message, facts) = stream.finish();
    assert_eq!(
        message,
        json!({
            "type": "message", "id": "x", "model": "m", "stop_reason": "tool_use",
            "stop_sequence": null, "context_management": {"applied_edits": []},
            "content": [
                {"type": "text", "text": "ab"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}},
            ],
            "usage": {"input_tokens": 10, "cache_creation_input_tokens": 7, "output_tokens": 20},
        })
    );
    assert_eq!(facts.tool_calls[0].arguments, "{\"x\": 1}");
    assert_eq!(facts.usage.unwrap().cache_write_tokens, Some(7));
}

#[test]
fn a_stream_that_breaks_off_yields_what_it_brought() {
    let (message, facts) = stream(&[start(), text_delta(0, "a")]).finish();
    assert_eq!(facts.texts, [Some("a".to_owned())]);
    assert_eq!(facts.finish_reasons, [None]);
    assert!(!facts.complete);
    assert_eq!(message["content"][0]["type"], "text");
}

#[test]
fn the_last_word_on_each_count_wins() {
    let delta = |usage| json!({"type": "message_delta", "delta": {}, "usage": usage});
    let created = json!({"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 3});
    let (_, facts) = stream(&[
        start(),
        delta(json!({"output_tokens": 20, "input_tokens": null, "cache_creation": created})),
        delta(json!({"output_tokens": 21, "cache_read_input_tokens": 0})),
        delta(json!({"cache_creation": {"ephemeral_1h_input_tokens": 5}})),
    ])
    .finish();
    let usage = facts.usage.unwrap();
    assert_eq!(
        (usage.input_tokens, usage.output_tokens),
        (Some(10), Some(21))
    );
    assert_eq!(
        (usage.cached_tokens, usage.cache_write_tokens),
        (Some(0), Some(7))
    );
    assert_eq!(usage.cache_write_5m_tokens, Some(4));
    assert_eq!(usage.cache_write_1h_tokens, Some(5));
    assert_eq!(usage.total_tokens, None);
}

#[test]
fn a_message_keeps_its_name_and_takes_one_that_comes_late() {
    let named = json!({"type": "message_delta", "delta": {"id": "y", "model": "n"}});
    let (_, facts) = stream(&[start(), named.clone()]).finish();
    assert_eq!(facts.id.as_deref(), Some("x"));
    assert_eq!(facts.model.as_deref(), Some("m"));
    let nameless = json!({"type": "message_start", "message": {"id": "", "model": ""}});
    let (_, facts) = stream(&[nameless, named]).finish();
    assert_eq!(facts.id.as_deref(), Some("y"));
    assert_eq!(facts.model.as_deref(), Some("n"));
}

#[test]
fn without_index_deltas_go_to_the_last_block() {
    let text = json!({"type": "text", "text": ""});
    let start = json!({"type": "content_block_start", "content_block": text});
    let delta = |text| json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}});
    let facts = stream(&[start.clone(), delta("a"), start, delta("b")])
        .finish()
        .1;
    assert_eq!(facts.texts, [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn blocks_that_all_count_as_the_first_are_kept_apart() {
    let tool = |id| json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
    let input = |text| {
        delta(
            0,
            &json!({"type": "input_json_delta", "partial_json": text}),
        )
    };
    let (_, facts) = stream(&[
        start(),
        block(0, &json!({"type": "text", "text": ""})),
        text_delta(0, "a"),
        block(0, &tool("t")),
        input("{\"x\":"),
        input("1}"),
        block(0, &tool("u")),
        input("{}"),
    ])
    .finish();
    assert_eq!(facts.texts, [Some("a".to_owned())]);
    let arguments: Vec<_> = facts
        .tool_calls
        .iter()
        .map(|call| &call.arguments)
        .collect();
    assert_eq!(arguments, ["{\"x\":1}", "{}"]);
}

#[test]
fn the_model_that_stood_in_is_the_one_that_answered() {
    let fallback = json!({"type": "fallback", "from": {"model": "m"}, "to": {"model": "n"}});
    let (message, facts) = stream(&[start(), block(0, &fallback), text_delta(1, "a")]).finish();
    assert_eq!(facts.model.as_deref(), Some("n"));
    assert_eq!(facts.id.as_deref(), Some("x"));
    assert_eq!(facts.item_types, ["fallback", "text"]);
    assert_eq!(message["content"][0], fallback);
}

#[test]
fn events_say_what_they_brought() {
    let mut stream = stream(&[start()]);
    assert_eq!(
        stream.push(None, &text_delta(0, "a")).text.as_deref(),
        Some("a")
    );
    let thinking = json!({"type": "thinking_delta", "thinking": "a"});
    assert!(stream.push(None, &delta(1, &thinking)).reasoning);
    let input = json!({"type": "input_json_delta", "partial_json": "{"});
    assert!(stream.push(None, &delta(2, &input)).tool_call);
    assert!(!stream.push(Some("ping"), &json!({})).has_content());
}
