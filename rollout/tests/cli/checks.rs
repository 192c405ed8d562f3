//! `rollout doctor` and `rollout check`, completions and manual pages.

use std::fs;

use rollout_tests::{IngestServer, NOBODY, ingest};
use serde_json::{Value, json};

use crate::harness::Desk;

#[test]
fn the_doctor_tells_where_values_come_from_and_never_the_key() {
    let mut desk = Desk::with_runs();
    desk.set("ROLLOUT_API_KEY", "rl_very_secret");
    desk.set("ROLLOUT_BASE_URL", "https://me:rl_password@example.com");
    desk.set("ROLLOUT_SERVICE_NAME", "desk");
    let text = desk.out(&["doctor"]);
    let json = desk.out(&["doctor", "--json"]);
    for said in [&text, &json] {
        assert!(
            !said.contains("rl_very") && !said.contains("rl_password"),
            "{said}"
        );
    }
    assert!(text.contains("✓ all is as it should be"), "{text}");
    let said: Value = serde_json::from_str(&json).unwrap();
    let setting = |name: &str| {
        let settings = said["settings"].as_array().unwrap();
        let setting = settings
            .iter()
            .find(|setting| setting["name"] == name)
            .unwrap();
        (setting["value"].clone(), setting["source"].clone())
    };
    assert_eq!(
        setting("ROLLOUT_API_KEY"),
        (json!("set, and not shown"), json!("environment"))
    );
    assert_eq!(
        setting("ROLLOUT_SERVICE_NAME"),
        (json!("desk"), json!("environment"))
    );
    assert_eq!(setting("ROLLOUT_DEBUG"), (json!("false"), json!("default")));
    assert_eq!(
        said["destination"],
        "the ingest API at https://…@example.com"
    );
    assert_eq!(
        (&said["folder"]["runs"], &said["folder"]["private"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(
        (&said["spools"], &said["problems"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn the_doctor_tells_what_waits_and_what_is_wrong() {
    let mut desk = Desk::empty();
    desk.set("ROLLOUT_SAMPLE_RATE", "50%");
    let address = format!("http://{NOBODY}");
    let rollout = rollout::builder()
        .without_environment()
        .api_key("rl_x")
        .base_url(&address)
        .spool_dir(desk.runs().join("spool"))
        .build()
        .unwrap();
    rollout.trace("kept").start().end();
    let kept = rollout.shutdown().spooled;
    assert!(kept >= 2);
    let said = desk.run(&["doctor"]);
    assert_eq!((said.code, &*said.err), (1, ""));
    assert!(
        said.out
            .contains("! ROLLOUT_SAMPLE_RATE is `50%`, expected a number from 0 to 1"),
        "{said:?}"
    );
    assert!(said.out.contains(&format!("for {address}")), "{said:?}");
    let said: Value = serde_json::from_str(&desk.run(&["doctor", "--json"]).out).unwrap();
    assert_eq!(said["spools"][0]["waiting"][0]["events"], kept);
    assert_eq!(said["problems"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn the_doctor_tells_of_folders_that_others_may_look_into() {
    use std::os::unix::fs::PermissionsExt as _;

    let desk = Desk::with_runs();
    fs::set_permissions(desk.runs(), fs::Permissions::from_mode(0o755)).unwrap();
    let said = desk.run(&["doctor"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out
            .contains("its mode is 755): `chmod 700 .rollout` keeps them out"),
        "{said:?}"
    );
}

#[test]
fn the_doctor_speaks_of_the_folder_that_programs_write_to() {
    let desk = Desk::with_runs();
    let below = desk.path().join("below");
    fs::create_dir(&below).unwrap();
    let output = desk
        .command(&["doctor", "--json"])
        .current_dir(&below)
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    // What is found is above; what is recorded from here goes here.
    assert_eq!(said["folder"]["runs"], 3);
    assert_eq!(
        said["destination"],
        "the folder `.rollout`, as there is no `ROLLOUT_API_KEY`"
    );
}

#[test]
fn a_check_tells_whether_the_server_takes_events() {
    let server = IngestServer::start();
    let mut desk = Desk::empty();
    desk.set("ROLLOUT_API_KEY", ingest::KEY);
    desk.set("ROLLOUT_BASE_URL", &server.url());
    assert!(desk.out(&["check"]).starts_with("✓ "));
    let said = desk.json(&["check", "--json"]);
    assert_eq!(
        (&said[0]["ok"], &said[0]["accepted"]),
        (&json!(true), &json!(3))
    );
    server.assert_sound();
    desk.set("ROLLOUT_BASE_URL", &format!("http://{NOBODY}"));
    let said = desk.run(&["check"]);
    assert_eq!((said.code, &*said.err), (1, ""));
    assert!(
        said.out
            .contains(&format!("✗ http://{NOBODY} can't be reached")),
        "{said:?}"
    );
}

#[test]
fn every_shell_gets_completions_and_every_command_has_a_manual_page() {
    let desk = Desk::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = desk.out(&["completions", shell]);
        assert!(script.contains("dry-run"), "{shell}");
    }
    let page = desk.out(&["man"]);
    let names = [
        "list",
        "show",
        "tail",
        "grep",
        "stats",
        "export",
        "view",
        "send",
        "doctor",
        "check",
        "completions",
        "man",
    ];
    for name in names {
        assert!(page.contains(&format!("rollout\\-{name}(1)")), "{name}");
        assert!(
            desk.out(&["man", name])
                .contains(&format!(".TH rollout-{name} 1")),
            "{name}"
        );
    }
    let said = desk.run(&["man", "lits"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("`lits`") && said.err.contains("rollout --help"),
        "{said:?}"
    );
}
