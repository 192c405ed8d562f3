//! Options of clients.

use rollout::WrapOptions;
use serde_json::{Value, json};

use super::Program;
use super::difference::{CHAT, MODEL_VERSION, OUTPUT_ONCE, USAGE_ONCE};
use super::provider::{self, answering, asked};

/// Makes a chat completion with a client that was wrapped like this.
fn wrapped(options: WrapOptions, body: Value, request: Value) -> Program {
    let provider = answering([body]);
    let program = Program::start();
    let client = provider::unwrapped(&provider.base_url());
    let client = rollout::wrap_with(client, options);
    program
        .block_on(client.chat().create(asked(request)))
        .unwrap();
    program
}

#[test]
fn without_what_goes_in_and_comes_out() {
    let options = WrapOptions::new().capture_input(false);
    let options = options.capture_output(false);
    let program = wrapped(options, provider::chat(1), json!({}));
    program.matches("61-capture-off", &[&USAGE_ONCE, &MODEL_VERSION, &CHAT]);
}

#[test]
fn a_gateway_that_an_attribute_names() {
    let options = WrapOptions::new()
        .attribute("provider", "openrouter")
        .attribute("route", "x");
    let model = json!({"model": "openai/gpt-4o-mini"});
    let mut body = provider::chat(1);
    body["model"] = model["model"].clone();
    let program = wrapped(options, body, model);
    program.matches(
        "63-attributes-openrouter",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &CHAT],
    );
}

#[test]
fn a_client_that_is_wrapped_twice() {
    let provider = answering([provider::chat(1)]);
    let program = Program::start();
    let client = provider::unwrapped(&provider.base_url());
    let client = rollout::wrap_with(client, WrapOptions::new().attribute("first", true));
    let client = rollout::wrap_with(client, WrapOptions::new().attribute("second", true));
    program
        .block_on(client.chat().create(asked(json!({}))))
        .unwrap();
    program.matches(
        "64-wrap-twice",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &CHAT],
    );
}
