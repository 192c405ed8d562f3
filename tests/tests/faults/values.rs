//! Values, bodies, exporters and futures that nobody should make, and programs do.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use rollout::{Batch, Exporter, Instrument as _, Receipt, agent, tool};
use rollout_tests::{IngestServer, Recorder, Reply, ScriptedProvider};
use serde::{Serialize, Serializer};

use super::{block_on, client, request, run_agents, runtime, sending_to};

/// Goes round in a circle.
#[derive(Clone)]
struct Circle;

impl fmt::Debug for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Circle").field(self).finish()
    }
}

/// Goes round in another one.
struct Ring;

impl Serialize for Ring {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_variant("Ring", 0, "Next", self)
    }
}

struct Panics;

impl Serialize for Panics {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("in the program's code")
    }
}

#[tool]
fn weigh(large: &str, circle: Circle, ring: &Ring, panics: &Panics, none: f64) -> (usize, f64) {
    let _ = (circle, ring, panics);
    (large.len(), none)
}

#[test]
fn values_of_100_megabytes_circles_and_panics_pass_through() {
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest).build().unwrap();
    let large = "x".repeat(100 << 20);
    let (length, none) = rollout
        .context()
        .in_scope(|| weigh(&large, Circle, &Ring, &Panics, f64::NAN));
    assert_eq!(length, 100 << 20);
    assert!(none.is_nan());
    let stats = rollout.shutdown();
    assert_eq!((stats.created, stats.exported), (4, 4), "{stats}");
    ingest.assert_sound();
    let events = ingest.events();
    let call = events
        .iter()
        .find(|event| event["event_type"] == "tool.call");
    let call = call.unwrap().to_string();
    assert!(call.len() < 2_000_000, "{}", call.len());
    for told in [
        "bytes cut]",
        "Circle(Circle(",
        "its serialisation panicked",
        "NaN",
    ] {
        assert!(call.contains(told), "{told}");
    }
}

#[test]
fn bodies_that_are_no_text_or_too_long_reach_the_program_as_they_are() {
    let broken = [0xff, 0xfe, b'{', 0xc3, 0x28, 0];
    let replies = || {
        [
            Reply::pieces([broken.to_vec()]),
            Reply::sse([b"data: ".to_vec(), broken.to_vec(), b"\n\n".to_vec()]),
            Reply::pieces(vec![vec![b'x'; 1 << 20]; 20]),
        ]
    };
    let (bare, server) = (
        ScriptedProvider::start(replies()),
        ScriptedProvider::start(replies()),
    );
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest).build().unwrap();
    let layered = rollout::openai::client(client(&server).config().clone());
    for _ in replies() {
        let expected = runtime().block_on(client(&bare).chat().create(request()));
        let got = block_on(&rollout, layered.chat().create(request()));
        assert_eq!(format!("{got:?}"), format!("{expected:?}"));
        assert!(got.is_err());
    }
    let stats = rollout.shutdown();
    assert_eq!(stats.created, stats.exported, "{stats}");
    ingest.assert_sound();
}

/// Panics in each of its methods but the one that it can't do without.
struct Panicking(&'static str);

impl Panicking {
    fn at(&self, method: &str) {
        assert!(self.0 != method, "in `{method}`");
    }
}

impl Exporter for Panicking {
    fn name(&self) -> &'static str {
        self.at("name");
        "panicking"
    }

    fn is_eager(&self) -> bool {
        self.at("is_eager");
        false
    }

    fn is_ready(&self) -> bool {
        self.at("is_ready");
        true
    }

    fn export(&mut self, _: Arc<Batch>, receipt: Receipt) {
        self.at("export");
        receipt.delivered();
    }

    fn flush(&mut self) {
        self.at("flush");
    }

    fn close(&mut self, _: Duration) {
        self.at("close");
    }

    fn shutdown(&mut self, _: Duration) {
        self.at("shutdown");
    }
}

impl Drop for Panicking {
    fn drop(&mut self) {
        self.at("drop");
    }
}

#[test]
fn an_exporter_may_panic_in_each_of_its_methods() {
    for method in [
        "name", "is_eager", "is_ready", "export", "flush", "close", "shutdown", "drop",
    ] {
        let rollout = rollout::builder()
            .exporter(Panicking(method))
            .on_diagnostic(|_| ())
            .build()
            .unwrap();
        run_agents(&rollout, 2);
        assert_eq!(rollout.flush(super::LONG), Ok(()), "{method}");
        let stats = rollout.shutdown();
        let lost = if method == "export" { 10 } else { 0 };
        assert_eq!(stats.dropped.undeliverable, lost, "{method}: {stats}");
        assert_eq!((stats.created, stats.exported), (10, 10 - lost), "{method}");
    }
}

/// A future in a place where it can be dropped, also by itself.
type Place = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

/// Drops what is in this place when it is polled.
struct Drops(Place);

impl Future for Drops {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // Who polls it has taken it out: nothing is there, and it is dropped when the poll is over.
        drop(self.0.lock().unwrap().take());
        Poll::Pending
    }
}

#[agent]
async fn given_up(inner: Drops) {
    rollout::span("step").start().in_scope(|| ());
    inner.await;
}

#[test]
fn a_future_may_be_given_up_by_what_it_polls() {
    let recorder = Recorder::new();
    let (outer, sibling) = (Place::default(), Place::default());
    // Each drops the other one.
    let context = recorder.rollout().context();
    let first = given_up(Drops(Arc::clone(&sibling))).in_context(context.clone());
    let second = given_up(Drops(Arc::clone(&outer))).in_context(context);
    *sibling.lock().unwrap() = Some(Box::pin(second));
    let mut waker = Context::from_waker(std::task::Waker::noop());
    let mut started = sibling.lock().unwrap().take().unwrap();
    assert!(started.as_mut().poll(&mut waker).is_pending());
    *sibling.lock().unwrap() = Some(started);
    let mut first = Box::pin(first);
    assert!(first.as_mut().poll(&mut waker).is_pending());
    assert!(sibling.lock().unwrap().is_none());
    drop(first);
    // A task that ends itself.
    runtime().block_on(async {
        let handle: Arc<Mutex<Option<tokio::task::AbortHandle>>> = Arc::default();
        let own = Arc::clone(&handle);
        let work = async move {
            tokio::task::yield_now().await;
            own.lock().unwrap().take().unwrap().abort();
            std::future::pending::<()>().await;
        };
        let trace = recorder.rollout().trace("run").start();
        let task = tokio::spawn(async move {
            let trace = trace;
            trace.in_scope(|| work.in_current_trace()).await;
        });
        *handle.lock().unwrap() = Some(task.abort_handle());
        assert!(task.await.unwrap_err().is_cancelled());
    });
    let names: Vec<_> = recorder
        .events()
        .iter()
        .map(|event| event.event_type().as_str())
        .collect();
    let count = |name| names.iter().filter(|other| **other == name).count();
    assert_eq!(
        (count("trace.start"), count("trace.end")),
        (3, 3),
        "{names:?}"
    );
    assert_eq!(
        (count("span.start"), count("span.end")),
        (2, 2),
        "{names:?}"
    );
}
