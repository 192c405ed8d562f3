//! Only functions can be recorded.

#[rollout::agent]
struct Desk;

#[rollout::tool]
pub(crate) enum Answer {
    Yes,
}

#[rollout::trace]
impl Desk {
    fn answer(&self) {}
}

#[rollout::span("retrieval")]
trait Search {}

#[rollout::task]
mod steps {}

#[rollout::tool]
const LIMIT: u8 = 1;

#[rollout::tool]
static TOOLS: [u8; 0] = [];

#[rollout::agent]
type Reply = String;

fn main() {
    // The items are there all the same.
    Desk.answer();
    let _ = (Answer::Yes, LIMIT, TOOLS, Reply::new());
}
