//! Services that speak OpenAI's protocol: the examples run as a reader of their first lines does.

mod example;

use example::{Example, shape};
use rollout::show::Status;

#[test]
fn openrouter_is_named_and_the_model_that_failed_is_shown_beside_the_one_that_answered() {
    let example = Example::run("openrouter");
    let asked = example.recorded();
    let expected = r#"
✓ ask
│ in  question: "How long does order 1042 take?"
│ out I can't look up order 1042 from here, but parcels usually arrive within three working days.
├─ ✗ llm openai.chat.completions · openrouter · no-such-model · failed
│    in  user: How long does order 1042 take?
│    OpenAIError 404 model_not_found: 404 Not Found invalid_request_error: The model `no-such-model` does not exist (code: model_not_found)
└─ ✓ llm openai.chat.completions · openrouter · openai/gpt-4.1-mini · 8 → 23 tokens · stop
     in  user: How long does order 1042 take?
     out I can't look up order 1042 from here, but parcels usually arrive within three working days.
2 model calls · 8 → 23 tokens · 1 error"#;
    assert_eq!(shape(&asked), expected.trim_start(), "\n{asked}");
    let [failed, answered] = asked.steps.as_slice() else {
        panic!("{asked}")
    };
    assert_eq!(
        [&failed.status, &answered.status],
        [&Status::Failed, &Status::Ok]
    );
    assert_eq!(answered.provider.as_deref(), Some("openrouter"));
    assert!(!example.events().is_empty());
}

#[test]
fn azure_is_named_and_the_model_behind_the_deployment_is_shown() {
    let example = Example::run("azure");
    let asked = example.recorded();
    let expected = r#"
✓ ask
│ in  deployment: "desk", question: "How long does order 1042 take?"
│ out I can't look up order 1042 from here, but parcels usually arrive within three working days.
└─ ✓ llm openai.chat.completions · azure · desk → gpt-4.1-mini-2025-04-14 · 8 → 23 tokens · stop
     in  user: How long does order 1042 take?
     out I can't look up order 1042 from here, but parcels usually arrive within three working days.
1 model call · 8 → 23 tokens"#;
    assert_eq!(shape(&asked), expected.trim_start(), "\n{asked}");
    let [streamed] = asked.steps.as_slice() else {
        panic!("{asked}")
    };
    assert_eq!(streamed.provider.as_deref(), Some("azure"));
    assert!(streamed.first_token > None && streamed.first_token < streamed.duration);
    let answer = streamed.output.as_ref().unwrap();
    assert!(
        example.printed.contains(&answer.text),
        "{}",
        example.printed
    );
    assert!(!example.events().is_empty());
}
