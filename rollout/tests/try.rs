use std::time::Duration;
use rollout::{MemoryExporter, Rollout};

#[rollout::agent]
async fn answer(question: &str, n: u32) -> Result<String, std::io::Error> {
    if n == 0 { return Err(std::io::Error::other("zero")); }
    Ok(format!("{question}{n}"))
}
#[rollout::agent("sync one", user_id = name, attributes(order = n * 2, "a.b" = "c"), skip(n))]
fn plain(name: &str, n: u32) -> u32 { if n > 5 { return 1 } n }

#[rollout::agent]
fn boom() { panic!("at the disco") }

#[rollout::agent]
fn numbers(n: u32) -> impl Iterator<Item = u32> { (0..n).map(|x| x * 2) }

#[test]
fn agents() {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder().exporter(memory.clone()).build().unwrap();
    let _active = rollout.context().attach();
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(rt.block_on(answer("q", 1)).unwrap(), "q1");
    assert!(rt.block_on(answer("q", 0)).is_err());
    assert_eq!(plain("u1", 3), 3);
    let _ = std::panic::catch_unwind(boom);
    assert_eq!(numbers(3).collect::<Vec<_>>(), [0, 2, 4]);
    drop(answer("dropped before polled", 1));
    rollout.flush(Duration::from_secs(5)).unwrap();
    for e in memory.events() { println!("{}", serde_json::to_string(&e).unwrap()); }
}
