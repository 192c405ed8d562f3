use rollout::testing::record;
use serde_json::json;
use tracing::field::Empty;
use tracing::{Instrument as _, Level, Span, error, info_span};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use crate::recorded;

pub(crate) fn chat() -> Span {
    info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = "gpt-4.1-mini",
        gen_ai.request.temperature = 0.5,
        gen_ai.request.stop_sequences = r#"["END"]"#,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.cache_creation.input_tokens = Empty,
        gen_ai.usage.reasoning_tokens = Empty,
        gen_ai.system_instructions = Empty,
        gen_ai.input.messages = Empty,
        gen_ai.output.messages = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

pub(crate) fn answer(span: &Span) {
    let messages = json!([{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}]);
    span.record("gen_ai.input.messages", messages.to_string());
    span.record("gen_ai.response.model", "gpt-4.1-mini-2025-04-14");
    span.record("gen_ai.response.finish_reasons", r#"["stop"]"#);
    span.record("gen_ai.usage.input_tokens", 21);
    span.record("gen_ai.usage.output_tokens", 11_u64);
    span.record("gen_ai.usage.cache_read.input_tokens", 8);
    span.record("gen_ai.usage.reasoning_tokens", "4");
    let messages =
        json!([{"role": "assistant", "parts": [{"type": "text", "content": "In Paris."}]}]);
    span.record("gen_ai.output.messages", messages.to_string());
}

fn tool() -> Span {
    info_span!(
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = Empty,
        gen_ai.tool.call.id = Empty,
        gen_ai.tool.call.arguments = Empty,
        gen_ai.tool.call.result = Empty,
        gen_ai.tool.error.type = Empty,
    )
}

#[test]
fn a_call_is_an_llm_span_with_all_that_was_told() {
    let recording = recorded(|| {
        let span = chat();
        span.record(
            "gen_ai.system_instructions",
            r#"[{"type": "text", "content": "Be brief."}]"#,
        );
        span.in_scope(|| answer(&span));
    });
    let call = recording.run().llm_call();
    call.assert_ok();
    assert_eq!(call.model.as_deref(), Some("gpt-4.1-mini"));
    assert_eq!(call.provider.as_deref(), Some("openai"));
    assert_eq!(
        call.input(),
        json!({
            "messages": [{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}],
            "system": [{"type": "text", "content": "Be brief."}],
        })
    );
    let shown = call
        .input
        .as_ref()
        .map(|input| (input.role.as_deref(), &*input.text));
    assert_eq!(shown, Some((Some("user"), "Where?")));
    assert_eq!(
        call.output(),
        json!([{"role": "assistant", "parts": [{"type": "text", "content": "In Paris."}]}])
    );
    let usage = &call.usage;
    assert_eq!(usage.input_tokens, Some(21));
    assert_eq!(usage.output_tokens, Some(11));
    assert_eq!(usage.cached_tokens, Some(8));
    assert_eq!(usage.reasoning_tokens, Some(4));
    assert_eq!(usage.total_tokens, None, "nobody said so");
    let events = recording.events();
    let end = events
        .iter()
        .find(|event| event.event_type().as_str() == "span.end")
        .unwrap();
    for (name, value) in [
        ("gen_ai.request.temperature", json!(0.5)),
        ("gen_ai.request.stop_sequences", json!(["END"])),
        ("gen_ai.response.finish_reasons", json!(["stop"])),
        ("gen_ai.response.model", json!("gpt-4.1-mini-2025-04-14")),
    ] {
        assert_eq!(end.attributes.get(name), Some(&value), "{name}");
    }
}

#[test]
fn an_agent_its_calls_and_its_tools_are_one_tree() {
    let recording = recorded(|| {
        let agent = info_span!(
            "invoke_agent",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = "desk",
            gen_ai.prompt = "Where is my order?",
            gen_ai.completion = Empty,
            gen_ai.usage.input_tokens = Empty,
        );
        let work = async {
            let span = chat();
            async { answer(&Span::current()) }.instrument(span).await;
            let call = tool();
            call.record("gen_ai.tool.name", "lookup_order");
            call.record("gen_ai.tool.call.id", "call_1");
            call.record("gen_ai.tool.call.arguments", r#"{"number": 1042}"#);
            async {
                rollout::span("retrieval").start().end();
                Span::current().record("gen_ai.tool.call.result", "in transit");
            }
            .instrument(call)
            .await;
            // The sum of its calls, which is not to be counted again.
            Span::current().record("gen_ai.usage.input_tokens", 21);
            Span::current().record("gen_ai.completion", "On its way.");
        };
        futures::executor::block_on(work.instrument(agent));
    });
    let run = recording.run();
    run.assert_ok();
    assert_eq!(run.name, "desk");
    assert_eq!(run.output(), json!("On its way."));
    assert_eq!(run.usage().input_tokens, Some(21));
    run.assert_tool_called("lookup_order")
        .with_arguments(json!({"number": 1042}))
        .with_result("in transit")
        .once();
    assert_eq!(
        run.tool("lookup_order")
            .all(|step| step.name == "retrieval")
            .len(),
        1
    );
    assert_eq!(run.llm_calls().len(), 1);
}

#[test]
fn errors_are_told_whichever_way() {
    let recording = recorded(|| {
        let agent = rollout::trace("support").start();
        agent.in_scope(|| {
            let span = chat();
            span.in_scope(|| error!(error = "sk-canary0000000000000000 refused", "call failed"));
            chat().record("error.type", "timeout");
            chat().record("otel.status_code", "ERROR");
            let call = tool();
            call.record("gen_ai.tool.error.type", "NoSuchOrder");
        });
    });
    let run = recording.run();
    assert_eq!(run.llm_calls().len(), 3);
    for call in run.llm_calls() {
        call.assert_failed("");
    }
    run.llm_calls()[0].assert_failed("call failed");
    run.llm_calls()[1].assert_failed("timeout");
    run.tool("tool").assert_failed("NoSuchOrder");
    let told = format!("{:?}", recording.events());
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn the_outermost_span_around_is_the_trace() {
    let recording = recorded(|| {
        let request = info_span!("GET /answer");
        request.in_scope(|| {
            info_span!("handler").in_scope(|| chat().in_scope(|| ()));
            chat().in_scope(|| ());
        });
        chat().in_scope(|| ());
    });
    let runs = recording.runs();
    let told: Vec<_> = runs
        .iter()
        .map(|run| (run.name.clone(), run.llm_calls().len()))
        .collect();
    assert_eq!(
        told,
        [
            ("GET /answer".to_owned(), 2),
            ("chat gpt-4.1-mini".to_owned(), 1)
        ]
    );
}

#[test]
fn a_layer_that_is_there_twice_is_the_same_as_once() {
    let agent = || {
        let agent = info_span!(
            "agent",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = "support"
        );
        agent.in_scope(|| {
            let call = chat();
            call.in_scope(|| answer(&call));
            tool().in_scope(|| error!("no such order"));
        });
    };
    let once = recorded(agent);
    let twice = record();
    let layer = rollout::tracing::layer();
    let subscriber = tracing_subscriber::registry()
        .with(layer.clone())
        .with(layer)
        .with(rollout::tracing::layer());
    tracing::subscriber::with_default(subscriber, || twice.in_scope(agent));
    assert_eq!(twice.run().to_string(), once.run().to_string());
    assert_eq!(twice.events().len(), once.events().len());
}

#[test]
fn layers_with_filters_of_their_own_each_record_what_they_see() {
    let recording = record();
    let only = |target| Targets::new().with_target(target, Level::TRACE);
    let subscriber = tracing_subscriber::registry()
        .with(rollout::tracing::layer().with_filter(only("one")))
        .with(rollout::tracing::layer().with_filter(only("two")));
    tracing::subscriber::with_default(subscriber, || {
        recording.in_scope(|| {
            let outer = info_span!(target: "one", "agent", gen_ai.operation.name = "invoke_agent");
            outer.in_scope(|| {
                info_span!(target: "two", "call", gen_ai.operation.name = "chat", gen_ai.request.model = "m")
                    .in_scope(|| ());
                info_span!(target: "three", "call", gen_ai.operation.name = "chat").in_scope(|| ());
            });
        });
    });
    let run = recording.run();
    assert_eq!(run.totals().model_calls, 1, "{run}");
}

#[test]
fn a_task_that_knows_a_span_of_tracing_alone_is_in_the_trace_that_it_was_opened_in() {
    let recording = recorded(|| {
        let trace = rollout::trace("support").start();
        let work = trace.in_scope(|| {
            rollout::span("plan")
                .start()
                .in_scope(|| info_span!("work"))
        });
        let by_name = info_span!(parent: &work, "deeper");
        let elsewhere = tracing::dispatcher::get_default(Clone::clone);
        let recording = rollout::Context::current();
        std::thread::spawn(move || {
            let _active = recording.attach();
            tracing::dispatcher::with_default(&elsewhere, || {
                by_name.in_scope(|| chat().in_scope(|| ()))
            });
        })
        .join()
        .unwrap();
    });
    let run = recording.run();
    assert_eq!(run.name, "support");
    assert_eq!(run.totals().model_calls, 1, "{run}");
    let plan = run.steps.iter().find(|step| step.name == "plan");
    assert_eq!(plan.unwrap().steps.len(), 1, "{run}");
}

#[test]
fn other_spans_are_none_of_ours() {
    let recording = recorded(|| {
        info_span!("SELECT", db.system = "postgresql").in_scope(|| error!("no such table"));
    });
    assert_eq!(recording.events().len(), 0);
}

#[test]
fn what_is_not_to_be_captured_is_not() {
    let recording =
        rollout::testing::record_with(|options| options.capture_input(false).capture_output(false));
    let subscriber = tracing_subscriber::layer::SubscriberExt::with(
        tracing_subscriber::registry(),
        rollout::tracing::layer(),
    );
    tracing::subscriber::with_default(subscriber, || {
        recording.in_scope(|| {
            let span = chat();
            span.in_scope(|| answer(&span));
        });
    });
    let told = format!("{:?}", recording.events());
    assert!(
        !told.contains("Where?") && !told.contains("Paris"),
        "{told}"
    );
    assert_eq!(recording.run().usage().input_tokens, Some(21));
}
