//! Events on their way: how many there are, and how many travel together.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::config::{BatchLimits, QueueLimits};
use crate::pipeline::DropReason;
use crate::pipeline::batch::{Batch, Receipt};

/// An event on its way.
///
/// Counts in its [`Load`] for as long as it lives. If it is dropped before anything was said about
/// it, it is lost, and counted as such: nothing has to be tidied up where delivery is given up.
pub(super) struct Mail {
    line: Bytes,
    /// Its place in the batch that the receipt is for.
    index: usize,
    receipt: Arc<Receipt>,
    load: Arc<Load>,
}

impl Mail {
    /// Returns the events of a batch.
    pub(super) fn of(batch: &Batch, receipt: Receipt, load: &Arc<Load>) -> Vec<Self> {
        let receipt = Arc::new(receipt);
        let mail = batch.lines().iter().enumerate().map(|(index, line)| {
            load.add(line.len());
            let (receipt, load) = (Arc::clone(&receipt), Arc::clone(load));
            Self {
                line: line.clone(),
                index,
                receipt,
                load,
            }
        });
        mail.collect()
    }

    /// Returns the event as JSON.
    pub(super) fn line(&self) -> &Bytes {
        &self.line
    }

    pub(super) fn delivered(self) {
        self.receipt.delivered_at(self.index);
    }

    pub(super) fn lost(self, reason: DropReason) {
        self.receipt.lost_at(self.index, reason);
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        // Only the first word about an event counts.
        self.receipt
            .lost_at(self.index, self.load.reason_to_give_up());
        // Before the receipt goes, as that wakes the worker, which asks whether there is room.
        self.load.remove(self.line.len());
    }
}

/// How much is on its way, the worker's and the thread's shared account.
#[derive(Debug)]
pub(super) struct Load {
    events: AtomicUsize,
    bytes: AtomicUsize,
    limits: QueueLimits,
    closed: AtomicBool,
}

impl Load {
    pub(super) fn new(limits: QueueLimits) -> Self {
        let (events, bytes, closed) = <_>::default();
        Self {
            events,
            bytes,
            limits,
            closed,
        }
    }

    /// Returns whether more than so many times the limits is on its way.
    pub(super) fn exceeds(&self, times: usize) -> bool {
        self.events.load(Ordering::Relaxed) > self.limits.events.saturating_mul(times)
            || self.bytes.load(Ordering::Relaxed) > self.limits.bytes.saturating_mul(times)
    }

    /// From here on, what is given up is given up for want of time.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn add(&self, bytes: usize) {
        self.events.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn remove(&self, bytes: usize) {
        self.events.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn reason_to_give_up(&self) -> DropReason {
        if self.closed.load(Ordering::Relaxed) {
            DropReason::ShutdownTimeout
        } else {
            DropReason::Undeliverable
        }
    }
}

/// What waits to be sent.
pub(super) struct Inbox {
    arriving: UnboundedReceiver<Vec<Mail>>,
    waiting: VecDeque<Mail>,
    limits: BatchLimits,
}

impl Inbox {
    pub(super) fn new(arriving: UnboundedReceiver<Vec<Mail>>, limits: BatchLimits) -> Self {
        Self {
            arriving,
            waiting: VecDeque::new(),
            limits,
        }
    }

    /// Waits for events and returns as many as may travel together, at least one; `None` when there
    /// is nothing left and nothing to come.
    ///
    /// Small batches that have piled up are joined, and large ones cut.
    pub(super) async fn next(&mut self) -> Option<Vec<Mail>> {
        while let Ok(mail) = self.arriving.try_recv() {
            self.waiting.extend(mail);
        }
        while self.waiting.is_empty() {
            self.waiting.extend(self.arriving.recv().await?);
        }
        let mut bytes = 0;
        let fitting = self
            .waiting
            .iter()
            .take(self.limits.events)
            .take_while(|mail| {
                bytes += mail.line.len();
                bytes <= self.limits.bytes
            });
        let count = fitting.count().max(1);
        Some(self.waiting.drain(..count).collect())
    }
}
