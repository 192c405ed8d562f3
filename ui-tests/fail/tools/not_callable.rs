//! What can't be called is no tool.

use std::collections::HashMap;

struct Weather;

fn main() {
    let tools = HashMap::from([("get_weather", Weather)]);
    rollout::wrap_tools!(tools);

    rollout::wrap_tool!("get_weather", 42);
}
