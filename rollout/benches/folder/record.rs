//! Runs as an agent makes them: calls to models with prompts and answers, calls of tools, some of which fail.

use std::io;
use std::path::Path;
use std::time::Duration;

use rollout::{Trace, usage_from_openai};
use serde_json::json;

/// So many spans has a run.
const EACH: usize = 10;

/// Records so many spans, and returns in how many runs.
pub(crate) fn record(dir: &Path, spans: usize) -> usize {
    let rollout = rollout::builder()
        .without_environment()
        .local_dir(dir)
        .build()
        .unwrap();
    let runs = spans.div_ceil(EACH);
    for index in 0..runs {
        let run = rollout
            .trace("support")
            .user_id(format!("u_{}", index % 50))
            .input(&json!({"question": format!("Where is order {index} now?")}));
        let mut run = run.start();
        for number in 0..EACH.min(spans - index * EACH) {
            step(&run, index, number);
        }
        run.record_output("It is on its way.");
        run.end();
        // Nothing waits for long, so that nothing is dropped.
        if index % 10 == 0 {
            rollout.flush(Duration::from_secs(60)).unwrap();
        }
    }
    let stats = rollout.shutdown();
    assert_eq!(stats.dropped.total(), 0, "all is recorded");
    runs
}

fn step(run: &Trace, index: usize, number: usize) {
    let said = "The customer asks where the parcel is, and was told to wait. ".repeat(8);
    if number % 3 == 2 {
        let mut call = run
            .tool("lookup_order")
            .input(&json!({"order": index}))
            .start();
        if (index + number).is_multiple_of(97) {
            call.record_error(&io::Error::other("the shop did not answer"));
        } else {
            call.record_output(&said);
        }
        return;
    }
    let model = if index.is_multiple_of(4) {
        "gpt-4.1-mini"
    } else {
        "gpt-4.1"
    };
    let call = run
        .llm("openai.chat.completions")
        .provider("openai")
        .model(model);
    let asked = json!({"model": model, "messages": [{"role": "user", "content": said}]});
    let mut call = call.input(&asked).start();
    call.set_usage(usage_from_openai(&json!({
        "prompt_tokens": 1_000 + index % 500, "completion_tokens": number * 10, "total_tokens": 1_000 + index % 500 + number * 10,
    })));
    call.record_output(&said);
}
