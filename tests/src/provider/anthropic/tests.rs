use super::*;

fn blocks() -> [Value; 3] {
    let input = json!({"city": "Paris"});
    [
        thinking("Rain or shine?"),
        text("I will look."),
        tool_use("toolu_1", "weather", input),
    ]
}

/// Puts a stream together again, as clients do.
fn assemble(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut input = String::new();
    for event in events {
        let block = event["index"].as_u64().unwrap_or_default() as usize;
        let mut append = |block: &mut Value, delta: &Value| match delta["type"].as_str().unwrap() {
            "input_json_delta" => input += delta["partial_json"].as_str().unwrap(),
            kind => {
                let key = kind.strip_suffix("_delta").unwrap();
                let text = block[key].as_str().unwrap().to_owned() + delta[key].as_str().unwrap();
                block[key] = json!(text);
            }
        };
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                let blocks = message["content"].as_array_mut().unwrap();
                assert_eq!(blocks.len(), block);
                blocks.push(event["content_block"].clone());
            }
            "content_block_delta" => append(&mut message["content"][block], &event["delta"]),
            "content_block_stop" if !input.is_empty() => {
                message["content"][block]["input"] = serde_json::from_str(&input).unwrap();
                input.clear();
            }
            "message_delta" => {
                message["stop_reason"] = event["delta"]["stop_reason"].clone();
                message["usage"]["output_tokens"] = event["usage"]["output_tokens"].clone();
            }
            "ping" | "message_stop" | "content_block_stop" => {}
            unknown => panic!("{unknown}"),
        }
    }
    message
}

#[test]
fn a_stream_is_the_message_in_parts() {
    let events = events(&blocks());
    assert_eq!(assemble(&events), message(&blocks()));
    let mut kinds: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    kinds.dedup();
    assert_eq!(
        &kinds[..3],
        ["message_start", "ping", "content_block_start"]
    );
    assert_eq!(&kinds[kinds.len() - 2..], ["message_delta", "message_stop"]);
}

#[test]
fn the_stop_reason_says_whether_tools_are_wanted() {
    assert_eq!(message(&blocks())["stop_reason"], "tool_use");
    assert_eq!(message(&blocks()[..2])["stop_reason"], "end_turn");
}

#[test]
fn frames_are_named_after_their_type() {
    let error = error("overloaded_error", "Overloaded");
    assert_eq!(
        frames(&[error]),
        [
            "event: error\ndata: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"},\
          \"request_id\":\"req_scripted1\",\"type\":\"error\"}\n\n"
        ]
    );
}
