//! What the program tells of runs that were recorded, to people and to scripts.

use serde_json::{Value, json};

use crate::harness::Desk;

/// Returns the names of the members of an object.
fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_list_has_a_line_for_each_run_the_newest_first() {
    let desk = Desk::with_runs();
    let list = desk.out(&["list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 4, "{list}");
    for (line, parts) in lines.iter().zip([
        &["NAME", "TOKENS", "COST"][..],
        &["✗ refund ", " claude-sonnet-4-5 "],
        &[
            "✓ nightly report ",
            " acme-1, qwen3-4b ",
            " 240 → 36 ",
            " $0 + ? ",
        ],
        &[
            "✓ support ",
            " 3,230 (1,024 cached) → 530 ",
            " ≈$0.00183 ",
            " 1 ",
        ],
    ]) {
        for part in parts {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
    let runs = desk.json(&["list", "--json"]);
    let names: Vec<&Value> = runs.iter().map(|run| &run["name"]).collect();
    assert_eq!(names, ["refund", "nightly report", "support"]);
    let support = &runs[2];
    assert_eq!(support["status"], "ok");
    assert_eq!(
        (&support["user_id"], &support["session_id"]),
        (&json!("u_7"), &json!("s_1"))
    );
    assert_eq!(
        (&support["input_tokens"], &support["output_tokens"]),
        (&json!(3230), &json!(530))
    );
    assert_eq!(support["cost_estimated"], true);
    let cost = support["cost_usd"].as_f64().unwrap();
    // 2,206 fresh at 0.40, 1,024 cached at 0.10, 530 written at 1.60, by the million.
    assert!((cost - 0.001_832_8).abs() < 1e-9, "{cost}");
    assert_eq!(
        (
            &support["model_calls"],
            &support["tool_calls"],
            &support["errors"]
        ),
        (&json!(2), &json!(2), &json!(1))
    );
    // What nobody knows is not there.
    let refund = &runs[0];
    assert_eq!(
        keys(refund),
        [
            "cost_estimated",
            "cost_unknown_calls",
            "duration_ms",
            "errors",
            "model_calls",
            "models",
            "name",
            "started_at",
            "status",
            "tool_calls",
            "trace_id",
        ]
    );
    // A model of one's own takes no money; of one without a price nobody knows.
    assert_eq!(
        (&runs[1]["cost_usd"], &runs[1]["cost_unknown_calls"]),
        (&json!(0.0), &json!(1))
    );
}

#[test]
fn runs_are_chosen_by_what_is_known_of_them() {
    let desk = Desk::with_runs();
    let names = |arguments: &[&str]| -> Vec<String> {
        let all = [&["list", "--json"], arguments].concat();
        let runs = desk.json(&all);
        runs.iter()
            .map(|run| run["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&["--status", "failed"]), ["refund"]);
    assert_eq!(names(&["--status", "errors"]), ["refund", "support"]);
    assert_eq!(names(&["--name", "REP"]), ["nightly report"]);
    assert_eq!(names(&["--model", "qwen"]), ["nightly report"]);
    assert_eq!(names(&["--user", "u_7", "--session", "s_1"]), ["support"]);
    assert_eq!(names(&["--since", "1h"]), Vec::<String>::new());
    assert_eq!(names(&["-n", "1"]), ["refund"]);
    let said = desk.run(&["list", "--name", "nothing like that"]);
    assert_eq!(
        (said.code, &*said.err),
        (3, "rollout: no run is like that\n")
    );
    let said = desk.run(&["list", "--since", "yesterday"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("`--since yesterday`") && said.err.contains("`30m`"),
        "{said:?}"
    );
}

#[test]
fn a_run_is_shown_as_a_tree_in_full_or_as_it_was_recorded() {
    let desk = Desk::with_runs();
    let id = desk.json(&["list", "--json"])[2]["trace_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let tree = desk.out(&["show", &id]);
    assert!(tree.starts_with("✓ support"), "{tree}");
    assert!(
        tree.contains("lookup_order") && tree.contains("there is no order 1099"),
        "{tree}"
    );
    assert!(tree.ends_with("cost ≈$0.00183\n"), "{tree}");
    // A few digits of it are enough.
    let short = id.trim_start_matches("trace_");
    assert_eq!(desk.out(&["show", &short[..13]]), tree);
    assert!(desk.out(&["show"]).starts_with("✗ refund"));

    let full = desk.out(&["show", &id, "--full"]);
    assert!(full.starts_with(&tree), "{full}");
    assert!(
        full.contains("    Order 1042 is in transit. I could not find order 1099.\n"),
        "{full}"
    );

    let run = &desk.json(&["show", &id, "--json"])[0];
    let steps = run["steps"].as_array().unwrap();
    let told: Vec<_> = steps
        .iter()
        .map(|step| (&step["kind"], &step["name"], &step["status"]))
        .collect();
    let step = |kind: &str, name: &str, status: &str| (json!(kind), json!(name), json!(status));
    let expected = [
        step("model", "openai.chat.completions", "ok"),
        step("tool", "lookup_order", "ok"),
        step("tool", "lookup_order", "failed"),
        step("model", "openai.chat.completions", "ok"),
    ];
    assert!(
        told.iter()
            .copied()
            .eq(expected.iter().map(|(a, b, c)| (a, b, c))),
        "{told:?}"
    );
    assert_eq!(
        steps[3]["usage"],
        json!({"input_tokens": 1800, "output_tokens": 370, "cached_tokens": 1024})
    );
    assert_eq!(steps[2]["error"]["message"], "there is no order 1099");
    let full = &desk.json(&["show", &id, "--json", "--full"])[0];
    assert_eq!(
        full["input"],
        json!({"question": "Where are my orders 1042 and 1099?"})
    );

    let events = desk.json(&["show", &id, "--events", "--json"]);
    assert!(events.iter().all(|event| event["trace_id"] == *id));
    assert_eq!(events[0]["event_type"], "trace.start");
    let said = desk.run(&["show", "0000"]);
    assert_eq!(said.code, 3);
    assert_eq!(
        said.err,
        "rollout: there is no run `0000`: `rollout list` shows those there are\n"
    );
    let said = desk.run(&["show", "trace_"]);
    assert_eq!(
        (said.code, &*said.err),
        (
            3,
            "rollout: `trace_` may be any of 3 runs: say more of the id\n"
        )
    );
}

#[test]
fn sums_are_by_model_and_by_agent() {
    let desk = Desk::with_runs();
    let stats = &desk.json(&["stats", "--json"])[0];
    assert_eq!(
        (&stats["runs"], &stats["failed_runs"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(
        (
            &stats["calls"],
            &stats["failed_calls"],
            &stats["tool_calls"]
        ),
        (&json!(5), &json!(1), &json!(2))
    );
    assert_eq!(
        (&stats["input_tokens"], &stats["cost_unknown_calls"]),
        (&json!(3470), &json!(1))
    );
    let models = stats["models"].as_array().unwrap();
    let of = |name: &str| models.iter().find(|model| model["name"] == name).unwrap();
    assert_eq!(models.len(), 4);
    assert_eq!(
        (
            &of("gpt-4.1-mini")["calls"],
            &of("gpt-4.1-mini")["output_tokens"]
        ),
        (&json!(2), &json!(530))
    );
    assert_eq!(
        keys(&of("gpt-4.1-mini")["duration_ms"]),
        ["p50", "p90", "p99"]
    );
    assert_eq!(
        (
            &of("qwen3-4b")["cost_usd"],
            &of("qwen3-4b")["cost_estimated"]
        ),
        (&json!(0.0), &json!(false))
    );
    assert_eq!(of("acme-1").get("cost_usd"), None);
    // Nothing was consumed, and so there is nothing that nobody knows.
    assert_eq!(of("claude-sonnet-4-5")["cost_unknown_calls"], 0);
    let agents: Vec<&Value> = stats["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| &agent["name"])
        .collect();
    assert_eq!(agents.len(), 3);
    let text = desk.out(&["stats"]);
    assert!(
        text.starts_with("3 runs, 1 failed · 5 model calls, 1 failed · 2 tool calls · "),
        "{text}"
    );
}
