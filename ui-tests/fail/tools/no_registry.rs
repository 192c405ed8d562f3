//! A registry owns its tools and knows them by name.

use std::collections::HashMap;

fn find(id: u32) -> u32 {
    id
}

fn main() {
    rollout::wrap_tools!(find);

    let tools = HashMap::from([("find", find)]);
    rollout::wrap_tools!(&tools);

    let numbered: HashMap<u32, fn(u32) -> u32> = HashMap::new();
    rollout::wrap_tools!(numbered);

    // A macro, as what a tool takes and returns is looked at where its type is known.
    rollout::wrap_tools(tools);
}
