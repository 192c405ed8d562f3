//! The examples of one idea each, run as a reader of their first lines does.

mod example;

use example::{Example, shape};

/// Asserts what runs an example recorded; each tree was printed, too.
#[track_caller]
fn assert_shows(name: &str, trees: &[&str]) -> Example {
    let example = Example::run(name);
    let runs = example.runs();
    let shapes: Vec<_> = runs.iter().map(shape).collect();
    let expected: Vec<_> = trees.iter().map(|tree| tree.trim()).collect();
    assert_eq!(shapes, expected, "\n{}", shapes.join("\n\n"));
    for run in &runs {
        let lines = run.tree().width(120).to_string();
        // The first line may be longer.
        let below = lines.split_once('\n').map_or("", |(_, below)| below);
        assert!(example.printed.contains(below), "{}", example.printed);
    }
    example
}

#[test]
fn by_hand() {
    assert_shows(
        "by_hand",
        &[r#"
✓ nightly report · region=eu
│ in  day: "Monday"
│ out one order is in transit, one is missing
├─ ✓ retrieval find orders
│    out [1042, 1099]
└─ ✓ task digest
   ├─ ✓ tool lookup_order
   │    in  number: 1042
   │    out in transit
   ├─ ✗ tool lookup_order · failed
   │    in  number: 1099
   │    io::Error: there is no such order
   └─ ✓ llm local.generate · llama.cpp · qwen3-4b · 120 → 18 tokens
        out One order is in transit, one is missing.
1 model call · 2 tool calls · 120 → 18 tokens · 1 error"#],
    );
}

#[test]
fn tools() {
    let example = assert_shows(
        "tools",
        &[r#"
✓ assistant
│ in  question: "how warm is it?"
│ out ["42", "`n` is missing", "\"HOW WARM IS IT?\"", "sunny, 21 °C"]
├─ ✓ tool double
│    in  n: 21
│    out 42
├─ ✗ tool double · failed
│    in  m: 21
│    String: `n` is missing
├─ ✓ tool shout
│    in  text: "how warm is it?"
│    out HOW WARM IS IT?
└─ ✓ tool get_weather · source=almanac
   │ in  city: "Paris"
   │ out sunny, 21 °C
   └─ ✓ tool celsius
        in  fahrenheit: 70.0
        out 21.11111111111111
5 tool calls · 1 error"#],
    );
    let ids = example.runs().remove(0).steps.into_iter();
    let ids: Vec<_> = ids.filter_map(|call| call.tool_call_id).collect();
    assert_eq!(ids[..3], ["call_1", "call_2", "call_3"]);
}

#[test]
fn streaming() {
    let example = assert_shows(
        "streaming",
        &[
            r#"
✓ answer
│ in  patience: 100, question: "How long does order 1042 take?"
│ out I can't look up order 1042 from here, but parcels usually arrive within three working days.
└─ ✓ llm openai.chat.completions · gpt-4.1-mini · 8 → 23 tokens · stop
     in  user: How long does order 1042 take?
     out I can't look up order 1042 from here, but parcels usually arrive within three working days.
1 model call · 8 → 23 tokens"#,
            r#"
✓ answer
│ in  patience: 9, question: "How long does order 1042 take?"
│ out I can't look up order 1042 from here,
└─ ⊘ llm openai.chat.completions · gpt-4.1-mini · cancelled
     in  user: How long does order 1042 take?
     out I can't look up order 1042 from here,
1 model call"#,
        ],
    );
    assert!(example.printed.contains("on its way: …\"I"));
}

#[test]
fn errors_and_retries() {
    assert_shows(
        "errors_and_retries",
        &["
✓ support
│ in  number: 1042
│ out Order 1042 is in transit.
├─ ✗ tool lookup_order · failed
│    in  attempt: 0, number: 1042
│    Unavailable: the warehouse does not answer: connection reset
├─ ✓ tool lookup_order · 2 attempts
│    in  attempt: 1, number: 1042
│    out in transit
├─ ⊘ task ask_the_carrier · cancelled
└─ ✗ task guess · failed
     panic: no idea
2 tool calls · 2 errors"],
    );
}

#[test]
fn conversation() {
    let example = Example::run("conversation");
    let ids = example.runs().into_iter().map(|run| run.trace_id);
    let outputs = ids.map(|id| format!("│ out {id}\n"));
    let [first, second] = &outputs.collect::<Vec<_>>()[..] else {
        panic!("{}", example.printed)
    };
    let people = "user u_7 · session s_1 · conversation c_1 · topic=delivery";
    assert_shows_each(
        &example,
        &[
            &format!(
                r#"
✓ reply · {people}
│ in  conversation: "c_1", text: "Where is my order?"
{first}├─ · message user: Where is my order?
├─ · message assistant: It arrives on Tuesday.
├─ · identity.update u_7
└─ · feedback thumbs_up: true"#
            ),
            &format!(
                r#"
✓ reply · {people}
│ in  conversation: "c_1", text: "And the other one?"
{second}├─ · message user: And the other one?
├─ · message assistant: It arrives on Tuesday.
├─ · feedback stars: 2 · comment=which other one?
└─ · user.signal asked_for_human: {{after_seconds: 12}}"#
            ),
        ],
    );
}

#[track_caller]
fn assert_shows_each(example: &Example, trees: &[&str]) {
    let shapes: Vec<_> = example.runs().iter().map(shape).collect();
    let expected: Vec<_> = trees.iter().map(|tree| tree.trim()).collect();
    assert_eq!(shapes, expected, "\n{}", shapes.join("\n\n"));
}

#[test]
fn redaction() {
    let example = assert_shows(
        "redaction",
        &[r#"
✓ checkout
│ in  card: "‹card›"
│ out paid with ‹card› receipt goes to ‹address› 4 digits
├─ ✓ task match_faces
└─ ✓ tool pay
     in  card: "‹card›"
     out paid with ‹card› receipt goes to ‹address› 4 digits
1 tool call"#],
    );
    assert!(example.printed.contains("2 events were filtered"));
    let record = serde_json::to_string(&example.events()).unwrap();
    for secret in ["4111", "1234", "ada@", "ada.png", "health_check"] {
        assert!(!record.contains(secret), "{record}");
    }
}

#[test]
fn sampling() {
    let example = Example::run("sampling");
    assert!(example.printed.contains("4 of 20 runs were kept"));
    for number in [1, 2, 11, 14] {
        assert!(example.printed.contains(&format!("· order-{number}\n")));
    }
    assert_eq!(example.printed.matches("tool lookup_order").count(), 4);
    assert_eq!(example.printed.matches("feedback stars").count(), 4);
}

#[test]
fn distributed_trace() {
    assert_shows(
        "distributed_trace",
        &[r#"
✓ answer
│ in  number: 1042
│ out Order 1042 is in transit.
└─ ✓ tool ask_warehouse
   │ in  number: 1042
   │ out in transit
   └─ ✓ agent warehouse
      │ in  path: "/orders/1042"
      │ out in transit
      └─ ✓ retrieval shelves
1 tool call"#],
    );
}

#[test]
fn parallel() {
    assert_shows(
        "parallel",
        &[r#"
✓ research
│ in  question: "How do I reset it?"
│ out 56
├─ ✓ tool search
│    in  millis: 20, source: "manual"
│    out 6
├─ ✓ tool search
│    in  millis: 10, source: "forum"
│    out 5
├─ ✓ tool search
│    in  millis: 5, source: "web"
│    out 3
├─ ✓ task rank
│    out 28
└─ ✓ task rank
     out 56
3 tool calls"#],
    );
}

#[test]
fn blocking() {
    assert_shows(
        "blocking",
        &[r#"
✓ support
│ in  question: "How long does order 1042 take?"
│ out I can't look up order 1042 from here, but parcels usually arrive within three working days.
├─ ✓ llm openai.responses · gpt-4.1-mini · 8 → 23 tokens · completed
│    in  user: How long does order 1042 take?
│    out I can't look up order 1042 from here, but parcels usually arrive within three working days.
└─ ✓ llm openai.responses · gpt-4.1-mini · 8 → 23 tokens · completed
     in  user: How long does order 1042 take?
     out I can't look up order 1042 from here, but parcels usually arrive within three working days.
2 model calls · 16 → 46 tokens"#],
    );
}

#[test]
fn custom_exporter() {
    let example = assert_shows(
        "custom_exporter",
        &[r#"
✓ digest
│ in  models: ["qwen3-4b", "gemma-3n", "qwen3-4b"]
├─ ✓ llm local.generate · llama.cpp · qwen3-4b · 100 tokens
├─ ✓ llm local.generate · llama.cpp · gemma-3n · 101 tokens
└─ ✓ llm local.generate · llama.cpp · qwen3-4b · 102 tokens
3 model calls · 303 tokens"#],
    );
    let books = "gemma-3n: 1 calls, 101 tokens\nqwen3-4b: 2 calls, 202 tokens\n";
    assert!(example.printed.starts_with(books), "{}", example.printed);
}

#[test]
fn tower_layer() {
    let example = assert_shows(
        "tower_layer",
        &[r#"
✓ support
│ in  question: "How long does order 1042 take?"
│ out I can't look up order 1042 from here, but parcels usually arrive within three working days.
└─ ✓ llm openai.responses · gpt-4.1-mini · 8 → 23 tokens · completed · 2 attempts (503)
     in  user: How long does order 1042 take?
     out I can't look up order 1042 from here, but parcels usually arrive within three working days.
1 model call · 8 → 23 tokens"#],
    );
    let attempts = example.runs().remove(0).steps.remove(0).attempts;
    let status: Vec<_> = attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(status, [Some(503), Some(200)]);
}

#[test]
fn tracing_layer() {
    assert_shows(
        "tracing_layer",
        &[r#"
✓ support
│ in  question: "Where is order 1042?"
│ out It is in transit.
├─ ✓ llm chat mistral-small · mistral_ai · mistral-small · 21 → 6 tokens · stop
│    in  user: Where is order 1042?
│    out It is in transit.
└─ ✓ tool lookup_order
     in  number: "1042"
     out in transit
1 model call · 1 tool call · 21 → 6 tokens"#],
    );
}

#[test]
fn otlp() {
    let example = assert_shows(
        "otlp",
        &[r#"
✓ librarian · user u_7 · session s_1 · conversation c_1
│ in  conversation: "c_1", question: "What do you have by Kafka?"
│ out The Trial is lent out, The Castle is there.
├─ ✓ retrieval catalogue
│    in  "What do you have by Kafka?"
│    out ["The Castle", "The Trial"]
├─ ✗ tool lend · failed
│    in  title: "The Trial", to: "u_7"
│    io::Error: The Trial is not there for u_7
└─ ✓ llm local.generate · llama.cpp · qwen3-4b · 120 (100 cached) → 40 (25 reasoning) tokens
     in  user: What do you have by Kafka?
     out {content: "The Trial is lent out, The Castle is there.", role: "assistant"}
1 model call · 1 tool call · 120 (100 cached) → 40 (25 reasoning) tokens · 1 error"#],
    );
    let told = r#"
invoke_agent librarian
  gen_ai.agent.name = librarian
    retrieval catalogue
    execute_tool lend · ERROR
      gen_ai.agent.name = librarian
      gen_ai.tool.call.arguments = {"title":"The Trial","to":"u_7"}
    chat qwen3-4b
      gen_ai.request.model = qwen3-4b
      gen_ai.usage.cache_read.input_tokens = 100
      gen_ai.usage.input_tokens = 120
      gen_ai.usage.reasoning.output_tokens = 25
"#;
    let printed = &example.printed;
    assert!(printed.starts_with(told.trim_start()), "{printed}");
}

#[test]
fn test_an_agent() {
    let example = Example::run("test_an_agent");
    let tree = r#"✓ support
│ in  question: "Where is order 1042?"
│ out Order 1042 is in transit. Is there anything else I can do for you?
├─ ✓ llm openai.chat.completions · gpt-4.1-mini · 29 → 8 tokens · tool_calls
│    in  user: Where is order 1042?
│    → calls lookup_order(number: "1042")
├─ ✓ tool lookup_order
│    in  number: "1042"
│    out {status: "in transit"}
└─ ✓ llm openai.chat.completions · gpt-4.1-mini · 43 (29 cached) → 17 tokens · stop
     in  tool: {"status":"in transit"}
     out Order 1042 is in transit. Is there anything else I can do for you?
2 model calls · 1 tool call · 72 (29 cached) → 25 tokens
"#;
    assert_eq!(
        example.printed,
        format!(
            "{tree}\nAnd what an assertion says that does not hold:\n\nno call of `lookup_order` has \
             the arguments\nexpected: {{\"number\":\"7\"}}\n   found: {{\"number\":\"1042\"}}\n\n{tree}\n"
        )
    );
    assert!(example.runs().is_empty(), "it is in memory only");
}
