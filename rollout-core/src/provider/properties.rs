//! However a stream is cut into chunks, it says the same.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::partial::parse_partial;
use super::sse::{SseEvent, SseParser};
use super::{ResponseFacts, WireFormat};

/// Events of a format, with texts of any kind in them.
fn events(format: WireFormat, text: &str) -> Vec<(Option<&'static str>, Value)> {
    let (head, tail) = text.split_at(
        text.char_indices()
            .nth(text.chars().count() / 2)
            .map_or(0, |(at, _)| at),
    );
    let arguments = json!({"query": text}).to_string();
    match format {
        WireFormat::OpenAiChat => vec![
            (None, json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": head}}]})),
            (None, json!({"choices": [{"index": 0, "delta": {"content": tail}}]})),
            (None, json!({"choices": [{"index": 0, "delta": {"tool_calls": [
                {"index": 0, "id": "t1", "type": "function", "function": {"name": "find", "arguments": arguments}},
            ]}}]})),
            (None, json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})),
            (None, json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}})),
        ],
        WireFormat::OpenAiResponses => {
            let part = json!({"type": "output_text", "text": text});
            let message = json!({"type": "message", "id": "i1", "content": [part]});
            let call = json!({"type": "function_call", "id": "i2", "call_id": "t1", "name": "find", "arguments": arguments});
            let usage = json!({"input_tokens": 3, "output_tokens": 5, "total_tokens": 8});
            let response = json!({"id": "r1", "model": "m", "status": "completed", "output": [message, call], "usage": usage});
            vec![
                ("response.created", json!({"response": {"id": "r1", "model": "m", "status": "in_progress", "output": []}})),
                ("response.output_text.delta", json!({"output_index": 0, "content_index": 0, "item_id": "i1", "delta": head})),
                ("response.output_text.delta", json!({"output_index": 0, "content_index": 0, "item_id": "i1", "delta": tail})),
                ("response.completed", json!({"response": response})),
            ].into_iter().map(|(name, mut data)| {
                data["type"] = name.into();
                (Some(name), data)
            }).collect()
        }
        WireFormat::AnthropicMessages => vec![
            ("message_start", json!({"message": {"id": "m1", "model": "m", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}})),
            ("content_block_start", json!({"index": 0, "content_block": {"type": "text", "text": ""}})),
            ("content_block_delta", json!({"index": 0, "delta": {"type": "text_delta", "text": head}})),
            ("content_block_delta", json!({"index": 0, "delta": {"type": "text_delta", "text": tail}})),
            ("content_block_stop", json!({"index": 0})),
            ("content_block_start", json!({"index": 1, "content_block": {"type": "tool_use", "id": "t1", "name": "find", "input": {}}})),
            ("content_block_delta", json!({"index": 1, "delta": {"type": "input_json_delta", "partial_json": arguments}})),
            ("content_block_stop", json!({"index": 1})),
            ("message_delta", json!({"delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}})),
            ("message_stop", json!({})),
        ].into_iter().map(|(name, mut data)| {
            data["type"] = name.into();
            (Some(name), data)
        }).collect(),
    }
}

/// Writes events as servers do: with any line ends, comments, and a byte order mark.
fn body(events: &[(Option<&str>, Value)], style: &Style) -> Vec<u8> {
    let end = style.line_end;
    let mut body = String::from(if style.mark { "\u{feff}" } else { "" });
    for (name, data) in events {
        if style.comments {
            let _ = write!(body, ": keep-alive{end}{end}");
        }
        if let Some(name) = name {
            let _ = write!(body, "event: {name}{end}");
        }
        // Over several lines, where the style has it so.
        let data = if style.pretty {
            serde_json::to_string_pretty(data).unwrap()
        } else {
            data.to_string()
        };
        for line in data.lines() {
            let _ = write!(body, "data: {line}{end}");
        }
        body += end;
    }
    if style.done {
        let _ = write!(body, "data: [DONE]{end}{end}");
    }
    body.into_bytes()
}

#[derive(Clone, Debug)]
struct Style {
    line_end: &'static str,
    mark: bool,
    comments: bool,
    pretty: bool,
    done: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (
        prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        any::<[bool; 4]>(),
    )
        .prop_map(|(line_end, [mark, comments, pretty, done])| Style {
            line_end,
            mark,
            comments,
            pretty,
            done,
        })
}

/// Reads a body in pieces of these lengths, over and over.
fn read(
    format: WireFormat,
    body: &[u8],
    lengths: &[usize],
) -> (Vec<SseEvent>, Value, ResponseFacts) {
    let mut parser = SseParser::new();
    let mut events = Vec::new();
    let mut rest = body;
    for length in lengths.iter().cycle() {
        let (piece, others) = rest.split_at(rest.len().min(*length));
        events.extend(parser.push(piece));
        rest = others;
        if rest.is_empty() {
            break;
        }
    }
    events.extend(parser.finish());
    let mut assembler = format.assembler();
    for event in &events {
        assembler.push_event(event);
    }
    let (response, facts) = assembler.finish();
    (events, response, facts)
}

fn format() -> impl Strategy<Value = WireFormat> {
    prop_oneof![
        Just(WireFormat::OpenAiChat),
        Just(WireFormat::OpenAiResponses),
        Just(WireFormat::AnthropicMessages),
    ]
}

/// The input of a tool.
fn input() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "(é|🕴|\"|\\\\|[{}\\[\\],: a]){0,6}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner),
        ]
    });
    members(value)
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let members = prop::collection::btree_map("[a-c\"}]{0,3}", value, 0..4);
    members.prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Returns whether a value holds nothing but what another does. A number that is cut is another.
fn is_part(known: &Value, whole: &Value) -> bool {
    match (known, whole) {
        (Value::Object(known), Value::Object(whole)) => {
            let is_part = |(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole));
            known.iter().all(is_part)
        }
        (Value::Array(known), Value::Array(whole)) => {
            known.len() <= whole.len() && known.iter().zip(whole).all(|(a, b)| is_part(a, b))
        }
        (Value::Number(_), Value::Number(_)) => true,
        (known, whole) => known == whole,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_are_nothing_to_a_stream(
        format in format(),
        text in prop_oneof![any::<String>(), "(é|🕴|\r|\n|\u{2028}|\u{feff}|data:|\\PC){1,60}"],
        style in style(),
        lengths in prop::collection::vec(1..60_usize, 1..20),
    ) {
        let events = events(format, &text);
        let body = body(&events, &style);
        let whole = read(format, &body, &[body.len()]);
        prop_assert_eq!(&read(format, &body, &lengths), &whole);
        prop_assert_eq!(&read(format, &body, &[1]), &whole);
        // And it says what was put into it.
        let facts = whole.2;
        prop_assert_eq!(facts.texts.first().cloned().flatten().unwrap_or_default(), text.clone());
        prop_assert_eq!(facts.tool_calls.len(), 1);
        let arguments: Value = serde_json::from_str(&facts.tool_calls[0].arguments).unwrap();
        prop_assert_eq!(&arguments["query"], &json!(text));
        prop_assert_eq!(facts.usage.and_then(|usage| usage.output_tokens), Some(5));
        prop_assert!(facts.complete || !style.done);
    }

    #[test]
    fn what_is_known_of_a_beginning_is_part_of_the_whole(input in input(), cut in any::<prop::sample::Index>()) {
        let text = input.to_string();
        let ends: Vec<_> = text.char_indices().map(|(at, _)| at).skip(1).collect();
        let begun = text.get(..*cut.get(&ends)).unwrap();
        let known = parse_partial(begun).unwrap();
        prop_assert!(is_part(&known, &input), "{} of {}", known, input);
        prop_assert_eq!(parse_partial(&text), Some(input));
    }

    #[test]
    fn chunks_are_nothing_to_noise(
        format in format(),
        body in prop::collection::vec(
            prop_oneof![
                3 => prop::sample::select(&b"\r\n:"[..]),
                2 => prop::sample::select(&b"data: event: {}[]\""[..]),
                1 => any::<u8>(),
            ],
            1..300,
        ),
        lengths in prop::collection::vec(1..20_usize, 1..20),
    ) {
        let whole = read(format, &body, &[body.len()]);
        prop_assert_eq!(read(format, &body, &lengths), whole);
    }
}
