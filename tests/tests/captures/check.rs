//! Three events that ask whether all is well.

use rollout::CheckReport;
use rollout_tests::ingest::Answer;
use rollout_tests::{IngestServer, Reply};

use super::Program;

fn ask(program: &Program) -> CheckReport {
    program.rollout.check().quiet().run()
}

#[test]
fn a_server_that_is_well() {
    let program = Program::start();
    let report = ask(&program);
    assert_eq!((report.ok, report.accepted, report.rejected), (true, 3, 0));
    program.matches("01-check", &[]);
}

#[test]
fn servers_that_refuse() {
    let ingest = IngestServer::with([
        Answer::reject([1], "scripted_rejection"),
        Answer::refuse(Reply::status(401)),
    ]);
    let program = Program::sending_to(ingest, |builder| builder);
    let report = ask(&program);
    assert_eq!((report.ok, report.accepted, report.rejected), (false, 2, 1));
    assert_eq!(report.errors[0].index, 1);
    let report = ask(&program);
    assert_eq!((report.ok, report.accepted, report.rejected), (false, 0, 0));
    assert!(report.message.contains("401"), "{report}");
    // Of these nothing is sent.
    for report in [
        ask(&Program::with(|builder| builder.disabled(true))),
        ask(&Program::with(|builder| builder.api_key(""))),
    ] {
        assert_eq!((report.ok, report.accepted), (false, 0), "{report}");
    }
    program.matches_with_gaps("02-check-failures", &[]);
}
