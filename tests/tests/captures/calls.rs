//! Calls to a model that are answered in one piece.

use std::time::Duration;

use rollout::anthropic::Client as Anthropic;
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::Program;
use super::difference::{
    CHAT, CHAT_WITHOUT_USAGE, Difference, MESSAGES, MESSAGES_WITHOUT_USAGE, MODEL_VERSION,
    OUTPUT_ONCE, REASONING, RESPONSE_TYPES, RESPONSES, TOOL_CALLS, TOOLS_OFFERED, USAGE_ONCE, at,
    remove,
};
use super::provider::{self, OpenAi, TEXT, answering, anthropic, asked, openai, respond};

#[rollout::agent("support_agent", skip(client))]
async fn chatting(client: &OpenAi, text: &str) -> Option<String> {
    let more = json!({"temperature": 0.2, "reasoning_effort": "low"});
    let answer = client.chat().create(asked(more)).await.unwrap();
    answer.choices[0].message.content.clone()
}

#[test]
fn a_chat_completion_in_an_agent() {
    let provider = answering([provider::chat(1)]);
    let program = Program::start();
    let client = openai(&provider);
    let answer = program.block_on(chatting(&client, "Where is my order?"));
    assert_eq!(answer.as_deref(), Some(TEXT));
    program.matches(
        "20-openai-chat-in-agent",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &CHAT, &REASONING],
    );
}

#[test]
fn a_chat_completion_alone() {
    let provider = answering([provider::chat(1)]);
    let program = Program::start();
    let client = openai(&provider);
    program
        .block_on(client.chat().create(asked(json!({}))))
        .unwrap();
    program.matches(
        "21-openai-chat-implicit",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &CHAT],
    );
}

#[rollout::agent("support_agent", skip(client))]
async fn responding(client: &OpenAi, text: &str) -> Option<String> {
    let more = json!({"reasoning": {"effort": "high"}});
    let answer = client.responses().create(respond(text, more)).await;
    answer.unwrap().output_text()
}

#[test]
fn a_response_in_an_agent() {
    let provider = answering([provider::reasoned_response(1)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(responding(&client, "Where is my order?"));
    program.matches(
        "22-openai-responses-in-agent",
        &[
            &MODEL_VERSION,
            &OUTPUT_ONCE,
            &USAGE_ONCE,
            &RESPONSES,
            &RESPONSE_TYPES,
            &REASONING,
        ],
    );
}

#[test]
fn a_response_alone() {
    let provider = answering([provider::response(1)]);
    let program = Program::start();
    let client = openai(&provider);
    let request = respond("Where is my order?", json!({}));
    program
        .block_on(client.responses().create(request))
        .unwrap();
    program.matches(
        "23-openai-responses-implicit",
        &[
            &MODEL_VERSION,
            &OUTPUT_ONCE,
            &USAGE_ONCE,
            &RESPONSES,
            &RESPONSE_TYPES,
        ],
    );
}

#[rollout::agent("support_agent", skip(client))]
async fn thinking(client: &Anthropic, text: &str) -> Value {
    use claude_api::messages::{CreateMessageRequest, ThinkingConfig};
    let tool = json!({"name": "get_weather", "input_schema": {"type": "object", "properties": {}}});
    let request = CreateMessageRequest::builder()
        .model(anthropic::MODEL)
        .max_tokens(2048)
        .user(text)
        .system("Be brief.")
        .thinking(ThinkingConfig::enabled(1024))
        .tools(vec![serde_json::from_value(tool).unwrap()])
        .build()
        .unwrap();
    let answer = client.messages().create(request).await.unwrap();
    serde_json::to_value(&answer.content[1]).unwrap()["text"].take()
}

#[test]
fn a_message_in_an_agent() {
    let provider = answering([anthropic::thought(1)]);
    let program = Program::start();
    let client = anthropic::client(&provider);
    program.block_on(thinking(&client, "Where is my order?"));
    program.matches(
        "24-anthropic-messages-in-agent",
        &[
            &MODEL_VERSION,
            &OUTPUT_ONCE,
            &USAGE_ONCE,
            &MESSAGES,
            &REASONING,
            &TOOLS_OFFERED,
        ],
    );
}

#[test]
fn a_message_alone() {
    let provider = answering([anthropic::message(1)]);
    let program = Program::start();
    let client = anthropic::client(&provider);
    let call = client.messages();
    program.block_on(call.create(anthropic::asked())).unwrap();
    program.matches(
        "25-anthropic-messages-implicit",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &MESSAGES],
    );
}

/// Every client of these is asynchronous; the blocking one is the same.
#[test]
fn a_message_of_a_blocking_client() {
    let provider = answering([anthropic::message(1)]);
    let program = Program::start();
    let client = claude_api::blocking::Client::builder()
        .api_key("sk-ant-test")
        .base_url(provider.url());
    let client = rollout::wrap(client.build().unwrap());
    program
        .run(|| client.messages().create(anthropic::asked()))
        .unwrap();
    program.matches(
        "27-anthropic-async-implicit",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &MESSAGES],
    );
}

#[rollout::agent("run", skip(client, provider))]
async fn gathering(client: &OpenAi, provider: &ScriptedProvider, text: &str) -> &'static str {
    client.chat().create(asked(json!({}))).await.unwrap();
    let responses = client.responses();
    let (first, second) = futures::join!(responses.create(respond("a", json!({}))), async {
        // Else it is chance which of both arrives first.
        while provider.requests().len() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        responses.create(respond("b", json!({}))).await
    });
    assert!(first.is_ok() && second.is_ok());
    "done"
}

#[test]
fn calls_side_by_side() {
    let provider = ScriptedProvider::start([
        Reply::json(provider::chat(1)),
        Reply::json(provider::response(2)).after(Duration::from_millis(500)),
        Reply::json(provider::response(3)).after(Duration::from_millis(1000)),
    ]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(gathering(&client, &provider, "x"));
    program.matches(
        "26-openai-async-in-agent",
        &[
            &MODEL_VERSION,
            &OUTPUT_ONCE,
            &USAGE_ONCE,
            &CHAT,
            &RESPONSES,
            &RESPONSE_TYPES,
        ],
    );
}

#[rollout::agent("run", skip(openai, anthropic))]
async fn wanting_tools(openai: &OpenAi, anthropic: &Anthropic) {
    openai.chat().create(asked(json!({}))).await.unwrap();
    let request = respond("hi", json!({}));
    openai.responses().create(request).await.unwrap();
    let request = anthropic::asked();
    anthropic.messages().create(request).await.unwrap();
}

#[test]
fn answers_that_want_tools() {
    let provider = answering([
        provider::chat_calls(1),
        provider::response_calls(2),
        anthropic::calls(3),
    ]);
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    program.block_on(wanting_tools(&openai, &anthropic));
    program.matches(
        "28-openai-tool-calls-response",
        &[
            &MODEL_VERSION,
            &OUTPUT_ONCE,
            &USAGE_ONCE,
            &CHAT,
            &RESPONSES,
            &RESPONSE_TYPES,
            &MESSAGES,
            &TOOL_CALLS,
        ],
    );
}

const TYPED_USAGE: Difference = Difference::rule(
    "an answer is as the client's types have it: claude-api's says zero where nothing is said of \
     usage, async-openai's null",
    |both| {
        both.change_ours(|event| {
            let zero = json!({"input_tokens": 0, "output_tokens": 0});
            let usage = ["raw", "output", "usage"];
            match at(event, &usage) {
                Some(Value::Null) => {}
                Some(usage) if *usage == zero && event["usage"] == zero => {
                    event.remove("usage");
                }
                _ => return,
            }
            remove(event, &usage);
        })
    },
);

#[test]
fn answers_that_say_nothing_of_usage() {
    let (mut chat, mut message) = (provider::chat(1), anthropic::message(2));
    for body in [&mut chat, &mut message] {
        body.as_object_mut().unwrap().remove("usage");
    }
    let provider = answering([chat, message]);
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    let trace = program.rollout.trace("t").start();
    program.block_on(trace.instrument(async {
        openai.chat().create(asked(json!({}))).await.unwrap();
        let answer = anthropic.messages().create(anthropic::asked()).await;
        answer.unwrap();
    }));
    trace.end();
    program.matches(
        "29-usage-missing",
        &[
            &OUTPUT_ONCE,
            &MODEL_VERSION,
            &CHAT_WITHOUT_USAGE,
            &MESSAGES_WITHOUT_USAGE,
            &TYPED_USAGE,
        ],
    );
}
