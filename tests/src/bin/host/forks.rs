//! A process that forks, while others of its threads record.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fork::{Fork, fork, waitpid};
use rollout_core as rollout;

use crate::{LONG, builder, record, report};

const FORKS: usize = 25;

/// The child: its parent's client does nothing and waits for nothing, its own one works.
fn child() -> ! {
    let client = rollout::client().unwrap();
    assert!(!client.is_recording());
    record(&client, 20);
    rollout::trace("of nobody").start().end();
    let _ = client.flush(LONG);
    let _ = client.stats();
    client.shutdown();
    let own = builder().shutdown_timeout(LONG).init().unwrap();
    rollout::trace("of the child").start().end();
    let stats = own.client().shutdown();
    process::exit(if stats.exported == 2 { 0 } else { 1 })
}

pub(crate) fn forks() {
    let guard = builder().shutdown_timeout(LONG).init().unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    // In bursts, so that the locks are held when it forks, and little is recorded.
                    for _ in 0..20 {
                        rollout::trace("of the parent").start().end();
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
        }
        for _ in 0..FORKS {
            match fork().unwrap() {
                Fork::Child => child(),
                Fork::Parent(child) => {
                    let status = waitpid(child).unwrap();
                    println!("child {}", fork::WEXITSTATUS(status));
                }
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    report(guard.client().shutdown());
}
