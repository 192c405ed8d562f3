//! Names that are keywords elsewhere are recorded without their `r#`.

use std::time::Duration;

use rollout::{MemoryExporter, Rollout};

#[rollout::tool(skip(r#mod), tool_call_id = r#type, attributes(r#fn = 1, type = 2))]
fn r#match(r#type: &str, r#mod: u8, r#loop: u8) -> u8 {
    r#mod + r#loop + r#type.len() as u8
}

fn main() {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder().exporter(memory.clone()).build().unwrap();
    rollout.context().in_scope(|| r#match("x", 1, 2));
    rollout.flush(Duration::from_secs(20)).unwrap();
    let events = serde_json::to_value(memory.events()).unwrap();
    let call = &events[1];
    assert_eq!(call["name"], "match");
    assert_eq!(call["attributes"], serde_json::json!({"fn": 1, "type": 2}));
    assert_eq!(
        call["raw"]["arguments"],
        serde_json::json!({"type": "x", "loop": 2})
    );
}
