//! The support agent, run as a reader of the README does.

mod example;

use example::{Example, shape};
use rollout::show::Status;

#[test]
fn the_support_agent_is_traced_from_end_to_end() {
    let example = Example::run("support_agent");
    let support = example.recorded();
    let expected = r#"
✓ support
│ in  question: "Where are my orders 1042 and 1099?"
│ out Order 1042 is in transit (expected on: Tuesday). I could not look up order 1099: there is no order 1099. Is there anything else I can do for you?
├─ ✓ llm openai.chat.completions · gpt-4.1-mini · 43 → 16 tokens · tool_calls
│    in  user: Where are my orders 1042 and 1099?
│    → calls lookup_order(number: "1042"), lookup_order(number: "1099")
├─ ✓ tool lookup_order
│    in  number: "1042"
│    out {expected_on: "Tuesday", status: "in transit"}
├─ ✗ tool lookup_order · failed
│    in  number: "1099"
│    NoSuchOrder: there is no order 1099
├─ ✓ llm openai.chat.completions · gpt-4.1-mini · 80 (43 cached) → 37 tokens · stop
│    in  tool: {"error":"there is no order 1099"}
│    out Order 1042 is in transit (expected on: Tuesday). I could not look up order 1099: there is no order 1099. Is there anything else I can do for you?
└─ ✓ task note_down
   └─ ✓ llm openai.responses · gpt-4.1-mini · 58 → 30 tokens · completed
        in  user: Customer: Where are my orders 1042 and 1099? Desk: Order 1042 is in transit (expected on: Tuesday). I could not look up order 1099: there is no order 1099. Is there anything else I…
        out The customer asked "Where are my orders 1042 and 1099?" and was told: Order 1042 is in transit (expected on: Tuesday).
3 model calls · 2 tool calls · 181 (43 cached) → 83 tokens · 1 error"#;
    assert_eq!(shape(&support), expected.trim_start(), "\n{support}");

    let [asked, found, missing, _, noted] = support.steps.as_slice() else {
        panic!("{support}")
    };
    assert_eq!(found.status, Status::Ok);
    let ids = [found, missing].map(|call| call.tool_call_id.clone());
    let wanted = asked.tool_calls.iter().map(|call| call.id.clone());
    assert!(wanted.eq(ids), "each call is linked to the model's request");
    let [streamed] = noted.steps.as_slice() else {
        panic!("{noted:?}")
    };
    assert!(streamed.first_token > None && streamed.first_token < streamed.duration);

    let events = example.events();
    assert!(!events.is_empty());
    let mut sequence: Vec<_> = events
        .iter()
        .map(|event| event["sequence"].as_u64().unwrap())
        .collect();
    sequence.sort_unstable();
    assert!(sequence.into_iter().eq(1..=events.len() as u64));
}
