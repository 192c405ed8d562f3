//! Our spans, seen by the program's own subscriber.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use rollout::testing::{Recording, record, record_with};
use rollout_tests::provider::openai;
use rollout_tests::{Reply, ScriptedProvider};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// What a program's subscriber is told: what was logged, and in which spans.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Log {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn path<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, spans: &Context<'_, S>) -> String {
    let mut path = String::new();
    for span in spans.span_scope(id).unwrap().from_root() {
        let extensions = span.extensions();
        let fields: &Fields = extensions.get().unwrap();
        let name = fields.0.get("otel.name").map_or("", String::as_str);
        write!(path, "/{}{name}", span.name()).unwrap();
    }
    path
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, spans: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        spans.span(id).unwrap().extensions_mut().insert(fields);
        self.note(format!("open {}", path(id, &spans)));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, spans: Context<'_, S>) {
        let span = spans.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_event(&self, event: &Event<'_>, spans: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let path = match spans.event_span(event) {
            Some(span) => path(&span.id(), &spans),
            None => "nowhere".to_owned(),
        };
        self.note(format!("{} in {path}", fields.0["message"]));
    }

    fn on_close(&self, id: Id, spans: Context<'_, S>) {
        let path = path(&id, &spans);
        let span = spans.span(&id).unwrap();
        let extensions = span.extensions();
        let Fields(fields) = extensions.get().unwrap();
        let error = fields.get("error.type").map(|kind| format!(" {kind}"));
        let status = fields.get("otel.status_code").map(String::as_str);
        let status = status.map(|status| format!(" {status}"));
        let (status, error) = (status.unwrap_or_default(), error.unwrap_or_default());
        self.note(format!("close {path}{status}{error}"));
    }
}

fn run(recording: &Recording, program: impl FnOnce()) -> Vec<String> {
    let log = Log::default();
    let subscriber = tracing_subscriber::registry().with(log.clone());
    tracing::subscriber::with_default(subscriber, || recording.in_scope(program));
    log.lines()
}

fn shown() -> Recording {
    record_with(|builder| builder.tracing_spans(true))
}

#[rollout::tool]
fn look_up(order: u32) -> Result<u32, std::fmt::Error> {
    tracing::info!("looking");
    if order == 0 {
        return Err(std::fmt::Error);
    }
    Ok(order)
}

#[rollout::agent]
async fn support(order: u32) {
    tracing::info!("asked");
    tokio::task::yield_now().await;
    let step = tracing::info_span!("step");
    let _ = step.in_scope(|| look_up(order));
    tracing::info!("answered");
}

#[test]
fn what_is_logged_is_inside_of_what_was_going_on() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let lines = run(&shown(), || {
        tracing::info_span!("request").in_scope(|| {
            runtime.block_on(async { tokio::join!(support(1), support(0)) });
        });
        tracing::info!("over");
    });
    let agent = "/request/trace\"support\"";
    let tool = format!("{agent}/step/tool\"look_up\"");
    let count = |line: &str| lines.iter().filter(|it| *it == line).count();
    for line in [
        format!("open {agent}"),
        format!("asked in {agent}"),
        format!("open {tool}"),
        format!("looking in {tool}"),
        format!("answered in {agent}"),
        format!("close {agent}"),
    ] {
        assert_eq!(count(&line), 2, "{line}\n{lines:#?}");
    }
    assert_eq!(count(&format!("close {tool}")), 1);
    assert_eq!(
        count(&format!("close {tool} \"ERROR\" \"fmt::Error\"")),
        1,
        "{lines:#?}"
    );
    assert_eq!(lines.last().unwrap(), "over in nowhere");
}

#[test]
fn calls_to_a_model_are_there_and_so_is_what_they_send() {
    let turn = openai::answer("Hello!");
    let provider = ScriptedProvider::start([Reply::json(openai::chat(&turn))]);
    let recording = shown();
    let config = async_openai::config::OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none");
    let client = rollout::wrap(async_openai::Client::with_config(config));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lines = run(&recording, || {
        let request = serde_json::from_str(r#"{"model": "m", "messages": []}"#).unwrap();
        runtime.block_on(client.chat().create(request)).unwrap();
    });
    let call = "/llm\"openai.chat.completions\"";
    assert_eq!(lines.first().unwrap(), &format!("open {call}"));
    assert!(lines.contains(&format!("close {call}")), "{lines:#?}");
    // No second one by the HTTP client's side, nor of the trace that is there for its sake.
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("open")).count(),
        1
    );
}

#[test]
fn by_hand_and_on_another_thread_they_hang_together() {
    let lines = run(&shown(), || {
        let trace = rollout::trace("job").start();
        let mut step = trace.span("step").start();
        let context = step.context();
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let work = move || {
            let _active = context.attach();
            tracing::info!("working");
        };
        std::thread::spawn(move || tracing::dispatcher::with_default(&dispatch, work))
            .join()
            .unwrap();
        step.record_error(&std::fmt::Error);
        step.end();
        trace.end();
    });
    let job = "/trace\"job\"";
    let expected = [
        format!("open {job}"),
        format!("open {job}/span\"step\""),
        format!("working in {job}/span\"step\""),
    ];
    assert_eq!(lines[..3], expected);
    assert!(
        lines[3].starts_with(&format!("close {job}/span\"step\" \"ERROR\"")),
        "{lines:#?}"
    );
    assert_eq!(lines[4], format!("close {job}"));
}

#[test]
fn none_are_there_unless_they_are_asked_for() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let lines = run(&record(), || runtime.block_on(support(1)));
    assert!(
        lines.iter().all(|line| !line.contains("support")),
        "{lines:#?}"
    );
}

#[test]
fn a_span_that_we_were_told_of_by_tracing_gets_no_twin() {
    let log = Log::default();
    let layer = rollout::tracing::layer();
    let subscriber = tracing_subscriber::registry().with(log.clone()).with(layer);
    let recording = shown();
    tracing::subscriber::with_default(subscriber, || {
        recording.in_scope(|| {
            tracing::info_span!("request").in_scope(|| {
                let call = tracing::info_span!(
                    "chat",
                    gen_ai.operation.name = "chat",
                    gen_ai.request.model = "m"
                );
                call.in_scope(|| tracing::info!("asking"));
            });
        });
    });
    recording.run().llm_call();
    let lines = log.lines();
    let opened: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("open"))
        .collect();
    assert_eq!(opened, ["open /request", "open /request/chat"]);
}
