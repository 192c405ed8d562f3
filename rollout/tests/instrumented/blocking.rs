//! Twins that wait: what they return, and that they record the same.

use rollout::protocol::EventType;

use crate::gateway::{BlockingInstrumentedGateway, Gateway, asking, chunks};
use crate::harness::{block_on, record};
use crate::streams::Forms;

fn gateway() -> BlockingInstrumentedGateway {
    rollout::wrap(Gateway::default()).blocking().unwrap()
}

#[test]
fn a_twin_records_what_its_original_does() {
    let blocking = record(|| gateway().complete(&asking("Hello?")).unwrap());
    let gateway = rollout::wrap(Gateway::default());
    let waiting = record(|| block_on(gateway.complete(&asking("Hello?"))).unwrap());
    assert_eq!(blocking.tree(), waiting.tree());
}

#[test]
fn a_stream_becomes_an_iterator() {
    let recorded = record(|| {
        let passed: Vec<_> = gateway().stream(&asking("one two ")).unwrap().collect();
        assert_eq!(passed, chunks("one two "));
    });
    let output = &recorded.only(EventType::LlmStreamEnd).raw.output;
    let output = output.as_ref().unwrap().to_value();
    assert_eq!(output["choices"][0]["message"]["content"], "one two ");
}

#[test]
fn each_form_of_stream_becomes_one() {
    let forms = rollout::wrap(Forms).into_blocking().unwrap();
    let request = asking("one two ");
    let recorded = record(|| {
        let counts = [
            forms.opaque(&request).count(),
            forms.boxed(&request).unwrap().count(),
            forms.named(&request).unwrap().count(),
            forms.future(&request).unwrap().count(),
            forms.boxed_future(&request).unwrap().count(),
        ];
        assert_eq!(counts, [3; 5]);
    });
    let ends = recorded.events.iter();
    let ends = ends.filter(|event| event.event_type() == EventType::LlmStreamEnd);
    assert_eq!(ends.count(), 5);
}

#[test]
fn methods_that_do_not_wait_are_there_as_well() {
    let recorded = record(|| gateway().complete_now(&asking("refuse")).unwrap_err());
    recorded.only(EventType::SpanEnd);
}

#[rollout::agent]
fn ask(gateway: &BlockingInstrumentedGateway) -> usize {
    gateway.complete(&asking("Hello?")).unwrap().choices.len()
}

#[test]
fn what_is_active_stays_so_while_it_waits_also_in_a_runtime() {
    let gateway = rollout::wrap(gateway());
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let recorded = record(|| runtime.block_on(async { ask(&gateway) }));
    let tree = recorded.tree();
    let lines: Vec<_> = tree.lines().collect();
    assert!(lines[0].starts_with("trace ask ok"), "{tree}");
    assert!(
        lines[1].starts_with("  llm openai.chat.completions ok"),
        "{tree}"
    );
}
