//! Disks that are full, folders that can't be written to, and none at all.
#![cfg(unix)]

use std::process::Command;

use rollout_tests::ingest::Answer;
use rollout_tests::{Folder, IngestServer, Reply};

use super::{Ended, program, program_of, run};

/// Has a program start with no room for files of more than 150 KiB or so: what it writes beyond that fails, as
/// on a disk that is full.
fn without_room(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    // The signal would end it else, which a full disk does not.
    shell.args(["-c", r#"ulimit -f 300 && trap "" XFSZ && exec "$0" "$@""#]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

/// Checks that it went on as if nothing were wrong, and said once what is.
#[track_caller]
fn assert_unharmed(ended: &Ended, said: &str) {
    ended.assert_success();
    assert_eq!(ended.said("result"), ["42"], "{ended}");
    let diagnostics = ended.said("diagnostic");
    let about = diagnostics.iter().filter(|text| text.contains(said));
    assert_eq!(about.count(), 1, "{ended}");
}

#[test]
fn a_full_disk_costs_nothing_while_the_server_takes_events() {
    let ingest = IngestServer::start();
    let ended = run(&mut without_room(&program_of("records there", &ingest)));
    assert_unharmed(
        &ended,
        "events that can't be delivered at once will be lost",
    );
    let [created, exported, .., lost] = ended.stats();
    assert_eq!((created, exported, lost), (3_000, 3_000, 0), "{ended}");
    ingest.assert_sound();
}

#[test]
fn with_a_full_disk_and_no_server_what_is_lost_is_counted() {
    let down = Answer::refuse(Reply::status(503).with_header("retry-after", "0"));
    let ingest = IngestServer::always(down);
    let ended = run(&mut without_room(&program_of("records there", &ingest)));
    assert_unharmed(
        &ended,
        "events that can't be delivered at once will be lost",
    );
    let [created, exported, spooled, queued, lost] = ended.stats();
    assert!(exported + queued == 0 && spooled > 0 && lost > 0, "{ended}");
    assert_eq!(created, spooled + lost);
    // What fitted is there, and sent by the next one.
    ingest.answer_with(Answer::store());
    run(&mut program_of("idles", &ingest)).assert_success();
    assert_eq!(ingest.events().len() as u64, spooled);
}

#[test]
fn a_full_disk_below_the_local_folder_is_said_once_and_counted() {
    let folder = Folder::new();
    let mut command = program("records there");
    command.env("FOLDER", folder.path());
    let ended = run(&mut without_room(&command));
    assert_unharmed(&ended, "can't write into");
    let [created, exported, .., lost] = ended.stats();
    assert!(
        exported > 0 && lost > 0 && created == exported + lost,
        "{ended}"
    );
    assert_eq!(folder.events().len() as u64, exported);
}

#[test]
fn a_folder_that_can_not_be_written_to_is_said_once() {
    let ingest = IngestServer::start();
    // Not by root, either.
    let nowhere = "/proc/rollout";
    let mut command = program_of("records there", &ingest);
    command.env("SPOOL", nowhere);
    let ended = run(&mut command);
    assert_unharmed(&ended, "nothing can be kept in `/proc/rollout`");
    assert_eq!(ingest.events().len(), 3_000);

    let ended = run(program("records there").env("FOLDER", nowhere));
    assert_unharmed(&ended, "can't record into `/proc/rollout`");
    let [created, exported, .., lost] = ended.stats();
    assert_eq!((created, exported, lost), (3_000, 0, 3_000));
}

#[test]
fn without_a_home_and_without_a_working_directory_there_is_nothing_but_a_word() {
    let here = Folder::new();
    let ended = run(program("records here").current_dir(here.path()));
    ended.assert_success();
    assert_eq!(ended.stats(), [150, 150, 0, 0, 0], "{ended}");

    let gone = Folder::new();
    let ended = run(program("records here")
        .current_dir(gone.path())
        .env("GONE", "1"));
    assert_unharmed(&ended, "can't record into `.rollout`");
    assert_eq!(ended.stats(), [150, 0, 0, 0, 150], "{ended}");
}

#[test]
fn a_disk_that_does_not_answer_holds_up_neither_the_start_nor_the_end() {
    let folder = Folder::new();
    // Whoever reads this file waits for ever.
    let lock = folder.path().join("20261123T112345-123456-0a1b2c.lock");
    assert!(Command::new("mkfifo").arg(lock).status().unwrap().success());
    let mut command = program("hangs on a disk");
    let ended = run(command.env("FOLDER", folder.path()));
    ended.assert_success();
    assert_eq!(ended.said("result"), ["42"], "{ended}");
    let [created, exported, _, queued, lost] = ended.stats();
    assert_eq!((created, exported, queued, lost), (50, 0, 0, 50), "{ended}");
}
