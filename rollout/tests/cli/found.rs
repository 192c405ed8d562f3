//! Prices, what is searched for, what goes to other programs, and which folder it is about.

use std::fs;

use serde_json::{Value, json};

use crate::harness::Desk;

#[test]
fn prices_of_ones_own_go_first_and_a_wrong_file_says_what_is() {
    let mut desk = Desk::with_runs();
    let own = json!({"version": 1, "providers": [{"name": "acme", "models": {"acme-1": {"input": 100, "output": 0}}}]});
    fs::write(desk.path().join("own.json"), own.to_string()).unwrap();
    desk.set("ROLLOUT_PRICES", "own.json");
    let runs = desk.json(&["list", "--json"]);
    assert_eq!(
        (&runs[1]["cost_usd"], &runs[1]["cost_unknown_calls"]),
        (&json!(0.012), &json!(0))
    );
    fs::write(desk.path().join("own.json"), "{\"version\": 7}").unwrap();
    let said = desk.run(&["list"]);
    assert_eq!(said.code, 1);
    assert_eq!(
        said.err,
        "rollout: can't read the prices in `own.json`: its version is 7, expected 1\n"
    );
}

#[test]
fn what_is_searched_for_is_found_with_its_place() {
    let desk = Desk::with_runs();
    let hits = desk.json(&["grep", "order 10(42|99)", "--ignore-case", "--json"]);
    assert!(hits.len() >= 3, "{hits:?}");
    for hit in &hits {
        assert!(
            hit["match"] == "Order 1042" || hit["match"] == "order 1099",
            "{hit}"
        );
        assert!(
            hit["trace_id"].is_string()
                && hit["event_type"].is_string()
                && hit["field"].is_string()
        );
    }
    assert!(
        hits.iter()
            .any(|hit| hit["field"] == "error.message_preview" && hit["name"] == "lookup_order")
    );
    assert_eq!(desk.json(&["grep", "order", "--json", "-n", "2"]).len(), 2);
    let few = desk.out(&["grep", "order", "-n", "2"]);
    assert_eq!(few.lines().count(), 3, "{few}");
    assert!(
        few.ends_with("the first 2: `--limit 0` shows all\n"),
        "{few}"
    );
    // As many as there are is not the first of more.
    let all = desk.out(&["grep", "order", "-n", "0"]);
    let count = all.lines().count().to_string();
    assert_eq!(desk.out(&["grep", "order", "-n", &count]), all);
    for (arguments, name) in [
        (["--name", "ref"], "refund"),
        (["--status", "ok"], "support"),
    ] {
        let hits = desk.json(&[&["grep", "1099", "--json"], &arguments[..]].concat());
        let traces: Vec<&Value> = hits.iter().map(|hit| &hit["trace_id"]).collect();
        let id = &desk.json(&["list", "--json", "--name", name])[0]["trace_id"];
        assert!(!traces.is_empty() && traces.iter().all(|trace| *trace == id));
    }
    let said = desk.run(&["grep", "never said"]);
    assert_eq!(
        (said.code, &*said.out, &*said.err),
        (1, "", ""),
        "as grep does"
    );
    let said = desk.run(&["grep", "(half"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("(half"), "{said:?}");
}

#[test]
fn runs_go_to_other_programs_as_events_as_json_and_as_otlp() {
    let desk = Desk::with_runs();
    let events = desk.json(&["export"]);
    let files = fs::read_dir(desk.runs()).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|what| what == "jsonl"))
        .collect();
    files.sort();
    let files = files
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap());
    let recorded: Vec<String> = files
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(
        desk.out(&["export"]).lines().collect::<Vec<_>>(),
        recorded,
        "to the byte"
    );
    assert_eq!(events.len(), recorded.len());

    let text = desk.out(&["export", "--format", "json"]);
    let runs: Value = serde_json::from_str(&text).unwrap();
    let names: Vec<&Value> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["name"])
        .collect();
    assert_eq!(
        names,
        ["support", "nightly report", "refund"],
        "as they happened"
    );
    assert_eq!(
        runs[0]["input"],
        json!({"question": "Where are my orders 1042 and 1099?"})
    );

    let requests = desk.json(&["export", "--format", "otlp-json", "--status", "failed"]);
    assert_eq!(requests.len(), 1);
    let spans = requests[0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .unwrap();
    assert_eq!(
        (&spans[1]["name"], &spans[0]["name"]),
        (
            &json!("invoke_agent refund"),
            &json!("chat claude-sonnet-4-5")
        )
    );
    assert_eq!(spans[0]["parentSpanId"], spans[1]["spanId"]);
    let arguments = ["export", "--format", "otlp-json", "--profile", "langfuse"];
    assert!(desk.out(&arguments).contains("langfuse.observation."));
    let said = desk.run(&["export", "--format", "otlp-json", "--profile", "jaeger"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err
            .contains("`jaeger` is no OTLP profile: expected one of `otel`"),
        "{said:?}"
    );

    assert_eq!(desk.out(&["export", "--output", "runs.jsonl"]), "");
    let file = desk.path().join("runs.jsonl");
    assert_eq!(
        fs::read_to_string(&file).unwrap().lines().count(),
        recorded.len()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "what was recorded is private");
    }
    let said = desk.run(&["export", "--output", "nowhere/runs.jsonl"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err
            .starts_with("rollout: can't write `nowhere/runs.jsonl`: "),
        "{said:?}"
    );
}

#[test]
fn runs_are_found_from_folders_below_and_in_the_folder_that_is_named() {
    let mut desk = Desk::with_runs();
    let below = desk.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let list = |desk: &Desk| {
        desk.command(&["list", "--json"])
            .current_dir(&below)
            .output()
            .unwrap()
    };
    assert_eq!(list(&desk).stdout.split(|byte| *byte == b'\n').count(), 4);
    desk.set("ROLLOUT_DIR", "elsewhere");
    let output = list(&desk);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("no runs in `elsewhere`, the folder of `ROLLOUT_DIR`"),
        "{said}"
    );
    // What is said wins over what is set.
    assert_eq!(desk.json(&["list", "--json", "--dir", ".rollout"]).len(), 3);
}
