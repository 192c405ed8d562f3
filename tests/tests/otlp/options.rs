//! Where traces go, and what is said of the process that sends them.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use rollout::{Otlp, OtlpProtocol};
use rollout_tests::{Reply, Server};

use super::Program;
use super::collector::{Collector, text};

#[test]
fn the_process_is_described_by_its_options() {
    let collector = Collector::start();
    let otlp = Otlp::new(collector.url()).resource_attribute("host.name", "here");
    let program = Program::with(otlp, |builder| {
        builder
            .agent_name("support")
            .release("1.2")
            .environment("test")
    });
    program.run(|| rollout::trace("job").start().end());
    program.end();
    let request = collector.kept().requests().remove(0);
    let resource = request.resource_spans[0]
        .resource
        .clone()
        .unwrap()
        .attributes;
    for (name, value) in [
        ("service.name", "support"),
        ("service.version", "1.2"),
        ("deployment.environment.name", "test"),
        ("host.name", "here"),
        ("telemetry.sdk.name", "rollout"),
    ] {
        assert_eq!(text(&resource, name), value, "{name}");
    }
}

#[test]
fn metrics_are_sent_where_they_are_wanted() {
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson] {
        let (metrics, sink) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::<Mutex<Vec<_>>>::default(),
        );
        let (seen, paths) = (Arc::clone(&metrics), Arc::clone(&sink));
        let server = Server::start(move |request| {
            paths.lock().unwrap().push(request.path.clone());
            if request.path == "/v1/metrics" {
                let json = request.header("content-type") == Some("application/json");
                let decoded: ExportMetricsServiceRequest = if json {
                    serde_json::from_slice(&request.body).unwrap()
                } else {
                    prost::Message::decode(&request.body[..]).unwrap()
                };
                seen.lock().unwrap().push(decoded);
            }
            Reply::text("")
        });
        let otlp = Otlp::new(server.url()).metrics(true).protocol(protocol);
        let program = Program::sending(otlp);
        program.run(|| {
            let trace = rollout::trace("job").start();
            trace.tool("look_up").start().end();
        });
        program.end();
        let metrics = metrics.lock().unwrap();
        let last: &ExportMetricsServiceRequest = metrics.last().unwrap();
        let names = last.resource_metrics[0].scope_metrics[0].metrics.iter();
        let names: Vec<_> = names.map(|metric| metric.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "gen_ai.execute_tool.duration",
                "gen_ai.invoke_agent.duration"
            ]
        );
        assert!(sink.lock().unwrap().contains(&"/v1/traces".to_owned()));
    }
}

#[test]
fn several_backends_get_the_same_and_none_waits_for_another() {
    let (first, second) = (Collector::start(), Collector::start());
    let otlp = Otlp::new(first.url());
    let program = Program::with(otlp, |builder| {
        builder
            .otlp(Otlp::new(format!("{}/v1/traces", second.url())))
            .otlp(Otlp::new(format!("http://{}", rollout_tests::NOBODY)))
            .shutdown_timeout(std::time::Duration::from_millis(500))
    });
    program.run(|| rollout::trace("job").start().end());
    let (stats, _) = program.end();
    assert_eq!((stats.exported, stats.created), (2, 2), "{stats:?}");
    assert_eq!(first.kept().span("job"), second.kept().span("job"));
    assert_eq!(second.requests()[0].path, "/v1/traces");
}

#[test]
fn an_address_that_is_none_is_named_and_nothing_else_suffers() {
    let folder = rollout_tests::Folder::new();
    let otlp = Otlp::new("localhost:4318");
    let program = Program::with(otlp, |builder| builder.local_dir(folder.path()));
    program.run(|| rollout::trace("job").start().end());
    let said = program.said().concat();
    assert!(
        said.contains("the address of the OTLP backend is `localhost:4318`"),
        "{said}"
    );
    let (stats, _) = program.end();
    assert_eq!((stats.exported, stats.dropped.total()), (2, 0));
}
