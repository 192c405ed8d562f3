//! Three events that ask whether all is well.

use std::net::TcpListener;
use std::time::Duration;

use rollout::{CheckReport, Rollout};
use rollout_tests::ingest::{Answer, KEY};
use rollout_tests::{IngestServer, NOBODY, Reply};
use serde_json::{Value, json};

use super::Program;

/// Asks a server that answers like this.
fn ask(answers: impl IntoIterator<Item = Answer>) -> (Program, CheckReport) {
    let program = Program::with(IngestServer::with(answers), |builder| {
        // None of this is about a check.
        builder.sample_rate(0.0).before_send(|_| None)
    });
    let report = program.rollout.check().run();
    (program, report)
}

#[test]
fn three_events_that_say_that_they_are_a_check() {
    let (program, report) = ask([]);
    assert!(report.ok, "{report}");
    assert_eq!((report.accepted, report.rejected), (3, 0));
    program.ingest.assert_sound();
    let requests = program.ingest.requests();
    assert_eq!(requests.len(), 1);
    let events = program.ingest.events();
    let trace = events[0]["trace_id"].as_str().unwrap();
    assert!(trace.starts_with("trace_check_"), "{trace}");
    let time = &events[0]["occurred_at"];
    let ids = ["evt_check_start_", "evt_check_metric_", "evt_check_end_"];
    for (nth, (event, prefix)) in events.iter().zip(ids).enumerate() {
        assert!(event["event_id"].as_str().unwrap().starts_with(prefix));
        assert_eq!(event["trace_id"], trace);
        assert_eq!(event["sequence"], json!(nth + 1));
        assert_eq!(event["name"], "rollout.sdk.check");
        assert_eq!(&event["occurred_at"], time);
        assert_eq!(event["attributes"]["diagnostic"], true);
        assert_eq!(event["attributes"]["rollout_check"], true);
    }
    let told: Vec<_> = events.iter().map(|event| &event["event_type"]).collect();
    assert_eq!(told, ["trace.start", "metric", "trace.end"]);
    assert_eq!(events[1]["attributes"]["metric_name"], "ingestion_check");
    assert_eq!(events[1]["attributes"]["value"], 1);
    assert_eq!(
        events[2]["outcome"],
        json!({"success": true, "status": "ok"})
    );
    assert_eq!(events[2]["duration_ms"], 0.0);
    let said = program.said.lock().unwrap().clone();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("✓ "), "{said:?}");
    assert_eq!(
        program.rollout.stats().created,
        0,
        "a check is no recording"
    );
}

#[test]
fn what_is_wrong_is_said_with_the_cure() {
    let (program, report) = ask([Answer::reject([1], "scripted_rejection")]);
    assert!(!report.ok);
    assert_eq!((report.accepted, report.rejected), (2, 1));
    assert_eq!(report.errors[0].index, 1);
    assert_eq!(report.errors[0].code, "scripted_rejection");
    assert!(program.said.lock().unwrap()[0].starts_with("✗ "));

    let (_, report) = ask([Answer::refuse(Reply::status(401))]);
    assert!(report.message.contains("401"), "{report}");
    assert!(report.message.contains("`ROLLOUT_API_KEY`"), "{report}");
    assert!(!report.message.contains(KEY), "{report}");

    let (program, report) = ask([Answer::refuse(Reply::status(503))]);
    assert!(report.ok, "it is tried again: {report}");
    let requests = program.ingest.requests();
    assert_eq!(requests.len(), 2);
    let batch = |nth: usize| -> Value { program.ingest.batches()[nth]["batch_id"].clone() };
    assert_eq!(batch(0), batch(program.ingest.batches().len() - 1));
}

#[test]
fn odd_answers_are_good_news() {
    for body in [
        "",
        "stored",
        "[]",
        r#"{"accepted": 3, "rejected": 0, "more": 1}"#,
    ] {
        let (_, report) = ask([Answer::store_but(Reply::text(body))]);
        assert!(report.ok, "{body}: {report}");
    }
}

#[test]
fn nothing_is_sent_where_there_is_nobody_to_send_to() {
    let quiet = |builder: rollout::Builder| -> CheckReport {
        let builder = builder.on_diagnostic(|said| panic!("{said}"));
        let client: Rollout = builder.without_environment().build().unwrap();
        client.check().quiet().run()
    };
    let report = quiet(rollout::builder().disabled(true).api_key(KEY));
    assert!(report.message.contains("disabled"), "{report}");
    let folder = rollout_tests::IngestServer::start();
    let report = quiet(rollout::builder().local_dir(folder.spool_dir().join("runs")));
    assert!(report.message.contains("runs`"), "{report}");
    assert!(report.message.contains("`ROLLOUT_API_KEY`"), "{report}");
}

#[test]
fn a_server_that_is_not_there_or_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let ask = |address: &str, timeout| {
        let builder = rollout::builder().api_key(KEY);
        let builder = builder.base_url(format!("http://{address}"));
        let client = builder.disabled(false).build().unwrap();
        client.check().quiet().timeout(timeout).run()
    };
    let report = ask(&address, Duration::from_millis(300));
    assert!(
        report.message.contains("did not answer within 300ms"),
        "{report}"
    );
    let report = ask(NOBODY, Duration::from_secs(30));
    assert!(report.message.contains("can't be reached"), "{report}");
    assert!(!report.ok);
}

#[test]
fn in_every_kind_of_place() {
    let program = Program::start();
    program.block_on(async {
        assert!(program.rollout.check().quiet().await.ok);
        // Blocks the only thread of this runtime, and does not need it.
        assert!(program.rollout.check().quiet().run().ok);
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let asked = program.rollout.check().quiet();
        assert!(tokio::spawn(asked.into_future()).await.unwrap().ok);
        assert!(program.rollout.check().quiet().run().ok);
    });
    assert!(futures::executor::block_on(program.rollout.check().quiet().into_future()).ok);
    program.ingest.assert_sound();
    assert_eq!(program.ingest.events().len(), 15);
}
