//! The right option with a value of the wrong kind.

#[rollout::agent(5)]
fn number_for_a_name() {}

#[rollout::span(retrieval)]
fn word_for_a_type() {}

#[rollout::tool(get_weather)]
fn word_for_a_name() {}

#[rollout::agent(name = 5)]
fn number_for_a_name_with_a_key() {}

#[rollout::agent(name)]
fn no_name() {}

#[rollout::agent(capture_input = "no")]
fn text_for_a_switch() {}

#[rollout::agent(flush = "later")]
fn another_way_to_flush() {}

#[rollout::agent(flush = true)]
fn switch_for_a_way_to_flush() {}

#[rollout::agent(skip = "_secret")]
fn text_for_a_list(_secret: &str) {}

#[rollout::agent(skip("_secret"))]
fn text_for_an_argument(_secret: &str) {}

#[rollout::agent(attributes = "order")]
fn text_for_pairs() {}

#[rollout::agent(attributes(order))]
fn key_without_a_value() {}

#[rollout::agent(crate = "rollout")]
fn text_for_a_path() {}

#[rollout::agent(user_id)]
fn no_value() {}

#[rollout::agent(user_id(7))]
fn list_for_a_value() {}

#[rollout::agent(user_id =)]
fn half_typed() {}

#[rollout::agent(user_id = let)]
fn no_expression() {}

fn main() {}
