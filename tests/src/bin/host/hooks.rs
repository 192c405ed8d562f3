//! Hooks and exporters that do what they had better not do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rollout::{Batch, Builder, Exporter, Receipt, Rollout};
use rollout_core as rollout;

use crate::{LONG, builder, record, report};

/// The client, for its own hooks.
static CLIENT: OnceLock<Rollout> = OnceLock::new();
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Waits for the client in every way there is.
fn wait_for_itself() {
    let Some(client) = CLIENT.get() else { return };
    CALLS.fetch_add(1, Ordering::Relaxed);
    let _ = client.flush(LONG);
    // On the thread that sends there is a runtime already.
    if tokio::runtime::Handle::try_current().is_err() {
        let runtime = { tokio::runtime::Builder::new_current_thread() }
            .build()
            .unwrap();
        let _ = runtime.block_on(client.flush_async(LONG));
    }
    let _ = client.stats();
}

struct Flushing;

impl Exporter for Flushing {
    fn name(&self) -> &'static str {
        "flushing"
    }

    fn export(&mut self, _: Arc<Batch>, receipt: Receipt) {
        wait_for_itself();
        receipt.delivered();
    }

    fn flush(&mut self) {
        wait_for_itself();
    }
}

fn run(builder: Builder) -> &'static Rollout {
    let client = builder.build().unwrap();
    let client = CLIENT.get_or_init(|| client);
    record(client, 5);
    client.flush(LONG).unwrap();
    println!("flushed");
    client
}

pub(crate) fn flushes_in_hooks() {
    let with_debug = builder().debug(true).on_diagnostic(|_| wait_for_itself());
    let client = run(with_debug
        .exporter(Flushing)
        .shutdown_timeout(LONG)
        .scrubber(|_| wait_for_itself())
        .before_send(|event| {
            wait_for_itself();
            Some(event)
        }));
    let trace = client.trace("last").start();
    // It ends what is about to be ended.
    trace.end();
    report(client.shutdown());
    assert!(CALLS.load(Ordering::Relaxed) > 25);
}

/// What a hook records itself would make events, and these the next ones.
pub(crate) fn records_in_a_hook() {
    let client = run(builder().shutdown_timeout(LONG).before_send(|event| {
        if let Some(client) = CLIENT.get() {
            record(client, 1);
            rollout::trace("in a hook").start().end();
        }
        Some(event)
    }));
    let end = client.shutdown();
    assert_eq!(end.created, 25, "{end}");
    report(end);
    // The hook ends the client, whose worker it runs on.
    static SECOND: OnceLock<Rollout> = OnceLock::new();
    let second = builder().shutdown_timeout(LONG).before_send(|event| {
        if let Some(second) = SECOND.get() {
            second.shutdown();
        }
        Some(event)
    });
    let second = second.build().unwrap();
    let second = SECOND.get_or_init(|| second);
    record(second, 1);
    let _ = second.flush(LONG);
    while second.stats().queued > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    report(second.shutdown());
}

/// Ends with whoever waits for it.
fn end_though_it_hangs(client: &Rollout) {
    record(client, 5);
    client.flush(Duration::from_millis(50)).unwrap_err();
    println!("flushed");
    let runtime = { tokio::runtime::Builder::new_current_thread() }
        .build()
        .unwrap();
    let flushed = runtime.block_on(client.flush_async(Duration::from_millis(50)));
    flushed.unwrap_err();
    println!("flushed, awaited");
    record(client, 5);
    report(client.stats());
    report(client.shutdown());
}

fn hang() {
    loop {
        std::thread::park();
    }
}

pub(crate) fn hangs_in_a_hook() {
    let hanging = builder().scrubber(|_| hang());
    let guard = hanging
        .shutdown_timeout(Duration::from_millis(50))
        .init()
        .unwrap();
    end_though_it_hangs(guard.client());
}

pub(crate) fn hangs_in_an_exporter() {
    struct Hangs(&'static str);

    impl Exporter for Hangs {
        fn name(&self) -> &'static str {
            "hangs"
        }

        fn export(&mut self, _: Arc<Batch>, receipt: Receipt) {
            if self.0 == "export" {
                hang();
            }
            receipt.delivered();
        }

        fn shutdown(&mut self, _: Duration) {
            if self.0 == "shutdown" {
                hang();
            }
        }
    }

    impl Drop for Hangs {
        fn drop(&mut self) {
            if self.0 == "drop" {
                hang();
            }
        }
    }

    for place in ["export", "shutdown", "drop"] {
        let client = builder()
            .exporter(Hangs(place))
            .shutdown_timeout(Duration::from_millis(50))
            .build()
            .unwrap();
        if place == "export" {
            end_though_it_hangs(&client);
        } else {
            record(&client, 5);
            client.flush(LONG).unwrap();
            report(client.shutdown());
        }
        println!("{place}");
    }
}
