//! The responses API, with the client that most programs use.

use async_openai::types::responses::{
    CreateResponse, OutputItem, Response, ResponseStreamEvent, Status, SummaryPart,
};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::{Client, start};

fn request(input: Value, more: Value) -> CreateResponse {
    let mut request = json!({"model": "gpt-4.1-mini", "input": input});
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    serde_json::from_value(request).unwrap()
}

fn tools() -> Value {
    let parameters = json!({
        "type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"],
    });
    json!([{"type": "function", "name": "lookup_order", "parameters": parameters, "strict": true}])
}

async fn create(client: &Client, input: Value, more: Value) -> Response {
    client
        .responses()
        .create(request(input, more))
        .await
        .unwrap()
}

/// Returns the events, and the response that the last one holds.
async fn stream(client: &Client, input: Value, more: Value) -> (Vec<Value>, Response) {
    let stream = client
        .responses()
        .create_stream(request(input, more))
        .await
        .unwrap();
    let events: Vec<ResponseStreamEvent> = stream.map(Result::unwrap).collect().await;
    let Some(ResponseStreamEvent::ResponseCompleted(last)) = events.last() else {
        panic!()
    };
    let response = last.response.clone();
    (
        events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .collect(),
        response,
    )
}

fn calls(response: &Response) -> Vec<Value> {
    let calls = response
        .output
        .iter()
        .filter(|item| matches!(item, OutputItem::FunctionCall(_)));
    calls
        .map(|call| serde_json::to_value(call).unwrap())
        .collect()
}

fn output_of(call: &Value) -> Value {
    let output = r#"{"status": "shipped", "arrival_date": "2026-11-24"}"#;
    json!({"type": "function_call_output", "call_id": call["call_id"], "output": output})
}

#[tokio::test]
async fn an_agent_loop_ends_in_an_answer_that_quotes_the_tools() {
    let (_provider, client) = start().await;
    let question = json!({"role": "user", "content": "Where are my orders 1042 and 1043?"});
    let options = json!({"tools": tools(), "instructions": "You are the support desk."});
    let first = create(&client, json!([question]), options.clone()).await;
    assert_eq!(first.status, Status::Completed);
    let calls = calls(&first);
    assert_eq!(calls.len(), 2);

    let mut input = vec![question];
    input.extend(calls.iter().cloned());
    input.extend(calls.iter().map(output_of));
    let second = create(&client, json!(input), options).await;
    let text = second.output_text().unwrap();
    assert!(
        text.contains("Order 1042 is shipped (arrival date: 2026-11-24)."),
        "{text}"
    );
    let (first, second) = (first.usage.unwrap(), second.usage.unwrap());
    assert_eq!(first.input_tokens_details.cached_tokens, 0);
    assert_eq!(
        second.input_tokens_details.cached_tokens,
        first.input_tokens
    );
}

#[tokio::test]
async fn what_was_said_can_be_referred_to() {
    let (_provider, client) = start().await;
    let first = create(
        &client,
        json!("Where is order 1042?"),
        json!({"tools": tools()}),
    )
    .await;
    let input = json!([output_of(&calls(&first)[0])]);
    let options = json!({"tools": tools(), "previous_response_id": first.id});
    let second = create(&client, input, options).await;
    assert!(
        second
            .output_text()
            .unwrap()
            .contains("Order 1042 is shipped")
    );

    let unknown = request(
        json!("Hello"),
        json!({"previous_response_id": "resp_unknown"}),
    );
    assert!(client.responses().create(unknown).await.is_err());
}

#[tokio::test]
async fn reasoning_is_an_item_with_a_summary() {
    let (_provider, client) = start().await;
    let options = json!({"reasoning": {"effort": "low", "summary": "auto"}});
    let response = create(&client, json!("Where is order 1042?"), options).await;
    let OutputItem::Reasoning(item) = &response.output[0] else {
        panic!("{:?}", response.output)
    };
    let SummaryPart::SummaryText(summary) = &item.summary[0];
    assert!(summary.text.contains("1042"));
    assert!(
        response
            .usage
            .unwrap()
            .output_tokens_details
            .reasoning_tokens
            > 0
    );
}

#[tokio::test]
async fn a_stream_ends_with_the_whole_answer() {
    let (_provider, client) = start().await;
    let options = json!({"reasoning": {"effort": "low"}});
    let whole = create(&client, json!("Where is order 1042?"), options.clone()).await;
    let (events, streamed) = stream(&client, json!("Where is order 1042?"), options).await;
    assert_eq!(streamed.output_text(), whole.output_text());
    assert_eq!(streamed.usage, whole.usage);

    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    let deltas = |kind: &str| {
        let of_kind = events.iter().filter(|event| event["type"] == kind);
        of_kind
            .map(|event| event["delta"].as_str().unwrap())
            .collect::<String>()
    };
    assert_eq!(
        Some(deltas("response.output_text.delta")),
        whole.output_text()
    );
    assert!(deltas("response.reasoning_summary_text.delta").contains("1042"));

    let mut kinds: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

#[tokio::test]
async fn calls_are_streamed_bit_by_bit() {
    let (_provider, client) = start().await;
    let options = json!({"tools": tools()});
    let (events, response) = stream(&client, json!("Where are 1042 and 1043?"), options).await;
    let calls = calls(&response);
    assert_eq!(calls.len(), 2);
    for (index, call) in calls.iter().enumerate() {
        let delta = |event: &&Value| {
            event["type"] == "response.function_call_arguments.delta"
                && event["output_index"] == index
        };
        let deltas = events
            .iter()
            .filter(delta)
            .map(|event| event["delta"].as_str().unwrap());
        assert_eq!(
            deltas.collect::<String>(),
            call["arguments"].as_str().unwrap()
        );
    }
}
