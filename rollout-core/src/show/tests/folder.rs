//! The local folder, read.

use std::fs;

use super::*;
use crate::LocalExporter;

#[test]
fn a_folder_is_read_though_a_line_of_it_is_torn() {
    let dir = std::env::temp_dir().join(format!("rollout-show-{}", crate::TraceId::random()));
    let rollout = Rollout::builder()
        .exporter(LocalExporter::new(&dir).unwrap())
        .build()
        .unwrap();
    rollout.trace("first").start().end();
    rollout
        .trace("second")
        .external_trace_id("order-7")
        .start()
        .end();
    rollout.shutdown();
    fs::write(dir.join("zzz.jsonl"), "{\"event_type\":\"trace.st").unwrap();

    let runs = load(&dir).unwrap();
    let names: Vec<_> = runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!(latest(&dir).unwrap().unwrap().name, "second");
    assert_eq!(find(&dir, "order-7").unwrap().unwrap().name, "second");
    let short = &runs[0].trace_id["trace_".len().."trace_".len() + 12];
    assert_eq!(find(&dir, short).unwrap().unwrap().name, "first");
    assert_eq!(find(&dir, "").unwrap(), None);
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_run_inside_another_is_found_by_its_own_id() {
    let dir = std::env::temp_dir().join(format!("rollout-show-{}", crate::TraceId::random()));
    fs::create_dir_all(dir.join("not-a-file.jsonl")).unwrap();
    let events = [
        event("trace.start", "trace_outer", 1, json!({})),
        event("trace.start", "trace_inner", 2, inside("trace_outer")),
        event("trace.start", "trace_other", 3, json!({})),
    ];
    let text: Vec<String> = events.iter().map(Value::to_string).collect();
    fs::write(dir.join("a.jsonl"), text.join("\n")).unwrap();
    for (id, found) in [
        ("inn", Some("trace_outer")),
        ("trace_inner", Some("trace_outer")),
        ("out", Some("trace_outer")),
        ("o", None),
        ("trace_", None),
    ] {
        let run = find(&dir, id).unwrap();
        assert_eq!(run.map(|run| run.trace_id).as_deref(), found, "{id}");
    }
    fs::remove_dir_all(&dir).unwrap();
}
