use super::*;

fn resolve(builder: Builder, variables: &[(&str, &str)]) -> Config {
    let lookup = |name: &str| {
        variables
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| (*value).to_owned())
    };
    builder.resolve(&lookup).0
}

#[test]
fn what_the_program_sets_wins_over_the_environment() {
    let variables = [("ROLLOUT_AGENT_NAME", "env"), ("ROLLOUT_RELEASE", "1.2")];
    let config = resolve(Builder::default().agent_name("code"), &variables);
    assert_eq!(config.identity.agent_name.as_deref(), Some("code"));
    assert_eq!(config.identity.release.as_deref(), Some("1.2"));
}

#[test]
fn a_base_url_loses_blanks_and_slashes_and_an_empty_one_is_the_default() {
    let url = |text| resolve(Builder::default().base_url(text), &[]).base_url;
    assert_eq!(url(" http://localhost:8080// "), "http://localhost:8080");
    assert_eq!(url(" / "), DEFAULT_BASE_URL);
}

#[test]
fn without_options_and_variables_there_are_the_defaults_of_the_protocol() {
    let config = resolve(Builder::default(), &[]);
    assert_eq!(
        (config.api_key.is_none(), config.base_url.as_str()),
        (true, DEFAULT_BASE_URL)
    );
    assert_eq!(config.identity, Identity::default());
    assert_eq!(
        (
            config.sample_rate.to_string(),
            config.disabled,
            config.sync_mode
        ),
        ("1".to_owned(), false, false)
    );
    assert_eq!(
        (config.queue.events, config.queue.bytes),
        (1_000, 4_000_000)
    );
    assert_eq!((config.batch.events, config.batch.bytes), (100, 512_000));
    assert_eq!(config.batch.interval, Duration::from_secs(2));
    assert_eq!(config.shutdown_timeout, Duration::from_secs(5));
    let stream = config.stream;
    assert_eq!(
        (stream.capture_chunks, stream.preview_chars),
        (false, 4_096)
    );
    assert!(config.scrubber.is_none() && config.before_send.is_none());
}

#[test]
fn each_variable_has_its_effect() {
    let text = |name: &str| {
        let config = resolve(Builder::default(), &[(name, " x ")]);
        let identity = config.identity;
        match name {
            "ROLLOUT_API_KEY" => config.api_key.map(|_| "x".to_owned()),
            "ROLLOUT_BASE_URL" => Some(config.base_url),
            "ROLLOUT_ENVIRONMENT" => identity.environment,
            "ROLLOUT_RELEASE" => identity.release,
            "ROLLOUT_SERVICE_NAME" => identity.service_name,
            "ROLLOUT_AGENT_NAME" => identity.agent_name,
            "ROLLOUT_AGENT_ID" => identity.agent_id,
            "ROLLOUT_AGENT_VERSION" => identity.agent_version,
            "ROLLOUT_DEPLOYMENT" => identity.deployment,
            _ => None,
        }
    };
    for name in [
        "ROLLOUT_API_KEY",
        "ROLLOUT_BASE_URL",
        "ROLLOUT_ENVIRONMENT",
        "ROLLOUT_RELEASE",
        "ROLLOUT_SERVICE_NAME",
        "ROLLOUT_AGENT_NAME",
        "ROLLOUT_AGENT_ID",
        "ROLLOUT_AGENT_VERSION",
        "ROLLOUT_DEPLOYMENT",
    ] {
        assert_eq!(text(name).as_deref(), Some("x"), "{name}");
    }
    let set = |name, value| resolve(Builder::default(), &[(name, value)]);
    let rate = |value| set("ROLLOUT_SAMPLE_RATE", value).sample_rate.to_string();
    assert_eq!(rate("0.25"), "0.25");
    assert_eq!(rate("50%"), "1");
    for (word, meant) in [
        ("1", true),
        ("Yes", true),
        (" on ", true),
        ("TRUE", true),
        ("0", false),
        ("maybe", false),
    ] {
        assert_eq!(set("ROLLOUT_DISABLED", word).disabled, meant, "{word}");
    }
}

#[test]
fn a_limit_of_zero_is_the_default() {
    let builder = Builder::default()
        .max_queue_events(0)
        .max_batch_events(5_000);
    let config = resolve(builder.on_diagnostic(|_| {}), &[]);
    assert_eq!((config.queue.events, config.batch.events), (1_000, 100));
}

#[test]
fn what_is_not_delivered_is_kept_beside_the_records_or_in_the_users_state() {
    let dirs = |builder, variables: &[_]| resolve(builder, variables).spool.dirs;
    let home = [("HOME", "/home/u")];
    let expected = [".rollout/spool", "/home/u/.local/state/rollout/spool"];
    assert_eq!(dirs(Builder::default(), &home), expected.map(PathBuf::from));
    let state = [
        ("HOME", "/home/u"),
        ("XDG_STATE_HOME", "/s"),
        ("ROLLOUT_DIR", "r"),
    ];
    let expected = ["r/spool", "/s/rollout/spool"];
    assert_eq!(
        dirs(Builder::default(), &state),
        expected.map(PathBuf::from)
    );
    assert_eq!(
        dirs(Builder::default(), &[]),
        [PathBuf::from(".rollout/spool")]
    );
    let explicit = [("ROLLOUT_SPOOL_DIR", "/e"), ("HOME", "/home/u")];
    assert_eq!(dirs(Builder::default(), &explicit), [PathBuf::from("/e")]);
    assert_eq!(
        dirs(Builder::default().spool_dir("/c"), &explicit),
        [PathBuf::from("/c")]
    );
}

#[test]
fn a_blank_folder_is_none_and_not_the_working_directory() {
    let builder = Builder::default().local_dir("").spool_dir(" ");
    let config = resolve(builder, &[("ROLLOUT_DIR", "r"), ("ROLLOUT_SPOOL_DIR", "s")]);
    assert_eq!(config.local_dir, None);
    assert_eq!(config.spool.dirs, [PathBuf::from(".rollout/spool")]);
}

#[test]
fn a_spool_of_no_bytes_is_none_and_a_bad_number_the_default() {
    let bytes = |text| {
        let builder = Builder::default().on_diagnostic(|_| {});
        resolve(builder, &[("ROLLOUT_SPOOL_MAX_BYTES", text)])
            .spool
            .max_bytes
    };
    assert_eq!(
        (bytes("0"), bytes(" 1000 "), bytes("64 MB")),
        (0, 1000, 64 * 1024 * 1024)
    );
}

#[test]
fn the_api_key_is_in_no_debug_text() {
    let config = resolve(Builder::default().api_key("rl_secret"), &[]);
    assert!(config.api_key.is_some());
    assert!(!format!("{config:?}").contains("rl_secret"));
    assert!(!format!("{:?}", Builder::default().api_key("rl_secret")).contains("rl_secret"));
}
