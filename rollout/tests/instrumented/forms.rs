//! Clients and methods of every shape.

use std::borrow::Cow;
use std::fmt::Display;

use rollout::protocol::EventType;
use rollout::{Instrumented, Rollout};
use serde::Serialize;
use serde_json::{Value, json};

use crate::harness::{block_on, record};

/// What a client talks over.
trait Transport {
    fn send(&self, body: Value) -> Value;
}

#[derive(Clone, Default)]
struct Echo;

impl Transport for Echo {
    fn send(&self, body: Value) -> Value {
        let message = json!({"role": "assistant", "content": body.to_string()});
        json!({"model": body["model"], "choices": [{"index": 0, "message": message}]})
    }
}

#[derive(Serialize)]
struct Borrowed<'a> {
    model: &'a str,
    messages: [&'a str; 1],
}

#[derive(Instrumented)]
#[instrumented(provider = "openai", wrapper = Watched)]
#[instrumented(
    chat(request = body, name = "ask", capture_input = false):
    pub(self) fn ask<P: Display>(&mut self, prefix: P, body: Borrowed<'_>) -> Result<Cow<'b, Value>, String>
)]
struct Generic<'b, T: Transport = Echo, const RETRIES: usize = 2>
where
    T: Clone,
{
    transport: T,
    name: &'b str,
    calls: usize,
}

impl<'b, T: Transport + Clone, const RETRIES: usize> Generic<'b, T, RETRIES> {
    fn ask<P: Display>(&mut self, prefix: P, body: Borrowed<'_>) -> Result<Cow<'b, Value>, String> {
        self.calls += RETRIES;
        let text = format!("{prefix} {} {}", self.name, body.messages[0]);
        Ok(Cow::Owned(
            self.transport
                .send(json!({"model": body.model, "text": text})),
        ))
    }
}

#[test]
fn generics_lifetimes_constants_and_further_arguments_are_the_clients_own() {
    let name = String::from("echo");
    let client: Generic<'_, Echo, 3> = Generic {
        transport: Echo,
        name: &name,
        calls: 0,
    };
    let mut watched: Watched<'_, Echo, 3> = rollout::wrap(client);
    let recorded = record(|| {
        let text = String::from("Hello?");
        let body = Borrowed {
            model: "small",
            messages: [&text],
        };
        watched.ask(1, body).unwrap();
    });
    let end = recorded.only(EventType::SpanEnd);
    assert_eq!(end.name.as_deref(), Some("ask"));
    assert_eq!(end.model.model.as_deref(), Some("small"));
    let output = end.raw.output.as_ref().unwrap().to_value().to_string();
    assert!(output.contains("1 echo Hello?"), "{output}");
    let shown = recorded
        .events
        .iter()
        .any(|event| event.raw.input.is_some());
    assert!(!shown, "its requests are not captured");
    assert_eq!(watched.inner().calls, 3);
}

/// A client that gives itself back, and one whose methods are a trait's.
#[derive(Debug, Default, Instrumented)]
#[instrumented(provider = "anthropic")]
#[instrumented(messages: fn consume(self, request: Value) -> Result<Value, std::convert::Infallible>)]
#[instrumented(messages: async fn create(&self, request: Value) -> Value)]
#[instrumented(messages: fn r#try(&self, request: &<Self as Model>::Request) -> <Self as Model>::Answer)]
struct r#Trait;

trait Model {
    type Request;
    type Answer;

    async fn create(&self, request: Value) -> Value;

    fn r#try(&self, request: &Self::Request) -> Self::Answer;
}

impl Model for Trait {
    type Request = Value;
    type Answer = Value;

    async fn create(&self, request: Value) -> Value {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": request["model"],
            "content": [{"type": "text", "text": "Soon."}], "stop_reason": "end_turn",
            "usage": {"input_tokens": 11, "output_tokens": 2},
        })
    }

    fn r#try(&self, request: &Value) -> Value {
        block_on(self.create(request.clone()))
    }
}

impl Trait {
    fn consume(self, request: Value) -> Result<Value, std::convert::Infallible> {
        Ok(self.r#try(&request))
    }
}

#[test]
fn methods_may_consume_the_client_or_be_a_traits() {
    let request = || json!({"model": "claude", "max_tokens": 16, "messages": []});
    let recorded = record(|| {
        let client = rollout::wrap(Trait);
        block_on(client.create(request()));
        client.r#try(&request());
        client.consume(request())
    });
    let ends: Vec<_> = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanEnd)
        .collect();
    assert_eq!(ends.len(), 3);
    for end in ends {
        assert_eq!(end.name.as_deref(), Some("anthropic.messages"));
        assert_eq!(end.model.provider.as_deref(), Some("anthropic"));
        assert_eq!(end.usage.input_tokens, Some(11));
    }
}

/// A client whose trait has no word on threads: its future is as free as its own.
#[test]
fn futures_are_send_where_the_clients_own_are() {
    fn check(future: impl Send) -> impl Send {
        future
    }
    let rollout = Rollout::builder().disabled(true).build().unwrap();
    let gateway = rollout.wrap(crate::gateway::Gateway::default());
    let request = crate::gateway::asking("Hello?");
    drop(check(gateway.complete(&request)));
    drop(check(gateway.stream(&request)));
}
