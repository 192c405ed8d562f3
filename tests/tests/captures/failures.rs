//! Calls to a model that go wrong.

use async_openai::error::OpenAIError;
use rollout_tests::{NOBODY, Reply, ScriptedProvider};
use serde_json::json;

use super::Program;
use super::difference::{
    CHAT_REQUEST, Difference, ERROR_OF_CLIENT, ERROR_SIGNATURE, ERROR_TYPE, MESSAGE_REQUEST,
    RESPONSE_REQUEST,
};
use super::provider::{OpenAi, anthropic, asked, openai, openai_once, respond};

pub(crate) fn refused(status: u16, message: &str) -> Reply {
    let error = json!({"message": message, "type": "mock_error", "param": null, "code": null});
    Reply::json(json!({"error": error})).with_status(status)
}

async fn chat(client: &OpenAi) -> Result<(), OpenAIError> {
    client.chat().create(asked(json!({}))).await.map(drop)
}

#[rollout::agent("support_agent", skip(client))]
async fn chatting(client: &OpenAi, text: &str) -> Result<(), OpenAIError> {
    chat(client).await
}

pub(crate) const REFUSED: Difference = Difference::attributes(
    "what the server said of an error is told: its status, its kind (defect 53)",
    "",
    &["http.response.status_code", "rollout.error.kind"],
);

pub(crate) const SOURCES: Difference = Difference::attributes(
    "what is behind an error is told (defect 53)",
    "",
    &["rollout.error.sources"],
);

#[test]
fn a_request_that_is_refused() {
    let refusal = refused(400, "Mock invalid request");
    let provider = ScriptedProvider::start([refusal.clone(), refusal]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(async {
        chatting(&client, "Where is my order?").await.unwrap_err();
        chat(&client).await.unwrap_err();
    });
    program.matches(
        "50-openai-http-400",
        &[
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &REFUSED,
            &CHAT_REQUEST,
        ],
    );
}

#[rollout::agent("support_agent", skip(client))]
async fn catching(client: &OpenAi, text: &str) -> &'static str {
    let request = respond("hi", json!({}));
    match client.responses().create(request).await {
        Ok(_) => "answered",
        Err(_) => "InternalServerError",
    }
}

#[test]
fn a_server_that_fails() {
    let provider = ScriptedProvider::start([refused(500, "Mock internal server error")]);
    let program = Program::start();
    let client = openai_once(&provider.base_url());
    program.block_on(catching(&client, "Where is my order?"));
    program.matches(
        "51-openai-http-500",
        &[
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &REFUSED,
            &RESPONSE_REQUEST,
        ],
    );
}

#[test]
fn messages_that_are_refused() {
    let refusal = |status: u16, kind: &str, message: &str| {
        let error = json!({"type": kind, "message": message});
        let body = json!({"type": "error", "error": error, "request_id": "req_mock"});
        Reply::json(body).with_status(status)
    };
    let provider = ScriptedProvider::start([
        refusal(400, "invalid_request_error", "Mock invalid request"),
        refusal(500, "api_error", "Mock internal server error"),
    ]);
    let program = Program::start();
    let client = anthropic::client(&provider);
    program.block_on(async {
        for _ in 0..2 {
            let answer = client.messages().create(anthropic::asked()).await;
            answer.unwrap_err();
        }
    });
    program.matches(
        "52-anthropic-http-400-and-500",
        &[
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &REFUSED,
            &MESSAGE_REQUEST,
        ],
    );
}

#[test]
fn nobody_there() {
    let program = Program::start();
    let client = openai_once(&format!("http://{NOBODY}/v1"));
    let messages = rollout::wrap(anthropic::unwrapped(&format!("http://{NOBODY}")));
    program.block_on(async {
        chat(&client).await.unwrap_err();
        let request = respond("hi", json!({}));
        client.responses().create(request).await.unwrap_err();
        let answer = messages.messages().create(anthropic::asked()).await;
        answer.unwrap_err();
    });
    program.matches(
        "53-connection-refused",
        &[
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &SOURCES,
            &CHAT_REQUEST,
            &RESPONSE_REQUEST,
            &MESSAGE_REQUEST,
        ],
    );
}
