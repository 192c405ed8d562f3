// #[tool("research", skip(key))]
// #[must_use]
// #[rollout::agent]
// async fn research(topic: &str, key: &str) -> Report {
//     look_up(topic, key).await
// }

#[must_use]
#[rollout::agent]
#[::rollout::tool("research", skip(key), __waited)]
async fn research(topic: &str, key: &str) -> Report {
    look_up(topic, key).await
}
