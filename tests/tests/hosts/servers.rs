//! Servers that are slow, away, or never answer.

use std::time::Duration;

use rollout_tests::ingest::Answer;
use rollout_tests::{IngestServer, NOBODY, Reply};

use super::{program_of, run};

/// No program waits for so long, or its test does not end.
const NEVER: Duration = Duration::from_secs(24 * 3_600);

#[test]
fn defect_17_defect_18_defect_19_nothing_waits_for_a_server() {
    let silent = IngestServer::always(Answer::store().after(NEVER));
    let refusing = IngestServer::always(Answer::refuse(Reply::status(503)));
    let (slow, away) = (
        IngestServer::always(Answer::store().after(Duration::from_secs(5))),
        IngestServer::start(),
    );
    for (what, ingest) in [
        ("silent", &silent),
        ("refusing", &refusing),
        ("slow", &slow),
        ("away", &away),
    ] {
        let mut command = program_of("goes on", ingest);
        if what == "away" {
            command.env("INGEST", format!("http://{NOBODY}"));
        }
        let ended = run(&mut command);
        ended.assert_success();
        assert_eq!(ended.said("result"), ["42"], "{what}: {ended}");
        // On disk, as there was no time to deliver it.
        let [created, exported, spooled, queued, lost] = ended.stats();
        assert_eq!(
            (created, queued, lost),
            (exported + spooled, 0, 0),
            "{what}: {ended}"
        );
        assert!(spooled > 0, "{what}: {ended}");
    }
}
