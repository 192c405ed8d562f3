//! What the model says.

use serde_json::json;

use crate::local_provider::conversation::{Conversation, Message, Tool, Turn};
use crate::local_provider::script::next;

fn conversation(question: &str) -> Conversation {
    let parameters = json!({"properties": {"order": {"type": "string"}}, "required": ["order"]});
    Conversation {
        messages: vec![Message::User(question.into())],
        tools: vec![Tool {
            name: "lookup_order".into(),
            parameters,
        }],
        parallel: true,
        reasoning: false,
    }
}

/// Plays the tool: answers the calls of this turn.
fn answer(conversation: &mut Conversation, turn: &Turn, output: &str) {
    for call in &turn.tool_calls {
        conversation.messages.push(Message::Call(call.clone()));
        let (call_id, output) = (call.id.clone(), output.to_owned());
        conversation
            .messages
            .push(Message::Result { call_id, output });
    }
}

#[test]
fn an_order_is_looked_up_and_the_answer_quotes_the_result() {
    let mut conversation = conversation("Hi, where is my order #1042?");
    let turn = next(&conversation);
    assert_eq!(turn.tool_calls[0].arguments, r#"{"order":"1042"}"#);
    answer(
        &mut conversation,
        &turn,
        r#"{"status":"in_transit","arrives_on":"2026-11-24"}"#,
    );
    assert_eq!(
        next(&conversation).text.unwrap(),
        "Order 1042 is in transit (arrives on: 2026-11-24). Is there anything else I can do \
         for you?"
    );
}

#[test]
fn several_orders_are_looked_up_at_once_unless_that_is_forbidden() {
    let mut conversation = conversation("What about A-1042 and A-1043, please?");
    assert_eq!(next(&conversation).tool_calls.len(), 2);
    conversation.parallel = false;
    for order in ["A-1042", "A-1043"] {
        let turn = next(&conversation);
        assert_eq!(turn.tool_calls.len(), 1);
        assert_eq!(
            turn.tool_calls[0].arguments,
            json!({ "order": order }).to_string()
        );
        answer(&mut conversation, &turn, r#"{"status":"shipped"}"#);
    }
    assert!(
        next(&conversation)
            .text
            .unwrap()
            .contains("A-1043 is shipped.")
    );
}

#[test]
fn failed_lookups_and_plain_text_are_passed_on() {
    for (output, said) in [
        (
            r#"{"error":"no such order"}"#,
            "I could not look up order 1042: no such order.",
        ),
        (
            "Lost at sea.",
            "About order 1042 I found this: Lost at sea.",
        ),
    ] {
        let mut conversation = conversation("Order 1042?");
        let turn = next(&conversation);
        answer(&mut conversation, &turn, output);
        assert!(next(&conversation).text.unwrap().starts_with(said));
    }
}

#[test]
fn without_tools_or_orders_it_talks() {
    let mut conversation = conversation("Hello?");
    assert!(
        next(&conversation)
            .text
            .unwrap()
            .contains("number of your order")
    );
    conversation.tools.clear();
    assert!(next(&conversation).text.unwrap().contains("support desk"));
    conversation.messages = vec![Message::User("Where is 1042?".into())];
    assert!(next(&conversation).text.unwrap().contains("1042"));
}

#[test]
fn arguments_have_the_type_of_the_schema() {
    let mut conversation = conversation("Where is 1042?");
    conversation.tools[0].parameters = json!({"properties": {"no": {"type": "integer"}}});
    assert_eq!(
        next(&conversation).tool_calls[0].arguments,
        r#"{"no":1042}"#
    );
}

#[test]
fn dates_and_short_numbers_are_no_orders() {
    let turn = next(&conversation(
        "On 2026-11-22 I ordered 12 cups and V2 filters",
    ));
    assert!(turn.tool_calls.is_empty());
    let turn = next(&conversation("1042, #1043; ORD-77812, 1042!"));
    let orders: Vec<_> = turn
        .tool_calls
        .iter()
        .map(|call| call.arguments.as_str())
        .collect();
    assert_eq!(
        orders,
        [
            r#"{"order":"1042"}"#,
            r#"{"order":"1043"}"#,
            r#"{"order":"ORD-77812"}"#
        ]
    );
}
