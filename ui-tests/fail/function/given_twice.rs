//! Once is enough.

#[rollout::agent("desk", name = "desk")]
fn name() {}

#[rollout::agent(capture_input = true, capture_input = false)]
fn option() {}

#[rollout::tool(skip(_secret, _secret))]
fn skipped(_secret: &str) {}

#[rollout::tool(attributes(order.id = 1, "order.id" = 2))]
fn attribute() {}

#[rollout::tool("one", "two")]
fn text() {}

fn main() {
    name();
    option();
    skipped("");
    attribute();
    text();
}
