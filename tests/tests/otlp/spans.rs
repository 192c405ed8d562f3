//! What a program did, as a collector sees it.

use rollout::{Otlp, OtlpProfile, OtlpProtocol};
use rollout_tests::provider::{self, openai};
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::Value;

use super::Program;
use super::collector::{Collector, int, text};

#[rollout::tool]
fn look_up(order: u32) -> Result<&'static str, std::fmt::Error> {
    if order == 0 {
        return Err(std::fmt::Error);
    }
    Ok("in transit")
}

#[rollout::agent]
fn support(url: &str) -> String {
    let config = async_openai::config::OpenAIConfig::new()
        .with_api_base(url)
        .with_api_key("sk-none");
    let client = rollout::wrap(async_openai::Client::with_config(config));
    let request =
        r#"{"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Where?"}]}"#;
    let request = serde_json::from_str(request).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answer = runtime.block_on(client.chat().create(request)).unwrap();
    look_up(7).unwrap();
    look_up(0).unwrap_err();
    answer.choices[0].message.content.clone().unwrap()
}

fn run_to(collector: &Collector, otlp: Otlp) -> String {
    let turn = openai::answer("In transit.");
    let server = ScriptedProvider::start([Reply::json(openai::chat(&turn))]);
    let program = Program::sending(otlp);
    let answer = program.run(|| support(&server.base_url()));
    let (stats, _) = program.end();
    assert_eq!(
        (stats.exported, stats.dropped.total()),
        (stats.created, 0),
        "{stats:?}"
    );
    assert!(!collector.requests().is_empty());
    answer
}

#[test]
fn an_agent_is_one_tree_in_every_encoding() {
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson] {
        for gzip in [false, true] {
            let collector = Collector::start();
            let otlp = Otlp::new(collector.url()).protocol(protocol).gzip(gzip);
            assert_eq!(run_to(&collector, otlp), "In transit.");
            let kept = collector.kept();
            let agent = kept.span("invoke_agent support");
            let call = kept.span("chat gpt-4.1-mini");
            assert!(agent.parent_span_id.is_empty());
            assert_eq!(call.parent_span_id, agent.span_id);
            let tools: Vec<_> = kept
                .spans()
                .into_iter()
                .filter(|span| span.name.ends_with("look_up"))
                .collect();
            assert_eq!(tools.len(), 2);
            for tool in &tools {
                assert_eq!(
                    (&tool.parent_span_id, &tool.trace_id),
                    (&agent.span_id, &agent.trace_id)
                );
            }
            let failed = tools
                .iter()
                .filter(|tool| tool.status.as_ref().unwrap().code == 2);
            assert_eq!(failed.count(), 1);
            assert_eq!(kept.spans().len(), 4);
            assert_eq!(text(&call.attributes, "gen_ai.provider.name"), "openai");
            assert_eq!(
                text(&call.attributes, "gen_ai.request.model"),
                "gpt-4.1-mini"
            );
            assert!(int(&call.attributes, "gen_ai.usage.input_tokens").is_some());
            let input: Value =
                serde_json::from_str(text(&call.attributes, "gen_ai.input.messages")).unwrap();
            assert_eq!(input[0]["parts"][0]["content"], "Where?");
            assert!(call.end_time_unix_nano >= call.start_time_unix_nano);
            let request = &collector.requests()[0];
            assert_eq!(request.path, "/v1/traces");
        }
    }
}

#[test]
fn a_backend_gets_the_names_that_it_reads() {
    let collector = Collector::start();
    let otlp = Otlp::new(collector.url()).profile(OtlpProfile::OpenInference);
    run_to(&collector, otlp);
    let kinds: Vec<_> = collector
        .kept()
        .spans()
        .iter()
        .map(|span| text(&span.attributes, "openinference.span.kind").to_owned())
        .collect();
    for (kind, count) in [("AGENT", 1), ("LLM", 1), ("TOOL", 2)] {
        assert_eq!(
            kinds.iter().filter(|it| *it == kind).count(),
            count,
            "{kinds:?}"
        );
    }
}

#[test]
fn a_stream_that_is_dropped_and_a_call_that_fails_look_like_that() {
    let turn = openai::answer("In transit, I believe.");
    let server = ScriptedProvider::start([
        Reply::sse(openai::chat_frames(&openai::chat_chunks(&turn))),
        Reply::status(400),
    ]);
    let collector = Collector::start();
    let program = Program::sending(Otlp::new(collector.url()));
    program.run(|| {
        let config = async_openai::config::OpenAIConfig::new()
            .with_api_base(server.base_url())
            .with_api_key("sk-none");
        let client = rollout::wrap(async_openai::Client::with_config(config));
        let request =
            || serde_json::from_str(r#"{"model": "m", "messages": [], "stream": true}"#).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            use futures::StreamExt as _;

            let mut stream = client.chat().create_stream(request()).await.unwrap();
            stream.next().await.unwrap().unwrap();
            drop(stream);
            let mut asked: async_openai::types::chat::CreateChatCompletionRequest = request();
            asked.stream = None;
            client.chat().create(asked).await.unwrap_err();
        });
    });
    program.end();
    let spans = collector.kept().spans();
    let codes: Vec<_> = spans
        .iter()
        .map(|span| span.status.as_ref().unwrap().code)
        .collect();
    // One unset, as nothing failed, and one that did. Each trace that is there for one call is that call.
    assert_eq!(codes.len(), 2, "{spans:#?}");
    assert!(codes.contains(&0) && codes.contains(&2), "{codes:?}");
    let _ = provider::anthropic::text;
}
