//! `skip` of what is no argument.

struct Desk;

impl Desk {
    #[rollout::tool(skip(self))]
    fn never_captured(&self) {}

    #[rollout::tool(skip(_pasword))]
    fn misspelled(&self, _user: &str, _password: &str) {}
}

#[rollout::tool(skip(token))]
fn nothing_like_it(_user: &str) {}

#[rollout::tool(skip(token))]
fn none() {}

fn main() {
    Desk.never_captured();
    Desk.misspelled("", "");
    nothing_like_it("");
    none();
}
