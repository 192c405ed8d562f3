use serde_json::json;

use super::*;

fn index(events: &[Value]) -> (Index, HashSet<String>) {
    let folder = std::env::temp_dir().join(format!(
        "rollout-index-{}-{}",
        std::process::id(),
        events.len()
    ));
    fs::create_dir_all(&folder).unwrap();
    for (file, events) in events.chunks(2).enumerate() {
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        fs::write(
            folder.join(format!("{file}.jsonl")),
            lines.join("\n") + "\n",
        )
        .unwrap();
    }
    let mut index = Index::default();
    let changed = index.grow(&folder).unwrap().changed;
    assert!(
        index.grow(&folder).unwrap().changed.is_empty(),
        "nothing is new the second time"
    );
    let all: Vec<String> = index.traces.keys().cloned().collect();
    assert_eq!(index.lines(&all).runs().1.len(), events.len());
    fs::remove_dir_all(folder).unwrap();
    assert!(
        index.lines(&all).runs().1.is_empty(),
        "what was removed is not there"
    );
    (index, changed)
}

#[test]
fn traces_that_were_begun_in_others_are_one_run_with_them() {
    let inside = |id: &str, parent: &str| json!({"trace_id": id, "attributes": {"rollout.parent.trace_id": parent}});
    let (index, changed) = index(&[
        json!({"trace_id": "a", "external_trace_id": "mine"}),
        inside("b", "a"),
        inside("c", "b"),
        inside("d", "nobody"),
        json!({"external_trace_id": "mine"}),
        inside("e", "f"),
        inside("f", "e"),
    ]);
    assert_eq!(changed.len(), 7);
    for (id, root) in [
        ("a", "a"),
        ("b", "a"),
        ("c", "a"),
        ("d", "d"),
        ("mine", "a"),
    ] {
        assert_eq!(index.root(id), root, "{id}");
    }
    let mut sizes: Vec<_> = index.groups().values().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes.iter().sum::<usize>(), 7);
    assert!(sizes.contains(&4));
}
