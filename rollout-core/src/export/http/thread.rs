//! The thread that events are sent from: a runtime, and lanes that each send one envelope at a time.

use std::io;
use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::client::Client;
use super::courier::Courier;
use super::endpoint::Endpoint;
use super::mail::{Inbox, Mail};
use super::reporter::Reporter;
use super::retry::Backoff;
use crate::config::BatchLimits;
use crate::context::Context;

/// How many envelopes are under way at once. A slow server then is no bottleneck, and a dead one is
/// asked no more than this often at a time.
const LANES: usize = 4;

/// What the thread has to know.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) endpoint: Endpoint,
    pub(super) batch: BatchLimits,
    pub(super) backoff: Backoff,
    pub(super) reporter: Arc<Reporter>,
}

/// The running thread, as the exporter holds it.
pub(super) struct Thread {
    mail: mpsc::UnboundedSender<Vec<Mail>>,
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
        // Without a limit, as the exporter has one of its own, in events and in bytes.
        let (mail, arriving) = mpsc::unbounded_channel();
        let (closing, closed) = watch::channel(None);
        let (alive, done) = blocking::channel();
        std::thread::Builder::new()
            .name("rollout-http".into())
            .spawn(move || {
                // Dropped when the thread ends, however it does.
                let _alive: blocking::Sender<()> = alive;
                let inbox = Inbox::new(arriving, settings.batch);
                run(runtime, serve(settings, inbox, Closing(closed)));
            })?;
        Ok(Self {
            mail,
            closing,
            done,
        })
    }

    /// Hands events over to be sent. If the thread is gone they are lost, which is said by their
    /// being dropped.
    pub(super) fn send(&self, mail: Vec<Mail>) {
        let _ = self.mail.send(mail);
    }

    /// Lets the thread finish what it has, and waits for it no longer than this.
    pub(super) fn finish(self, timeout: Duration) {
        // A time that is never over, but can be added to another.
        let timeout = timeout.min(Duration::from_secs(365 * 24 * 3600));
        self.closing.send_replace(Some(Instant::now() + timeout));
        drop(self.mail);
        // Never joined: it gives up by itself, and must not keep the program should it be stuck.
        let _ = self.done.recv_timeout(timeout);
    }
}

impl Closing {
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
    runtime.block_on(work);
    // Does not wait for a name to be resolved, which has no time limit.
    runtime.shutdown_background();
}

/// Sends what comes in, until nothing more can or the time is over. What is left then is dropped.
async fn serve(settings: Settings, inbox: Inbox, mut closing: Closing) {
    let Settings {
        endpoint,
        backoff,
        reporter,
        ..
    } = settings;
    let client = match Client::new(endpoint).await {
        Ok(client) => client,
        Err(error) => return reporter.cannot_start(&error),
    };
    let courier = Arc::new(Courier::new(client, reporter, backoff, closing.clone()));
    let inbox = Arc::new(Mutex::new(inbox));
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        lanes.spawn(lane(Arc::clone(&inbox), Arc::clone(&courier)));
    }
    let all_done = async { while lanes.join_next().await.is_some() {} };
    match closing.deadline().await {
        Some(deadline) => {
            let _ = timeout_at(deadline, all_done).await;
        }
        None => all_done.await,
    }
}

async fn lane(inbox: Arc<Mutex<Inbox>>, courier: Arc<Courier>) {
    loop {
        let next = inbox.lock().await.next().await;
        let Some(mail) = next else { return };
        courier.deliver(mail).await;
    }
}
