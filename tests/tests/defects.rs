//! Faults that another SDK has, and this one has not; `tests/README.md` has the whole list.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rollout::protocol::EventType;
use rollout::{Context, Instrument as _, MemoryExporter, Rollout, WrapOptions};
use rollout_tests::{Recorder, Reply, ScriptedProvider};
use serde_json::json;

fn recorder() -> (Rollout, MemoryExporter) {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .exporter(memory.clone())
        .on_diagnostic(|_| {})
        .build()
        .unwrap();
    (rollout, memory)
}

fn flush(rollout: &Rollout) {
    rollout.flush(Duration::from_secs(20)).unwrap();
}

#[rollout::tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[rollout::tool]
fn twice(a: i64) -> i64 {
    add(a, a)
}

#[rollout::agent]
fn agent(a: i64) -> i64 {
    twice(a)
}

#[test]
fn defect_09_tools_in_other_threads_run_and_are_recorded() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("agent").start();
    let context = trace.context();
    let sum = std::thread::spawn(move || context.in_scope(|| add(1, 2))).join();
    assert_eq!(sum.unwrap(), 3);
    // Without the context it is a run of its own, and runs all the same.
    assert_eq!(std::thread::spawn(|| add(2, 2)).join().unwrap(), 4);
    drop(trace);
    flush(&rollout);
    let runs = memory.runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].steps[0].name, "add");
}

#[test]
fn defect_10_a_trace_may_end_on_another_thread_than_it_began() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("agent").start();
    std::thread::spawn(move || trace.end()).join().unwrap();
    flush(&rollout);
    assert_eq!(memory.names(), ["trace.start", "trace.end"]);
}

#[test]
fn defect_20_a_flush_waits_for_what_was_recorded_before_it() {
    let (rollout, memory) = recorder();
    let going = Arc::new(());
    let busy = {
        let (rollout, going) = (rollout.clone(), Arc::downgrade(&going));
        std::thread::spawn(move || {
            while going.upgrade().is_some() {
                rollout.trace("of somebody else").start().end();
                std::thread::sleep(Duration::from_millis(1));
            }
        })
    };
    rollout.trace("mine").start().end();
    // With the other thread still at it; the fault was to wait until it stopped.
    flush(&rollout);
    assert!(memory.runs().iter().any(|run| run.name == "mine"));
    drop(going);
    busy.join().unwrap();
}

#[test]
fn defect_30_defect_35_what_is_lost_at_full_speed_is_counted() {
    let (sent, received) = std::sync::mpsc::sync_channel(0);
    struct Slow(std::sync::mpsc::SyncSender<()>);
    impl rollout::Exporter for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }
        fn export(&mut self, _: Arc<rollout::Batch>, receipt: rollout::Receipt) {
            // Held up until the test is done with producing.
            let _ = self.0.send(());
            receipt.delivered();
        }
    }
    let rollout = Rollout::builder()
        .exporter(Slow(sent))
        .max_queue_events(50)
        .max_batch_events(10)
        .on_diagnostic(|_| {})
        .build()
        .unwrap();
    for _ in 0..1_000 {
        rollout.trace("run").start().end();
    }
    let stats = rollout.stats();
    assert!(stats.dropped.queue_full > 0, "{stats}");
    assert_eq!(
        stats.created,
        stats.exported + stats.spooled + stats.queued + stats.dropped.total()
    );
    drop(received);
    flush(&rollout);
    let stats = rollout.stats();
    assert_eq!(stats.queued, 0);
    assert_eq!(stats.created, 2_000);
    assert_eq!(stats.created, stats.exported + stats.dropped.total());
}

#[test]
fn defect_30b_of_what_has_no_room_beginning_and_end_are_left_out() {
    let (rollout, memory) = recorder();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let rollout = rollout.clone();
            std::thread::spawn(move || {
                for _ in 0..2_000 {
                    let trace = rollout.trace("run").start();
                    trace.span("task").start().end();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    rollout.shutdown();
    let events = memory.events();
    let of = |kind: EventType| -> BTreeSet<_> {
        let events = events.iter().filter(|event| event.event_type() == kind);
        events
            .map(|event| event.span_id.clone().or(event.trace_id.clone()))
            .collect()
    };
    assert_eq!(of(EventType::TraceStart), of(EventType::TraceEnd));
    assert_eq!(of(EventType::SpanStart), of(EventType::SpanEnd));
}

#[test]
fn defect_32_what_comes_after_the_shutdown_is_counted() {
    let (rollout, memory) = recorder();
    rollout.shutdown();
    rollout.trace("late").start().end();
    assert!(memory.events().is_empty());
    assert!(rollout.stats().dropped.after_shutdown > 0);
}

#[test]
fn defect_37_defect_40_defect_41_a_stream_that_is_dropped_keeps_all_it_brought() {
    use futures::StreamExt as _;
    use rollout_tests::provider::openai;

    let text = "It arrives on Tuesday. ".repeat(400);
    let chunks = openai::chat_chunks(&openai::answer(&text));
    let reply = || Reply::sse(openai::chat_frames(&chunks));
    let provider = ScriptedProvider::start([reply()]);
    let recorder = Recorder::new();
    let config = async_openai::config::OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("sk-test");
    let client = recorder.wrap(async_openai::Client::with_config(config));
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "?"}]});
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let request = serde_json::from_value(request).unwrap();
        let mut stream = client.chat().create_stream(request).await.unwrap();
        for _ in 0..chunks.len() - 3 {
            stream.next().await.unwrap().unwrap();
        }
    });
    let call = recorder.only_call();
    assert_eq!(call.status(), "cancelled");
    let kept = call.output["choices"][0]["message"]["content"].as_str();
    assert!(kept.unwrap().len() > 8_000);
    let first = call.attribute("gen_ai.response.time_to_first_chunk");
    assert!(first.as_f64().unwrap() > 0.0);
}

#[test]
fn defect_44_defect_45_the_numbers_of_a_trace_run_from_one_without_gaps() {
    let (rollout, memory) = recorder();
    rollout.context().in_scope(|| {
        agent(1);
        rollout::span("alone").start().end();
    });
    flush(&rollout);
    let events = memory.events();
    let traces: BTreeSet<_> = events.iter().map(|event| event.trace_id.clone()).collect();
    assert_eq!(traces.len(), 2);
    for trace in traces {
        let numbers: Vec<_> = events
            .iter()
            .filter(|event| event.trace_id == trace)
            .map(|event| event.sequence.unwrap())
            .collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    }
}

#[test]
fn defect_48_tools_inside_tools_are_below_them() {
    let (rollout, memory) = recorder();
    assert_eq!(rollout.context().in_scope(|| agent(2)), 4);
    flush(&rollout);
    let run = &memory.runs()[0];
    assert_eq!(run.name, "agent");
    assert_eq!(run.steps[0].name, "twice");
    assert_eq!(run.steps[0].steps[0].name, "add");
}

#[test]
fn defect_50_two_traces_never_borrow_each_others_spans() {
    let (rollout, memory) = recorder();
    let outer = rollout.trace("outer").start();
    let span = outer.span("task").start();
    span.in_scope(|| agent(1));
    drop((span, outer));
    flush(&rollout);
    let events = memory.events();
    let spans = |name: &str| -> BTreeSet<String> {
        let start = events
            .iter()
            .find(|event| event.name.as_deref() == Some(name));
        let trace = start.unwrap().trace_id.clone();
        let events = events.iter().filter(|event| event.trace_id == trace);
        events
            .flat_map(|event| [event.span_id.clone(), event.parent_span_id.clone()])
            .flatten()
            .collect()
    };
    assert!(spans("outer").is_disjoint(&spans("agent")));
}

#[test]
fn defect_52_a_span_that_failed_has_not_succeeded() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("run").start();
    let mut span = trace.span("task").start();
    span.record_error(&std::io::Error::other("no"));
    drop((span, trace));
    flush(&rollout);
    let events = memory.events();
    let end = events
        .iter()
        .find(|event| event.event_type() == EventType::SpanEnd)
        .unwrap();
    assert_eq!(end.status.as_deref(), Some("error"));
    assert_eq!(end.outcome.success, Some(false));
}

#[test]
fn defect_57_a_call_in_a_pool_joins_the_agents_trace_where_it_is_handed_on() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("agent").start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(trace.instrument(async {
        let task = tokio::spawn(async { add(1, 1) }.in_current_trace());
        assert_eq!(task.await.unwrap(), 2);
        let context = Context::current();
        let blocking = tokio::task::spawn_blocking(move || context.in_scope(|| add(2, 2)));
        assert_eq!(blocking.await.unwrap(), 4);
    }));
    drop(trace);
    flush(&rollout);
    let runs = memory.runs();
    assert_eq!((runs.len(), runs[0].steps.len()), (1, 2));
}

#[test]
fn defect_63_an_answer_is_sent_once() {
    let answer = "unmistakable ".repeat(100);
    let body = json!({
        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answer}}],
    });
    let provider = ScriptedProvider::start([Reply::json(body)]);
    let recorder = Recorder::new();
    let config = async_openai::config::OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("sk-test");
    let client = async_openai::Client::with_config(config);
    let client = recorder.wrap_with(client, WrapOptions::new());
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "?"}]});
    let request = serde_json::from_value(request).unwrap();
    client.blocking().unwrap().chat().create(request).unwrap();
    let sent = json!(recorder.events()).to_string();
    assert_eq!(sent.matches("unmistakable").count(), 100);
    assert!(!sent.contains("{}"), "{sent}");
}

#[test]
fn defect_23_a_program_ends_soon_though_nobody_takes_its_events() {
    let rollout = Rollout::builder()
        .api_key("rl_test")
        .base_url("http://127.0.0.1:1")
        .shutdown_timeout(Duration::from_millis(300))
        .on_diagnostic(|_| {})
        .build()
        .unwrap();
    rollout.trace("run").start().end();
    let started = Instant::now();
    let stats = rollout.shutdown();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(stats.created, stats.exported + stats.dropped.total());
    assert_eq!(stats.created, 2);
}
