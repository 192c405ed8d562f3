//! What waits to be sent, in order: which events travel together, and when.
//!
//! Of one trace there is never more than one envelope under way, so a server gets its events in the
//! order in which they happened, whatever becomes of an attempt.

mod outage;
mod state;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use self::outage::Outage;
use self::state::State;
use super::mail::Mail;
use crate::config::BatchLimits;
use crate::export::spool::{Spool, TraceKey};
use crate::pipeline::DropReason;

/// How long a trace rests of which the server does not take an event for now.
const REST: Duration = Duration::from_secs(30);

pub(super) struct Inbox {
    state: Mutex<State>,
    /// Told when there may be something to do for a lane.
    changed: Notify,
    limits: BatchLimits,
    spool: Option<Arc<Spool>>,
}

/// What a lane is to do.
pub(super) enum Next {
    Send(Parcel),
    /// Wait for a change, or until then.
    Wait(Option<Instant>),
    Stop,
}

/// Events that travel together. Until it is dropped, no others of their traces do.
pub(super) struct Parcel {
    pub(super) mail: Vec<Mail>,
    _busy: Busy,
}

struct Busy {
    inbox: Arc<Inbox>,
    traces: HashSet<TraceKey>,
    /// Whether it is to find out if the server is back.
    is_probe: bool,
}

impl Inbox {
    pub(super) fn new(limits: BatchLimits, spool: Option<Arc<Spool>>) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            limits,
            spool,
        }
    }

    /// Takes events. Their texts stay in memory unless they may be read from the disk.
    pub(super) fn push(&self, mail: Vec<Mail>, keeps_texts: bool) {
        let mut state = self.lock();
        if state.gone {
            return;
        }
        let mut dropped = Vec::new();
        for mut mail in mail {
            if state.is_dropped(&mail) {
                dropped.push(mail);
                continue;
            }
            state.newest += 1;
            mail.order = state.newest;
            if let Some(outage) = &state.outage {
                if !mail.keep() && outage.is_for_ever() {
                    continue;
                }
            } else if !keeps_texts {
                mail.free();
            }
            state.bytes += mail.length();
            state.waiting.push_back(mail);
        }
        self.settle(dropped, |mail| mail.lost(DropReason::SpoolFull));
        self.make_room(&mut state);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Takes what another process left, to be sent before everything else, and without delay.
    pub(super) fn push_left(&self, mail: Vec<Mail>) {
        let mut state = self.lock();
        for mail in mail.into_iter().rev() {
            state.bytes += mail.length();
            state.waiting.push_front(mail);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Has everything sent that is here by now.
    pub(super) fn flush(&self) {
        let mut state = self.lock();
        state.urgent = state.newest;
        drop(state);
        self.changed.notify_waiters();
    }

    /// Has everything sent, if that is to be hoped for.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_waiters();
    }

    /// Gives up what is here, and all that comes.
    pub(super) fn abandon(&self) {
        let waiting = {
            let mut state = self.lock();
            state.gone = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
        self.changed.notify_waiters();
    }

    /// Waits for events, and returns as many as may travel together; `None` when there is nothing left
    /// to do.
    pub(super) async fn next(self: &Arc<Self>) -> Option<Parcel> {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // What changes from here on is noticed.
            changed.as_mut().enable();
            match self.poll() {
                Next::Send(parcel) => return Some(parcel),
                Next::Wait(None) => changed.await,
                Next::Wait(Some(until)) => {
                    let _ = tokio::time::timeout_at(until.into(), changed).await;
                }
                Next::Stop => return None,
            }
        }
    }

    fn poll(self: &Arc<Self>) -> Next {
        let mut state = self.lock();
        let state = &mut *state;
        if state.gone {
            return Next::Stop;
        }
        let now = Instant::now();
        let mut is_probe = false;
        if let Some(outage) = &mut state.outage {
            if state.closing {
                // What is on disk is safe there.
                return Next::Stop;
            }
            match outage.probe(now) {
                Ok(()) => is_probe = true,
                Err(until) => return Next::Wait(until),
            }
        }
        state
            .busy
            .retain(|_, until| until.is_none_or(|until| until > now));
        let mail = if is_probe || state.is_due(self.limits) {
            state.take(self.limits)
        } else {
            Vec::new()
        };
        if mail.is_empty() {
            if let Some(outage) = &mut state.outage {
                outage.nothing_to_probe_with();
            }
            return state.when();
        }
        let traces: HashSet<TraceKey> = mail.iter().map(|mail| mail.trace).collect();
        state.busy.extend(traces.iter().map(|trace| (*trace, None)));
        Next::Send(Parcel {
            mail,
            _busy: Busy {
                inbox: Arc::clone(self),
                traces,
                is_probe,
            },
        })
    }

    /// Takes back what a server that is out of order does not take. It is only asked now and then, and
    /// for as long as it wants not at all. What is not on disk is returned.
    pub(super) fn keep_until_back(&self, mail: Vec<Mail>, asked: Option<Duration>) -> Vec<Mail> {
        self.take_back(mail, |state, _| {
            let before = state.outage.take();
            state.outage = Some(Outage::after(before, asked));
            // What waits is as safe as this, and nobody has to wait for it.
            for mail in &mut state.waiting {
                mail.keep();
            }
        })
    }

    /// Takes back what a server does not take for now, though it takes others. What is not on disk is
    /// returned.
    pub(super) fn let_rest(&self, mail: Vec<Mail>) -> Vec<Mail> {
        let until = Instant::now() + REST;
        self.take_back(mail, |state, kept| {
            let traces = kept.iter().map(|mail| (mail.trace, Some(until)));
            state.busy.extend(traces);
        })
    }

    fn take_back(&self, mail: Vec<Mail>, change: impl FnOnce(&mut State, &[Mail])) -> Vec<Mail> {
        let (mut kept, lost): (Vec<_>, Vec<_>) =
            mail.into_iter().partition(|mail| mail.place().is_some());
        if kept.is_empty() {
            return lost;
        }
        for mail in &mut kept {
            mail.keep();
        }
        let mut state = self.lock();
        if state.gone {
            return lost;
        }
        change(&mut state, &kept);
        state.put_back(kept);
        drop(state);
        self.changed.notify_waiters();
        lost
    }

    /// Notes that the server is there, and takes what it is sent.
    pub(super) fn server_is_back(&self) {
        if self.lock().outage.take().is_some() {
            self.changed.notify_waiters();
        }
    }

    /// Gives up on the server for as long as this process lives.
    pub(super) fn server_is_out_of_reach(&self) {
        let mut state = self.lock();
        state.outage = Some(Outage::for_ever());
        state.waiting.retain_mut(Mail::keep);
    }

    pub(super) fn has_outage(&self) -> bool {
        self.lock().outage.is_some()
    }

    /// Reports what became of events, once it is noted on disk that they need no sending any more.
    pub(super) fn settle(&self, mail: Vec<Mail>, report: impl Fn(Mail)) {
        if let Some(spool) = &self.spool {
            spool.settle(mail.iter().filter_map(Mail::place).collect());
        }
        mail.into_iter().for_each(report);
    }

    /// Drops the oldest traces as a whole while there is too much on disk.
    fn make_room(&self, state: &mut State) {
        let Some(spool) = &self.spool else { return };
        while spool.is_over() {
            let places = state.waiting.iter().filter_map(Mail::place);
            let Some(oldest) = places.min() else { return };
            let is_old = |mail: &Mail| mail.place().is_some_and(|place| place.is_beside(oldest));
            let dropped = state.drop_traces_of(is_old);
            spool.say_that_it_is_full();
            self.settle(dropped, |mail| mail.lost(DropReason::SpoolFull));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.inbox.lock();
        for trace in &self.traces {
            // Others rest.
            if state.busy.get(trace) == Some(&None) {
                state.busy.remove(trace);
            }
        }
        if self.is_probe
            && let Some(outage) = &mut state.outage
        {
            // Nothing was found out.
            outage.nothing_to_probe_with();
        }
        drop(state);
        self.inbox.changed.notify_waiters();
    }
}
