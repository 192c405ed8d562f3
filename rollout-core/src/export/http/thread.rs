//! The thread that events are sent from: a runtime, and lanes that each send one envelope at a time.

use std::io;
use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::destination::{Courier, Destination};
use super::dispatch::Dispatch;
use super::inbox::Inbox;
use super::mail::{Load, Mail};
use super::reporter::Reporter;
use super::retry::Backoff;
use crate::config::BatchLimits;
use crate::context::Context;
use crate::export::spool::Spool;
use crate::pipeline::own;

/// How many envelopes are under way at once. A slow server then is no bottleneck, and a dead one is
/// asked no more than this often at a time.
const LANES: usize = 4;

/// What the thread has to know.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) destination: Destination,
    pub(super) batch: BatchLimits,
    pub(super) backoff: Backoff,
    pub(super) reporter: Arc<Reporter>,
    pub(super) load: Arc<Load>,
    pub(super) spool: Option<Arc<Spool>>,
}

/// The running thread, as the exporter holds it.
pub(super) struct Thread {
    inbox: Arc<Inbox>,
    closing: watch::Sender<Option<Instant>>,
    /// Disconnected when the thread is done.
    done: blocking::Receiver<()>,
}

/// Tells whether the exporter is shutting down.
#[derive(Clone)]
pub(super) struct Closing(watch::Receiver<Option<Instant>>);

impl Thread {
    pub(super) fn start(settings: Settings) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // Without a limit, as the exporter has one of its own, in memory and on disk.
        let inbox = Arc::new(Inbox::new(settings.batch, settings.spool.clone()));
        let (closing, closed) = watch::channel(None);
        let (alive, done) = blocking::channel();
        let served = Arc::clone(&inbox);
        std::thread::Builder::new()
            .name("rollout-http".into())
            .spawn(move || {
                // Dropped when the thread ends, however it does.
                let _alive: blocking::Sender<()> = alive;
                let _given_up = GiveUp(Arc::clone(&served));
                run(runtime, serve(settings, served, Closing(closed)));
            })?;
        Ok(Self {
            inbox,
            closing,
            done,
        })
    }

    /// Hands events over to be sent. If the thread is gone they are lost, or stay on disk, which is
    /// said by their being dropped.
    pub(super) fn send(&self, mail: Vec<Mail>, keeps_texts: bool) {
        self.inbox.push(mail, keeps_texts);
    }

    /// Has everything sent that was handed over so far.
    pub(super) fn flush(&self) {
        self.inbox.flush();
    }

    /// Lets the thread finish what it has, for which it has so long.
    pub(super) fn close(&self, timeout: Duration) {
        // A time that is never over, but can be added to another.
        let timeout = timeout.min(Duration::from_secs(365 * 24 * 3600));
        self.closing.send_replace(Some(Instant::now() + timeout));
        self.inbox.close();
    }

    /// Waits until it has finished.
    pub(super) fn finish(self, timeout: Duration) {
        // Never joined: it gives up by itself, and must not keep the program should it be stuck.
        let _ = self.done.recv_timeout(timeout.saturating_add(GRACE));
    }
}

impl Drop for Thread {
    /// An exporter that is dropped without a shutdown takes its thread with it.
    fn drop(&mut self) {
        self.inbox.close();
    }
}

/// How much longer than it has the thread is given to say what became of the events.
const GRACE: Duration = Duration::from_millis(100);

/// Whatever the thread ends for, nobody waits for it any more.
struct GiveUp(Arc<Inbox>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Closing {
    /// Returns one of something that is not shut down as long as the other half is there.
    pub(super) fn open() -> (watch::Sender<Option<Instant>>, Self) {
        let (closing, closed) = watch::channel(None);
        (closing, Self(closed))
    }

    /// Waits for the shutdown, and returns when the time for it is over; `None` where the exporter
    /// is gone without.
    pub(super) async fn deadline(&mut self) -> Option<Instant> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|deadline| *deadline)
    }
}

fn run(runtime: Runtime, work: impl Future<Output = ()>) {
    // The HTTP client may be instrumented, too.
    let _nothing_is_recorded = Context::suppressed().attach();
    own::claim_this_thread();
    runtime.block_on(work);
    // Does not wait for a name to be resolved, which has no time limit.
    runtime.shutdown_background();
}

/// Sends what comes in, until nothing more can or the time is over. What is left then is dropped.
async fn serve(settings: Settings, inbox: Arc<Inbox>, mut closing: Closing) {
    let Settings {
        destination,
        backoff,
        reporter,
        load,
        spool,
        ..
    } = settings;
    let dispatch = Dispatch {
        reporter: Arc::clone(&reporter),
        backoff,
        closing: closing.clone(),
        inbox: Arc::clone(&inbox),
        spool: spool.clone(),
    };
    let courier = match Courier::to(destination, dispatch).await {
        Ok(courier) => Arc::new(courier),
        Err(error) => {
            let dir = spool.as_ref().and_then(|spool| spool.dir());
            reporter.cannot_start(&error, dir.as_deref());
            inbox.server_is_out_of_reach();
            closing.deadline().await;
            return;
        }
    };
    if let Some(spool) = &spool {
        inbox.push_left(Mail::left(spool.take_over(), &load));
    }
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        lanes.spawn(lane(Arc::clone(&inbox), Arc::clone(&courier)));
    }
    let all_done = async {
        while lanes.join_next().await.is_some() {}
        courier.finish().await;
    };
    match closing.deadline().await {
        // What a server would be asked that is known to be away is on disk.
        Some(_) if inbox.has_outage() => {}
        Some(deadline) => {
            let _ = timeout_at(deadline, all_done).await;
        }
        None => all_done.await,
    }
}

async fn lane(inbox: Arc<Inbox>, courier: Arc<Courier>) {
    while let Some(parcel) = inbox.next().await {
        courier.deliver(parcel).await;
    }
}
