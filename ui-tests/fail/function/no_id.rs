//! What can't stand for a user or a call is underlined in the attribute.

struct User {
    name: String,
}

#[rollout::agent(user_id = user)]
fn answer(user: &User) -> usize {
    user.name.len()
}

#[rollout::tool(tool_call_id = ids)]
async fn find(ids: Vec<u32>) -> usize {
    ids.len()
}

#[rollout::tool(user_id = usr)]
fn misspelled(user: &str) {}

fn main() {}
