//! The worker: takes records from the queue, makes events of them, and hands them to the exporters.
//! All the work, and all the waiting, is here.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::accounting::DropReason;
use super::batch::{Batch, InFlight, Receipts};
use super::debug::{self, Dropped};
use super::hooks;
use super::latch::{Hold, latch};
use super::queue::Item;
use crate::client::Core;
use crate::context::Context;
use crate::export::{self, Exporter};
use crate::protocol::Event;
use crate::protocol::encode;
use crate::record::Record;
use crate::span::SpanState;

/// How often running streams are looked after.
const TICK: Duration = Duration::from_millis(250);

pub(crate) struct Worker {
    core: Arc<Core>,
    exporters: Vec<Box<dyn Exporter>>,
    /// Taken from the queue, not worked on yet.
    items: VecDeque<Item>,
    /// Whether an exporter wants events at once.
    eager: bool,
    /// Ready to be handed over.
    events: Vec<Event>,
    /// When the record of the oldest event came that no exporter was told to send yet.
    since: Option<Instant>,
    /// Calls to a model that have not ended.
    live: Vec<Arc<SpanState>>,
    in_flight: Vec<InFlight>,
    /// Entries for the books, made together: the program's threads need the lock as well.
    expected: u64,
    made: u64,
    drops: Vec<DropReason>,
}

impl Worker {
    pub(crate) fn new(core: Arc<Core>, exporters: Vec<Box<dyn Exporter>>) -> Self {
        Self {
            core,
            eager: exporters.iter().any(|exporter| {
                catch_unwind(AssertUnwindSafe(|| exporter.is_eager())).unwrap_or_default()
            }),
            exporters,
            items: VecDeque::new(),
            events: Vec::new(),
            since: None,
            live: Vec::new(),
            in_flight: Vec::new(),
            expected: 0,
            made: 0,
            drops: Vec::new(),
        }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        // An exporter's own HTTP client may be instrumented, too.
        let _nothing_is_recorded = Context::suppressed().attach();
        let core = Arc::clone(&self.core);
        let queue = &core.queue;
        queue.serve_on_this_thread(self.eager);
        loop {
            let urgent = queue.take_urgent();
            core.clock.synchronise();
            // While no exporter has room the records stay where their number is limited.
            if self.has_room() {
                let since = queue.take(&mut self.items);
                self.since = self.since.or(since);
            }
            while let Some(item) = self.items.pop_front() {
                match item {
                    Item::Record(record) => self.record(record),
                    Item::Flush(hold) => self.flush(&hold),
                    Item::Shutdown(hold, timeout) => return self.shut_down(hold, timeout),
                }
            }
            self.look_after_streams();
            self.book();
            if urgent || self.is_due() {
                self.send();
            } else if self.eager {
                self.hand_over();
            }
            queue.rest(self.pause(), self.has_room());
        }
    }

    fn record(&mut self, record: Record) {
        let expected = record.events() as u64;
        match &record {
            Record::SpanStarted { span, .. } if span.call().is_some() => {
                self.live.push(Arc::clone(span));
            }
            Record::SpanEnded { span, .. } if span.call().is_some() => {
                self.live.retain(|live| !Arc::ptr_eq(live, span));
            }
            _ => {}
        }
        let core = Arc::clone(&self.core);
        self.make_events(expected, |events| encode::expand(&core, record, events));
        if self.events.len() >= self.core.config.batch.events {
            self.hand_over();
        }
    }

    fn look_after_streams(&mut self) {
        let core = Arc::clone(&self.core);
        for span in self.live.clone() {
            self.make_events(0, |events| encode::advance(&core, &span, events));
        }
    }

    /// Makes events of something for which so many are on the books, and runs the hooks on them.
    fn make_events(&mut self, expected: u64, make: impl FnOnce(&mut Vec<Event>)) {
        let config = &self.core.config;
        let mut events = Vec::new();
        if catch_unwind(AssertUnwindSafe(|| make(&mut events))).is_err() {
            config
                .diagnostics
                .error("a record could not be made into events, which is a bug");
            self.drops
                .extend((0..expected).map(|_| DropReason::Internal));
            return;
        }
        self.expected += expected;
        self.made += events.len() as u64;
        #[cfg(any(test, feature = "testing"))]
        for event in &mut events {
            // Numbered here, where events are in order, whichever thread made them.
            if let Some(id) = self.core.ids.event() {
                event.set_event_id(id);
            }
        }
        for event in events {
            let dropped = Dropped::maybe(&event);
            match hooks::apply(config, event) {
                Ok(event) => {
                    debug::recorded(&config.diagnostics, &event);
                    self.since.get_or_insert_with(Instant::now);
                    self.events.push(event);
                }
                Err(reason) => {
                    dropped.say(&config.diagnostics, reason);
                    self.drops.push(reason);
                }
            }
        }
    }

    /// Enters into the books what was made of the records.
    fn book(&mut self) {
        let (expected, made) = (self.expected, self.made);
        if expected == made && self.drops.is_empty() {
            return;
        }
        self.core.queue.with_stats(|stats| {
            stats.became(expected, made);
            for reason in self.drops.drain(..) {
                stats.drop(reason, 1);
            }
        });
        (self.expected, self.made) = (0, 0);
    }

    fn is_due(&self) -> bool {
        self.since
            .is_some_and(|since| since.elapsed() >= self.core.config.batch.interval)
    }

    fn has_room(&self) -> bool {
        // With several exporters one that is slow must not keep the others waiting: it then loses
        // what it has no room for, and the others have it.
        let [exporter] = &self.exporters[..] else {
            return true;
        };
        // One that panics when it is asked shows what it can do when it is given something.
        catch_unwind(AssertUnwindSafe(|| exporter.is_ready())).unwrap_or(true)
    }

    /// Hands over what is ready.
    fn hand_over(&mut self) {
        self.book();
        self.in_flight.retain(|batch| !batch.has_arrived());
        let limit = self.core.config.batch.events;
        while !self.events.is_empty() {
            let rest = self.events.split_off(self.events.len().min(limit));
            let batch = Arc::new(Batch::new(std::mem::replace(&mut self.events, rest)));
            let mut receipts = Receipts::new(&batch, &self.core.queue, self.exporters.len());
            self.in_flight.push(receipts.in_flight());
            self.each(|exporter| exporter.export(Arc::clone(&batch), receipts.receipt()));
        }
    }

    /// Hands over what is ready, and has it sent.
    fn send(&mut self) {
        self.hand_over();
        self.since = None;
        self.each(|exporter| exporter.flush());
    }

    /// Has everything sent, and keeps the hold until it has arrived.
    fn flush(&mut self, hold: &Hold) {
        self.look_after_streams();
        self.send();
        for batch in &self.in_flight {
            batch.hold(hold);
        }
    }

    fn shut_down(&mut self, hold: Hold, timeout: Duration) {
        let started = Instant::now();
        let (arrived, last) = latch();
        self.flush(&last);
        drop(last);
        // All of them first, as each has the whole time.
        self.each(|exporter| exporter.close(timeout));
        arrived.wait(timeout);
        self.each(|exporter| exporter.shutdown(timeout.saturating_sub(started.elapsed())));
        // Nobody is to wait longer for one that takes its time to go, or doesn't.
        for exporter in self.exporters.drain(..) {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(exporter)));
        }
        drop(hold);
    }

    /// Calls each exporter, one after the other. A panic is its own affair.
    fn each(&mut self, mut call: impl FnMut(&mut dyn Exporter)) {
        for exporter in &mut self.exporters {
            if catch_unwind(AssertUnwindSafe(|| call(&mut **exporter))).is_err() {
                let name = export::name_of(&**exporter);
                self.core
                    .config
                    .diagnostics
                    .error(format_args!("the exporter `{name}` panicked"));
            }
        }
    }

    /// Returns how long there is nothing to do unless somebody calls.
    fn pause(&self) -> Duration {
        let interval = self.core.config.batch.interval;
        let until_due = self
            .since
            .map_or(interval, |since| interval.saturating_sub(since.elapsed()));
        if self.live.is_empty() {
            until_due
        } else {
            until_due.min(TICK)
        }
    }
}
