//! A rig agent as its users write them, with nothing of rollout in it.

use rig_core::client::CompletionClient as _;
use rig_core::completion::Prompt as _;
use rig_core::providers::openai;
use rig_core::tool::Tool;
use rollout_tests::provider::openai as wire;
use rollout_tests::{Reply, ScriptedProvider};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::Instrument as _;

use crate::recorded;

struct LookupOrder;

#[derive(Deserialize)]
struct Order {
    number: u32,
}

#[derive(Debug)]
struct NoSuchOrder;

impl std::fmt::Display for NoSuchOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no such order")
    }
}

impl std::error::Error for NoSuchOrder {}

impl Tool for LookupOrder {
    const NAME: &'static str = "lookup_order";
    type Error = NoSuchOrder;
    type Args = Order;
    type Output = String;

    fn description(&self) -> String {
        "Looks up an order".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({"type": "object", "properties": {"number": {"type": "integer"}}})
    }

    async fn call(&self, order: Order) -> Result<String, NoSuchOrder> {
        if order.number == 1042 {
            Ok("in transit".to_owned())
        } else {
            Err(NoSuchOrder)
        }
    }
}

async fn ask(url: &str) -> String {
    let client = openai::Client::builder()
        .api_key("sk-canary0000000000000000")
        .base_url(url)
        .build()
        .unwrap()
        .completions_api();
    let agent = client
        .agent("gpt-4.1-mini")
        .name("desk")
        .preamble("You help customers.")
        .tool(LookupOrder)
        .build();
    agent
        .prompt("Where is order 1042?")
        .max_turns(3)
        .await
        .unwrap()
}

fn provider() -> ScriptedProvider {
    let call = |id, number: u32| (id, "lookup_order", json!({"number": number}));
    let calls = wire::calls([call("call_1", 1042), call("call_2", 7)]);
    ScriptedProvider::start([
        Reply::json(wire::chat(&calls)),
        Reply::json(wire::chat(&wire::answer("It is in transit."))),
    ])
}

fn run(program: impl Future<Output = String>) -> String {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(program)
}

#[test]
fn an_unmodified_agent_is_one_tree_with_its_calls_and_tools() {
    let provider = provider();
    let recording = recorded(|| {
        assert_eq!(run(ask(&provider.base_url())), "It is in transit.");
    });
    let run = recording.run();
    assert_eq!(run.name, "desk");
    let calls = run.llm_calls();
    assert_eq!(calls.len(), 2);
    for call in &calls {
        call.assert_ok();
        assert_eq!(call.model.as_deref(), Some("gpt-4.1-mini"));
        assert!(call.usage.input_tokens.is_some());
    }
    assert_eq!(run.tools().len(), 2);
    run.assert_tool_called("lookup_order")
        .with_arguments(json!({"number": 1042}))
        .assert_ok()
        .once();
    run.assert_tool_called("lookup_order")
        .with_arguments(json!({"number": 7}))
        .once();
    assert!(!format!("{:?}", recording.events()).contains("canary"));
}

#[test]
fn in_a_span_of_the_program_and_in_an_agent_of_ours() {
    let provider = provider();
    let recording = recorded(|| {
        let request = tracing::info_span!("GET /answer");
        run(ask(&provider.base_url()).instrument(request));
    });
    assert_eq!(recording.run().name, "GET /answer");
    assert_eq!(recording.run().llm_calls().len(), 2);
    assert_eq!(recording.run().tools().len(), 2);

    #[rollout::agent(skip(url))]
    async fn support(url: &str) -> String {
        ask(url).await
    }
    let provider = self::provider();
    let recording = recorded(|| {
        run(support(&provider.base_url()));
    });
    assert_eq!(recording.run().name, "support");
    assert_eq!(recording.run().llm_calls().len(), 2);
    assert_eq!(recording.run().tools().len(), 2);
}
