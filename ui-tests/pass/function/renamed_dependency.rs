//! The crate under another name, and behind a path of one's own.

extern crate rollout as recorder;

mod deps {
    pub(crate) mod observability {
        pub(crate) use recorder;
    }
}

#[recorder::agent(crate = recorder)]
fn renamed(question: &str) -> Result<usize, String> {
    Ok(tool(question).count())
}

#[deps::observability::recorder::tool("count", crate = crate::deps::observability::recorder)]
fn tool(text: &str) -> impl Iterator<Item = char> {
    text.chars()
}

#[recorder::span("retrieval", crate = ::recorder)]
async fn search(query: &str) -> usize {
    query.len()
}

fn main() {
    assert_eq!(renamed("why?"), Ok(4));
    drop(search("x"));
}
