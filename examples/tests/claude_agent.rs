//! The agent over Claude, run as a reader of the README does.

mod example;

use example::{Example, shape};

#[test]
fn the_claude_agent_is_traced_from_end_to_end() {
    let example = Example::run("claude_agent");
    let support = example.recorded();
    let expected = r#"
✓ support
│ in  question: "Where are my orders 1042 and 1099?"
│ out Order 1042 is in transit (expected on: Tuesday). I could not look up order 1099: there is no order 1099. Is there anything else I can do for you?
├─ ✓ llm anthropic.messages · claude-sonnet-4-5 · 43 → 16 tokens · tool_use
│    in  user: Where are my orders 1042 and 1099?
│    → calls lookup_order(number: "1042"), lookup_order(number: "1099")
├─ ✓ tool lookup_order
│    in  number: "1042"
│    out {expected_on: "Tuesday", status: "in transit"}
├─ ✗ tool lookup_order · failed
│    in  number: "1099"
│    String: there is no order 1099
└─ ✓ llm anthropic.messages · claude-sonnet-4-5 · 80 (43 cached) → 37 tokens · end_turn
     in  tool: {"expected_on":"Tuesday","status":"in transit"} {"error":"there is no order 1099"}
     out Order 1042 is in transit (expected on: Tuesday). I could not look up order 1099: there is no order 1099. Is there anything else I can do for you?
2 model calls · 2 tool calls · 123 (43 cached) → 53 tokens · 1 error"#;
    assert_eq!(shape(&support), expected.trim_start(), "\n{support}");

    let [asked, found, missing, answered] = support.steps.as_slice() else {
        panic!("{support}")
    };
    let ids = [found, missing].map(|call| call.tool_call_id.clone());
    let wanted = asked.tool_calls.iter().map(|call| call.id.clone());
    assert!(wanted.eq(ids), "each call is linked to the model's request");
    for streamed in [asked, answered] {
        assert!(streamed.first_token > None && streamed.first_token < streamed.duration);
    }
    // Reads the record, and looks for the key in it.
    assert!(!example.events().is_empty());
}
