//! What programs tell beside traces and spans.

use rollout::TraceId;
use rollout::protocol::{Event, EventType};
use serde_json::{Map, Value, json};

use super::Program;
use super::difference::{Difference, EXTERNAL_ID, GIVEN_IDS, NO_NUMBER};

const MERGED: Difference = Difference::rule(
    "a user's scope inside another one keeps what it does not say itself (defect 51)",
    |both| {
        both.change(|event| {
            if event.get("name") == Some(&json!("t2")) {
                event["context"]["user_traits"] = json!({"plan": "free"});
                event["context"]["account_traits"] = json!({"seats": 1});
            }
        })
    },
);

#[test]
fn users() {
    let program = Program::start();
    program.run(|| {
        rollout::identify_user("cus_1")
            .with_trait("plan", "pro")
            .account_id("acc_1")
            .with_account_trait("seats", 5)
            .record();
        rollout::identify_user("cus_2")
            .trace_id(TraceId::random())
            .record();
        let _user = rollout::user("cus_3")
            .with_trait("plan", "free")
            .account_id("acc_3")
            .with_account_trait("seats", 1)
            .session_id("s3")
            .conversation_id("c3")
            .enter();
        let trace = rollout::trace("t1").session_id("override").start();
        trace.in_scope(|| {
            rollout::identify_user("cus_4").record();
            rollout::identify_user("cus_5")
                .with_trait("vip", true)
                .record();
        });
        trace.end();
        let _session = rollout::user("cus_3").session_id("s4").enter();
        rollout::trace("t2").start().end();
    });
    program.matches("17-identity", &[&GIVEN_IDS, &NO_NUMBER, &MERGED]);
}

#[test]
fn judgements_and_signals() {
    let program = Program::start();
    program.run(|| {
        let trace = rollout::trace("t").external_trace_id("req_1").start();
        trace.in_scope(|| rollout::feedback("csat", 5).record());
        trace.feedback("thumbs_up", true).record();
        trace.signal("escalated_to_human", false).record();
        trace.in_scope(|| {
            rollout::span("step").start().in_scope(|| {
                rollout::signal("clicked", json!({"button": "a"}))
                    .attribute("page", "p")
                    .record();
            });
        });
        trace.end();
        rollout::feedback("csat", 4.5)
            .trace_id(TraceId::random())
            .attribute("comment", "ok")
            .record();
        rollout::signal("order_placed", json!({"id": 1}))
            .external_trace_id("req_1")
            .record();
        // The reference raises in the program here.
        rollout::feedback("csat", 5).record();
    });
    assert_eq!(program.rollout.stats().dropped.total(), 0);
    program.rollout.flush(super::program::LONG).unwrap();
    assert_eq!(program.rollout.stats().dropped.invalid, 1);
    program.matches(
        "18-feedback-and-signals",
        &[&EXTERNAL_ID, &GIVEN_IDS, &NO_NUMBER],
    );
}

/// The events of the capture, made with what the crate offers for it.
fn by_hand() -> Vec<Event> {
    let mut metric = Event::now(EventType::Metric);
    metric.name = Some("latency".into());
    metric.attributes.insert("value".into(), json!(12.5));

    let mut error = Event::now(EventType::Error);
    error.status = Some("error".into());
    error.error.r#type = Some("E".into());
    error.error.signature = Some("sig".into());
    error.error.message_preview = Some("m".into());

    let mut retrieval = Event::now(EventType::Retrieval);
    retrieval.name = Some("docs".into());
    retrieval.raw.more.insert("query".into(), json!("q"));
    retrieval.raw.more.insert("hits".into(), json!([1, 2]));

    let mut eval = Event::now(EventType::EvalResult);
    eval.outcome.success = Some(true);
    eval.outcome.eval_score = Some(0.5);
    eval.outcome.user_accepted = Some(true);
    eval.outcome.human_escalated = Some(false);
    eval.outcome.business_outcome = Some("sale".into());
    eval.outcome.failure_reason = Some("f".into());

    let mut request = Event::now(EventType::LlmRequest);
    request.model.provider = Some("p".into());
    request.model.model = Some("m".into());
    request.raw.input = Some(Value::from(1).into());

    let mut response = Event::now(EventType::LlmResponse);
    response.agent.prompt_version = Some("p7".into());
    response.usage.input_tokens = Some(1);
    response.integration.name = Some("n".into());
    response.integration.version = Some("1".into());
    response.integration.framework = Some("f".into());
    response.integration.runtime = Some("r".into());
    response.links.run_id = Some("run".into());
    response.links.rollout_id = Some("ro".into());
    response.links.dataset_id = Some("d".into());
    response.links.experiment_id = Some("e".into());
    response.links.optimization_job_id = Some("o".into());
    response.raw.output = Some(Value::from(1).into());
    vec![metric, error, retrieval, eval, request, response]
}

/// Types that there are not, the compiler refuses.
#[test]
fn events_of_ones_own() {
    let program = Program::start();
    let trace = program.rollout.trace("t").start();
    trace.in_scope(|| by_hand().into_iter().for_each(rollout::capture_event));
    trace.end();
    program.matches("19-raw-events", &[]);
}

#[test]
fn the_names_of_ids_are_changed_in_no_other_place() {
    let mut event = Map::new();
    event.insert("trace_id".into(), json!("trace_other"));
    event.insert("attributes".into(), json!({"value": "trace_other"}));
    let mut both = super::difference::Both {
        reference: vec![event.into()],
        ours: Vec::new(),
    };
    assert_eq!(GIVEN_IDS.allow(&mut both), Vec::<String>::new());
    assert_ne!(both.reference[0]["trace_id"], "trace_other");
    assert_eq!(both.reference[0]["attributes"]["value"], "trace_other");
}
