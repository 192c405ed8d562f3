//! Places to flush in, and to write to.

use std::time::Duration;

use rollout_core as rollout;

use crate::{LONG, builder, record, report};

/// Flushes where programs do.
pub(crate) fn ends_everywhere() {
    struct Flushes;

    impl Drop for Flushes {
        fn drop(&mut self) {
            rollout::flush(LONG).unwrap();
        }
    }

    let guard = builder().shutdown_timeout(LONG).init().unwrap();
    let client = guard.client();
    record(client, 1);
    rollout::flush(LONG).unwrap();
    println!("in main");
    let flavours = [
        tokio::runtime::Builder::new_current_thread(),
        tokio::runtime::Builder::new_multi_thread(),
    ];
    for mut flavour in flavours {
        let runtime = flavour.enable_all().build().unwrap();
        runtime.block_on(async {
            record(client, 1);
            client.flush_async(LONG).await.unwrap();
            // Blocks the only thread there is, and is not waited for by anything on it.
            client.flush(LONG).unwrap();
            let _flushes = Flushes;
            record(client, 1);
            tokio::spawn(async {
                let _flushes = Flushes;
            })
            .await
            .unwrap();
        });
        println!("in a runtime");
    }
    let trace = client.trace("run").start();
    trace.in_scope(|| {
        let _flushes = Flushes;
        rollout::span("step").start().end();
    });
    trace.end();
    report(client.shutdown());
    rollout::flush(LONG).unwrap();
    client.flush(LONG).unwrap();
    let runtime = { tokio::runtime::Builder::new_current_thread() }
        .build()
        .unwrap();
    runtime.block_on(async { client.flush_async(LONG).await.unwrap() });
    println!("after the end");
    record(client, 1);
    report(client.shutdown());
}

/// Records into the working directory, which is not there any more, as far as `GONE` says so.
pub(crate) fn records_here() {
    if std::env::var_os("GONE").is_some() {
        std::fs::remove_dir(std::env::current_dir().unwrap()).unwrap();
    }
    let guard = builder().init().unwrap();
    record(guard.client(), 30);
    println!("result {}", 6 * 7);
    report(guard.client().shutdown());
}

/// Records a lot, into a folder that is named.
pub(crate) fn records_there() {
    let builder = builder().max_queue_events(100_000);
    let builder = match std::env::var("FOLDER") {
        Ok(folder) => builder.local_dir(folder),
        Err(_) => builder,
    };
    let guard = builder.init().unwrap();
    for _ in 0..20 {
        record(guard.client(), 30);
        // What there is no room for is tried for longer than this.
        let _ = guard.client().flush(Duration::from_millis(200));
    }
    println!("result {}", 6 * 7);
    report(guard.client().shutdown());
}

/// Goes on though the disk never answers.
pub(crate) fn hangs_on_a_disk() {
    let guard = builder()
        .local_dir(std::env::var("FOLDER").unwrap())
        .shutdown_timeout(Duration::from_millis(50))
        .init()
        .unwrap();
    let client = guard.client();
    record(client, 5);
    client.flush(Duration::from_millis(50)).unwrap_err();
    record(client, 5);
    println!("result {}", 6 * 7);
    report(client.shutdown());
}

/// Does what programs do, each of which would wait for the server if it could: the longest that any of it may
/// take is no time at all, or what it says itself.
pub(crate) fn goes_on() {
    let guard = builder()
        .shutdown_timeout(Duration::from_millis(100))
        .init()
        .unwrap();
    let client = guard.client();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| record(client, 5));
        }
    });
    // As long as they are told to wait, and no longer.
    let _ = client.flush(Duration::from_millis(50));
    let runtime = { tokio::runtime::Builder::new_current_thread() }
        .build()
        .unwrap();
    let _ = runtime.block_on(client.flush_async(Duration::from_millis(50)));
    println!("result {}", 6 * 7);
    report(client.shutdown());
    drop(guard);
}
