//! Options of clients.

use rollout::protocol::{Event, EventType, Raw};
use rollout::{Builder, WrapOptions};
use serde_json::{Value, json};

use super::Program;
use super::difference::{CHAT, Difference, MODEL_VERSION, OUTPUT_ONCE, USAGE_ONCE};
use super::provider::{self, OpenAi, TEXT, answering, asked, openai};

/// Makes a chat completion with a client that was wrapped like this.
fn wrapped(options: WrapOptions, body: Value, request: Value) -> Program {
    let provider = answering([body]);
    let program = Program::start();
    let client = provider::unwrapped(&provider.base_url());
    let client = rollout::wrap_with(client, options);
    program
        .block_on(client.chat().create(asked(request)))
        .unwrap();
    program
}

#[test]
fn without_what_goes_in_and_comes_out() {
    let options = WrapOptions::new().capture_input(false);
    let options = options.capture_output(false);
    let program = wrapped(options, provider::chat(1), json!({}));
    program.matches("61-capture-off", &[&USAGE_ONCE, &MODEL_VERSION, &CHAT]);
}

#[test]
fn a_gateway_that_an_attribute_names() {
    let options = WrapOptions::new()
        .attribute("provider", "openrouter")
        .attribute("route", "x");
    let model = json!({"model": "openai/gpt-4o-mini"});
    let mut body = provider::chat(1);
    body["model"] = model["model"].clone();
    let program = wrapped(options, body, model);
    program.matches(
        "63-attributes-openrouter",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &CHAT],
    );
}

#[test]
fn a_client_that_is_wrapped_twice() {
    let provider = answering([provider::chat(1)]);
    let program = Program::start();
    let client = provider::unwrapped(&provider.base_url());
    let client = rollout::wrap_with(client, WrapOptions::new().attribute("first", true));
    let client = rollout::wrap_with(client, WrapOptions::new().attribute("second", true));
    program
        .block_on(client.chat().create(asked(json!({}))))
        .unwrap();
    program.matches(
        "64-wrap-twice",
        &[&MODEL_VERSION, &OUTPUT_ONCE, &USAGE_ONCE, &CHAT],
    );
}

#[rollout::agent("support_agent", skip(client))]
async fn chatting(client: &OpenAi, text: &str) -> Option<String> {
    let answer = client.chat().create(asked(json!({}))).await.unwrap();
    answer.choices[0].message.content.clone()
}

/// Runs an agent of a client with these options, of which nothing is to be told.
fn silent(options: impl FnOnce(Builder) -> Builder) -> Program {
    let provider = answering([provider::chat(1)]);
    let program = Program::with(options);
    let client = openai(&provider);
    let answer = program.block_on(chatting(&client, "Where is my order?"));
    assert_eq!(answer.as_deref(), Some(TEXT));
    program
}

#[test]
fn of_which_no_trace_is_kept() {
    let program = silent(|builder| builder.sample_rate(0.0));
    program.matches("66-sample-rate-0", &[]);
}

#[test]
fn that_is_switched_off() {
    let program = silent(|builder| builder.disabled(true));
    program.run(|| rollout::span("step").start().end());
    program.matches("68-disabled", &[]);
}

const OTHER_TRACES: Difference = Difference::rule(
    "which traces are kept follows from their ids, so that all processes decide alike (defect 59b)",
    |both| {
        let kept = both.ours.iter().filter_map(|event| {
            (event["event_type"] == "trace.start").then(|| event["name"].as_str())?
        });
        let kept: Vec<String> = kept.map(str::to_owned).collect();
        assert!((3..38).contains(&kept.len()), "{} traces of 40", kept.len());
        // As many of the reference's, under those names.
        let traces: Vec<Vec<Value>> = both.reference.chunks(3).map(<[Value]>::to_vec).collect();
        both.reference.clear();
        for (number, (name, trace)) in kept.iter().zip(traces.iter().cycle()).enumerate() {
            for (place, mut event) in trace.iter().cloned().enumerate() {
                event["trace_id"] = json!(format!("trace_00000000-0000-4000-8000-{number:012}"));
                event["event_id"] = json!(format!("evt_{number:08}-0000-4000-8000-{place:012}"));
                if event["name"].is_string() {
                    event["name"] = json!(name);
                } else {
                    event["message"]["content"] = json!(name.replace('t', "m"));
                }
                both.reference.push(event);
            }
        }
        true
    },
);

#[test]
fn of_which_half_of_the_traces_are_kept() {
    let program = Program::with(|builder| builder.sample_rate(0.5));
    for number in 0..40 {
        let trace = program.rollout.trace(format!("t{number}")).start();
        trace.message("user", &format!("m{number}")).record();
        trace.end();
    }
    program.matches("67-sample-rate-half", &[&OTHER_TRACES]);
}

#[test]
fn that_has_an_identity() {
    let program = Program::with(|builder| {
        builder
            .environment("production")
            .release("1.2.3")
            .service_name("api")
            .agent_name("support_agent")
            .agent_id("ag_1")
            .agent_version("7")
            .deployment("eu")
    });
    let trace = program.rollout.trace("t").attribute("release", "explicit");
    let trace = trace.start();
    let mut metric = Event::now(EventType::Metric);
    metric.agent.name = Some("explicit".into());
    trace.in_scope(|| rollout::capture_event(metric));
    trace.end();
    program.matches("69-config-fields", &[]);
}

#[test]
fn that_sends_each_event_by_itself() {
    let program = Program::with(|builder| builder.sync_mode(true));
    let trace = program.rollout.trace("t").start();
    trace.message("user", "x").record();
    trace.end();
    assert_eq!(program.ingest.requests().len(), 3);
    program.matches("70-sync-mode", &[]);
}

#[test]
fn whose_hooks_change_and_drop_events() {
    let program = Program::with(|builder| {
        builder
            .scrubber(|event| {
                event.raw = Raw::default();
                event.raw.more.insert("redacted".into(), json!(true));
            })
            .before_send(|mut event| {
                // The scrubber was here.
                assert!(event.raw.more.contains_key("redacted"));
                event.attributes.insert("pipeline".into(), json!("v2"));
                (event.event_type() != EventType::Message).then_some(event)
            })
    });
    let trace = program.rollout.trace("t").user_id("u").start();
    trace.message("user", "secret").record();
    trace.span("step").input(&"secret").start().end();
    trace.end();
    program.matches_with_gaps("71-before-send-and-scrubber", &[]);
}

/// Returns a program whose hooks do this, after it has made a trace.
fn hooked(options: impl FnOnce(Builder) -> Builder) -> Program {
    let program = Program::with(options);
    program.rollout.trace("t").start().end();
    program
}

#[test]
fn whose_hooks_fail_or_move_events() {
    // In the reference these fail in the program; of neither anything is sent.
    for program in [
        hooked(|builder| builder.before_send(|_| panic!("hook failed"))),
        hooked(|builder| builder.scrubber(|_| panic!("hook failed"))),
        hooked(|builder| {
            builder.before_send(|mut event| {
                event.trace_id = None;
                Some(event)
            })
        }),
    ] {
        assert_eq!(program.batches(), Vec::<Value>::new());
        let dropped = program.rollout.stats().dropped;
        assert_eq!(
            (dropped.hook_panicked + dropped.invalid, dropped.total()),
            (2, 2)
        );
    }
    let moving = hooked(|builder| {
        builder.before_send(|mut event| {
            event.trace_id = Some("trace_fixed".into());
            Some(event)
        })
    });
    moving.matches("72-before-send-raises", &[]);
}
