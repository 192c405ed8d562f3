//! The compiler's own messages point at the user's code, as if there were no attribute.

#[rollout::agent]
fn wrong_type(id: u32) -> String {
    id
}

#[rollout::tool]
async fn wrong_type_later(id: u32) -> String {
    id
}

#[rollout::tool]
fn no_result(text: &str) -> u32 {
    text.parse()?
}

#[rollout::tool]
fn borrowed<'a>(text: &'a str, other: &str) -> &'a str {
    other
}

#[rollout::tool]
fn moved(text: String) -> usize {
    drop(text);
    text.len()
}

fn main() {}
