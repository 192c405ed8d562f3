//! Streams that are no plain text, or a long one.

use futures::StreamExt as _;
use rollout::anthropic::Client as Anthropic;
use serde_json::{Value, json};

use super::Program;
use super::difference::{
    CHAT_STREAM, Difference, FIRST_TEXT, FIRST_TOOL_CALL, MESSAGES_STREAM, MODEL_VERSION,
    NO_EMPTY_TEXT, OWN_NUMBERS, RESPONSES_STREAM, STREAM_OUTPUT, TOOL_CALLS, at,
};
use super::provider::stream::{self, begun, completed, numbered, streaming, words};
use super::provider::{OpenAi, TEXT, THOUGHT, anthropic, asked, openai, respond};

async fn read_chat(client: &OpenAi) -> usize {
    let request = asked(json!({"stream": true}));
    let stream = client.chat().create_stream(request).await.unwrap();
    stream.collect::<Vec<_>>().await.len()
}

async fn read_all(openai: &OpenAi, anthropic: &Anthropic) {
    read_chat(openai).await;
    let request = respond("hi", json!({"stream": true}));
    let stream = openai.responses().create_stream(request).await.unwrap();
    let events: Vec<_> = stream.collect().await;
    assert!(events.iter().all(Result::is_ok), "{events:?}");
    let stream = anthropic.messages().create_stream(anthropic::asked()).await;
    stream.unwrap().collect::<Vec<_>>().await;
}

const ORDER: [&str; 3] = [
    r#"{"order_id": "442"#,
    r#"1", "fields": ["sta"#,
    r#"tus", "eta"]}"#,
];
const CITY: [&str; 2] = [r#"{"city": "#, r#""Paris"}"#];

/// Returns the calls of two tools, as each provider streams them.
fn tool_calls() -> [Vec<String>; 3] {
    let calls = [
        ("call_mock_1", "lookup_order", ORDER.as_slice()),
        ("call_mock_2", "get_weather", CITY.as_slice()),
    ];
    let chat = calls
        .iter()
        .enumerate()
        .flat_map(|(index, (id, name, pieces))| {
            let begin = json!({"index": index, "id": id, "type": "function",
            "function": {"name": name, "arguments": ""}});
            let more = pieces
                .iter()
                .map(move |piece| json!({"index": index, "function": {"arguments": piece}}));
            [begin].into_iter().chain(more)
        });
    let chat = chat.map(|call| json!({"tool_calls": [call]}));
    let mut events = begun();
    let mut items = Vec::new();
    for (index, (id, name, pieces)) in calls.iter().enumerate() {
        let item_id = format!("fc_{id}");
        let item = |status: &str, arguments: &str| {
            json!({"type": "function_call", "id": item_id, "call_id": id, "name": name,
                "arguments": arguments, "status": status})
        };
        let done = item("completed", &pieces.concat());
        events.push(
            json!({"type": "response.output_item.added", "output_index": index,
            "item": item("in_progress", "")}),
        );
        events.extend(pieces.iter().map(|piece| {
            json!({"type": "response.function_call_arguments.delta", "item_id": item_id,
                "output_index": index, "delta": piece})
        }));
        events.push(
            json!({"type": "response.function_call_arguments.done", "item_id": item_id,
            "name": name, "output_index": index, "arguments": pieces.concat()}),
        );
        events.push(
            json!({"type": "response.output_item.done", "output_index": index,
            "item": done}),
        );
        items.push(done);
    }
    events.push(completed(&items, 0));
    let use_of = |id: &str, name: &str, pieces: &[&str]| {
        let input: Value = serde_json::from_str(&pieces.concat()).unwrap();
        json!({"id": format!("toolu_{id}"), "input": input, "name": name, "type": "tool_use"})
    };
    let blocks = [
        json!({"text": "Let me check.", "type": "text"}),
        use_of(calls[0].0, calls[0].1, calls[0].2),
        use_of(calls[1].0, calls[1].1, calls[1].2),
    ];
    [
        stream::chat_of(chat, "tool_calls", false),
        numbered(events),
        anthropic::streamed_blocks(&blocks, "tool_use", 11),
    ]
}

const ARGUMENTS_ARE_NO_TEXT: Difference = Difference::rule(
    "arguments of tools are not shown as if they were the answer's text (defect 38)",
    |both| {
        let is_response = |event: &Value| event["name"] == "openai.responses";
        let previews = both
            .leave_out(|event, _| is_response(event) && event["attributes"]["streaming"] == true);
        let text = format!("{}{}", ORDER.concat(), CITY.concat());
        let output = both.change(|event| {
            if at(event, &["raw", "output"]) == Some(&json!(text)) {
                event["raw"] = json!({"output": "", "stream_preview": ""});
                event["attributes"]["chunk_count"] = json!(0);
                event["attributes"]["preview_chars"] = json!(0);
            }
        });
        previews && output
    },
);

#[test]
fn nothing_but_calls_of_tools() {
    let provider = streaming(tool_calls());
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    program.block_on(read_all(&openai, &anthropic));
    program.matches(
        "38-stream-tool-call-deltas",
        &[
            &OWN_NUMBERS,
            &ARGUMENTS_ARE_NO_TEXT,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &NO_EMPTY_TEXT,
            &TOOL_CALLS,
            &FIRST_TOOL_CALL,
            &CHAT_STREAM,
            &RESPONSES_STREAM,
            &MESSAGES_STREAM,
        ],
    );
}

/// Returns answers that were thought about, and a refusal.
fn thoughts() -> [Vec<String>; 4] {
    let reasoning = words(THOUGHT).into_iter();
    let reasoning = reasoning.map(|text| json!({"reasoning_content": text}));
    let content = words(TEXT).into_iter().map(|text| json!({"content": text}));
    let refusal = ["I can", "not help", " with that."];
    let refusal = refusal.into_iter().map(|text| json!({"refusal": text}));

    let summary = |text: &str| json!({"type": "summary_text", "text": text});
    let item = json!({"type": "reasoning", "id": "rs_mock_1", "summary": [summary(THOUGHT)]});
    let mut events = begun();
    let place = json!({"item_id": "rs_mock_1", "output_index": 0, "summary_index": 0});
    let at = |kind: &str, key: &str, value: Value| {
        let mut event = place.clone();
        event["type"] = json!(format!("response.reasoning_summary_{kind}"));
        event[key] = value;
        event
    };
    events.push(
        json!({"type": "response.output_item.added", "output_index": 0,
        "item": {"type": "reasoning", "id": "rs_mock_1", "summary": []}}),
    );
    events.push(at("part.added", "part", summary("")));
    for piece in [
        "The user asks a",
        "bout an order. ",
        "I look up the s",
        "tatus first.",
    ] {
        events.push(at("text.delta", "delta", json!(piece)));
    }
    events.push(at("text.done", "text", json!(THOUGHT)));
    events.push(at("part.done", "part", summary(THOUGHT)));
    events.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item}));
    let (said, done) = stream::said(TEXT, 1);
    events.extend(said);
    events.push(completed(&[item, done], 64));

    let blocks = [
        json!({"signature": "sig_mock", "thinking": THOUGHT, "type": "thinking"}),
        json!({"text": TEXT, "type": "text"}),
    ];
    [
        stream::chat_of(reasoning.chain(content), "stop", false),
        numbered(events),
        anthropic::streamed_blocks(&blocks, "end_turn", 75),
        stream::chat_of(refusal, "stop", false),
    ]
}

const REASONING_IS_NO_TEXT: Difference = Difference::rule(
    "reasoning is recorded as that, and not as if it were the answer's text (defect 39)",
    |both| {
        both.change(|event| {
            if at(event, &["raw", "stream_preview"]) == Some(&json!("The user asks a")) {
                event["raw"]["stream_preview"] = json!("Your");
            }
            if at(event, &["raw", "output"]) == Some(&json!(format!("{THOUGHT}{TEXT}"))) {
                event["raw"] = json!({"output": TEXT, "stream_preview": TEXT});
                event["attributes"]["chunk_count"] = json!(9);
                event["attributes"]["preview_chars"] = json!(50);
            }
        })
    },
);

const WHEN: Difference = Difference::attributes(
    "when the first of the reasoning came is told (defects 39, 41)",
    "",
    &["rollout.stream.first_reasoning_s"],
);

#[test]
fn thoughts_and_a_refusal() {
    let provider = streaming(thoughts());
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    program.block_on(async {
        read_all(&openai, &anthropic).await;
        read_chat(&openai).await;
    });
    program.matches(
        "39-stream-reasoning-and-refusal",
        &[
            &OWN_NUMBERS,
            &REASONING_IS_NO_TEXT,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &NO_EMPTY_TEXT,
            &WHEN,
            &CHAT_STREAM,
            &RESPONSES_STREAM,
            &MESSAGES_STREAM,
        ],
    );
}

const LINE: &str = "0123456789 lorem ipsum dolor sit amet. ";

#[rollout::agent("support_agent", skip(client))]
async fn telling(client: &OpenAi, text: &str) -> usize {
    read_chat(client).await
}

const ALL_OF_IT: Difference = Difference::rule(
    "the end of a text is shown while it comes, and in the end all of it (defect 40)",
    |both| {
        let text: String = LINE.chars().cycle().take(10_000).collect();
        both.change(|event| {
            if event["event_type"] == "llm.stream_end" {
                assert_eq!(event["raw"]["output"], text[10_000 - 4096..]);
                event["raw"]["output"] = json!(text);
            }
        })
    },
);

#[test]
fn a_long_text() {
    let text: Vec<char> = LINE.chars().cycle().take(10_000).collect();
    let pieces: Vec<String> = text
        .chunks(50)
        .map(|piece| piece.iter().collect())
        .collect();
    let provider = streaming([stream::chat(&pieces, false)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(telling(&client, "Where is my order?"));
    program.matches(
        "40-stream-long-preview",
        &[
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &ALL_OF_IT,
            &CHAT_STREAM,
        ],
    );
}
