//! Ends of a program.

use std::cell::RefCell;
use std::process;
use std::time::Duration;

use rollout::{Instrument as _, Span, Trace};
use rollout_core as rollout;

use crate::{LONG, builder, record, report};

/// In the middle of a run.
pub(crate) fn exits() {
    let guard = builder().init().unwrap();
    record(guard.client(), 3);
    let trace = rollout::trace("half").start();
    trace.in_scope(|| process::exit(3));
}

/// From another thread, while the main one is at work.
pub(crate) fn exits_elsewhere() {
    let guard = builder().init().unwrap();
    record(guard.client(), 3);
    guard.client().flush(LONG).unwrap();
    report(guard.client().stats());
    std::thread::spawn(|| process::exit(4));
    loop {
        std::thread::park();
    }
}

pub(crate) fn aborts() {
    let guard = builder().init().unwrap();
    record(guard.client(), 3);
    guard.client().flush(LONG).unwrap();
    report(guard.client().stats());
    process::abort();
}

pub(crate) fn panics() {
    let _guard = builder().init().unwrap();
    let trace = rollout::trace("run").start();
    trace.in_scope(|| {
        let _span = rollout::span("step").start();
        panic!("of the program");
    });
}

struct Panics;

impl serde::Serialize for Panics {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("in a value")
    }
}

/// Its values can't be written, and what is recorded of it is recorded while it unwinds.
pub(crate) fn fails_while_it_panics() {
    struct Ends(Option<(Trace, Span)>);

    impl Drop for Ends {
        fn drop(&mut self) {
            let (mut trace, mut span) = self.0.take().unwrap();
            span.record_output(&Panics);
            span.end();
            trace.record_output(&Panics);
            let inner = trace.span("late").input(&Panics).start();
            inner.end();
            trace.end();
            let _ = rollout::flush(LONG);
        }
    }

    let _guard = builder().init().unwrap();
    let trace = rollout::trace("run").start();
    let span = trace.span("step").start();
    let _ends = Ends(Some((trace, span)));
    panic!("of the program");
}

thread_local! {
    static FIRST: RefCell<Option<Work>> = const { RefCell::new(None) };
    static SECOND: RefCell<Option<Work>> = const { RefCell::new(None) };
}

/// Goes on when the thread is at its end.
struct Work(Trace, Span);

impl Drop for Work {
    fn drop(&mut self) {
        let Self(trace, span) = self;
        span.set_attribute("late", true);
        trace.in_scope(|| rollout::span("in a destructor").start().end());
        let context = rollout::Context::current();
        let _active = context.attach();
        rollout::trace("of a destructor").start().end();
    }
}

fn begin(rollout: &rollout::Rollout) -> Option<Work> {
    let trace = rollout.trace("run").start();
    let span = trace.span("step").start();
    Some(Work(trace, span))
}

/// What is recorded in the destructors of a thread's locals, in either order.
pub(crate) fn locals() {
    let rollout = builder().init().unwrap();
    let client = rollout.client();
    let first = || {
        let client = rollout::client().unwrap();
        // Made before rollout has anything on this thread, and so destroyed after it.
        FIRST.with_borrow_mut(|_| ());
        record(&client, 1);
        FIRST.set(begin(&client));
    };
    let second = || {
        let client = rollout::client().unwrap();
        record(&client, 1);
        SECOND.set(begin(&client));
        FIRST.set(begin(&client));
    };
    // One after the other, to the end of their locals.
    std::thread::spawn(first).join().unwrap();
    std::thread::spawn(second).join().unwrap();
    FIRST.set(begin(client));
    println!("threads are gone");
    report(client.shutdown());
}

/// Runtimes that end before the client does, and after it; with work under way.
pub(crate) fn runtimes() {
    for before in [true, false] {
        let client = builder().shutdown_timeout(LONG).build().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(2).enable_all().build().unwrap();
        let endless = || async {
            let _span = rollout::span("step").start();
            std::future::pending::<()>().await;
        };
        for _ in 0..10 {
            let trace = client.trace("run").start();
            let work = trace.in_scope(|| endless().in_current_trace());
            runtime.spawn(async move {
                work.await;
                drop(trace);
            });
        }
        runtime.block_on(async { client.flush_async(LONG).await.unwrap() });
        if before {
            runtime.shutdown_timeout(Duration::from_secs(60));
            report(client.shutdown());
        } else {
            report(client.shutdown());
            runtime.shutdown_timeout(Duration::from_secs(60));
            report(client.stats());
        }
    }
}

/// Records nothing, and sends what others left.
pub(crate) fn idles() {
    let guard = builder().shutdown_timeout(LONG).init().unwrap();
    report(guard.client().shutdown());
}
