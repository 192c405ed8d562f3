//! Delivers events, and decides what becomes of those that can't be delivered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::answer::{Answer, Kind, Refusals, Trouble};
use super::client::Client;
use super::envelope;
use super::inbox::{Inbox, Parcel};
use super::mail::Mail;
use super::reporter::Reporter;
use super::retry::{Backoff, Retries};
use super::thread::Closing;
use crate::export::spool::Spool;
use crate::pipeline::DropReason;

pub(super) struct Courier {
    pub(super) client: Client,
    pub(super) reporter: Arc<Reporter>,
    pub(super) backoff: Backoff,
    pub(super) closing: Closing,
    pub(super) inbox: Arc<Inbox>,
    pub(super) spool: Option<Arc<Spool>>,
}

/// Events that travel together, and the attempts that are left for them.
struct Bundle {
    mail: Vec<Mail>,
    retries: Retries,
}

impl Courier {
    /// Delivers events that may travel together, and reports what became of them.
    pub(super) async fn deliver(&self, mut parcel: Parcel) {
        let mail = self.fetch(std::mem::take(&mut parcel.mail));
        let mut bundles = vec![self.bundle(mail)];
        while let Some(bundle) = bundles.pop() {
            bundles.extend(self.deliver_bundle(bundle).await);
        }
    }

    /// Sends a body that holds so many events until there is an answer that stands, or there were
    /// enough attempts.
    async fn send(&self, body: &Bytes, events: usize, retries: &mut Retries) -> Answer {
        loop {
            match self.client.post(body.clone(), events).await {
                Answer::Unavailable(trouble, asked) => {
                    // Of a server that is out of order nobody expects much.
                    if self.inbox.has_outage() || !retries.wait(asked).await {
                        return Answer::Unavailable(trouble, asked);
                    }
                    self.reporter.retried(&trouble);
                }
                answer => return answer,
            }
        }
    }

    /// Returns what is to be sent in another form.
    async fn deliver_bundle(&self, bundle: Bundle) -> Vec<Bundle> {
        let Bundle {
            mut mail,
            mut retries,
        } = bundle;
        if mail.is_empty() {
            return Vec::new();
        }
        let answer = match envelope::seal(mail.iter().filter_map(Mail::line)) {
            Ok(body) => self.send(&body, mail.len(), &mut retries).await,
            Err(error) => Answer::Refused(Trouble {
                kind: Kind::Internal,
                text: error.to_string(),
            }),
        };
        if !matches!(answer, Answer::Unavailable(..) | Answer::Misdirected(_)) {
            self.inbox.server_is_back();
        }
        match answer {
            Answer::Stored(refusals) => {
                let (refused, stored) = split(mail, &refusals);
                self.reporter.delivered(stored.len());
                self.inbox.settle(stored, Mail::delivered);
                if refused.is_empty() {
                    return Vec::new();
                }
                if refusals.retryable && retries.wait_for_another_answer().await {
                    return vec![Bundle {
                        mail: refused,
                        retries,
                    }];
                }
                self.refused(refused, &refusals);
            }
            Answer::TooLarge(_) if mail.len() > 1 => {
                let second = mail.split_off(mail.len() / 2);
                return vec![self.bundle(second), self.bundle(mail)];
            }
            Answer::TooLarge(trouble) | Answer::Refused(trouble) => {
                self.reporter.lost(&trouble, mail.len());
                self.inbox
                    .settle(mail, |mail| mail.lost(DropReason::Rejected));
            }
            Answer::Unavailable(trouble, asked) => self.unavailable(mail, &trouble, asked),
            Answer::Misdirected(trouble) => {
                if trouble.kind.is_about_the_key()
                    && let Some(spool) = &self.spool
                {
                    spool.note_key_refused();
                }
                let lost = self.keep(mail, &trouble, None);
                report_lost(lost, DropReason::Rejected);
            }
        }
        Vec::new()
    }

    /// Decides about events that the server did not store, though it took the envelope.
    fn refused(&self, mail: Vec<Mail>, refusals: &Refusals) {
        if !refusals.retryable {
            self.reporter.refused(refusals, "events are lost");
            return self
                .inbox
                .settle(mail, |mail| mail.lost(DropReason::Rejected));
        }
        let is_kept = mail.iter().all(|mail| mail.place().is_some());
        let consequence = if is_kept {
            "events are kept"
        } else {
            "events are lost"
        };
        self.reporter.refused(refusals, consequence);
        report_lost(self.inbox.let_rest(mail), DropReason::Undeliverable);
    }

    fn unavailable(&self, mail: Vec<Mail>, trouble: &Trouble, asked: Option<Duration>) {
        let lost = self.keep(mail, trouble, asked);
        report_lost(lost, DropReason::Undeliverable);
    }

    /// Leaves on disk what a server does not take for now, and returns what is not there.
    fn keep(&self, mail: Vec<Mail>, trouble: &Trouble, asked: Option<Duration>) -> Vec<Mail> {
        let lost = mail.iter().filter(|mail| mail.place().is_none()).count();
        match self.spool.as_ref().and_then(|spool| spool.dir()) {
            Some(dir) if lost == 0 => self.reporter.kept(trouble, &dir),
            _ => self.reporter.lost(trouble, lost),
        }
        self.inbox.keep_until_back(mail, asked)
    }

    /// Reads what is not in memory. What can't be read is lost.
    fn fetch(&self, mail: Vec<Mail>) -> Vec<Mail> {
        let Some(spool) = &self.spool else {
            return mail;
        };
        let absent = mail.iter().filter(|mail| mail.line().is_none());
        let places: Vec<_> = absent.filter_map(Mail::place).collect();
        let mut lines = spool.read(&places).into_iter();
        let (mut whole, mut lost) = (Vec::with_capacity(mail.len()), Vec::new());
        for mut mail in mail {
            if mail.line().is_none() {
                let Some(line) = lines.next().flatten() else {
                    lost.push(mail);
                    continue;
                };
                mail.set_line(&line);
            }
            whole.push(mail);
        }
        if !lost.is_empty() {
            self.reporter.unreadable(lost.len());
            self.inbox
                .settle(lost, |mail| mail.lost(DropReason::Unreadable));
        }
        whole
    }

    fn bundle(&self, mail: Vec<Mail>) -> Bundle {
        Bundle {
            mail,
            retries: Retries::new(self.backoff, self.closing.clone()),
        }
    }
}

/// Tells the events that were refused from those that were stored.
fn split(mail: Vec<Mail>, refusals: &Refusals) -> (Vec<Mail>, Vec<Mail>) {
    let (mut refused, mut stored) = (Vec::with_capacity(refusals.places.len()), Vec::new());
    for (place, mail) in mail.into_iter().enumerate() {
        if refusals.places.binary_search(&place).is_ok() {
            refused.push(mail);
        } else {
            stored.push(mail);
        }
    }
    (refused, stored)
}

/// Reports events that are not on disk, where there would be something to note.
fn report_lost(mail: Vec<Mail>, reason: DropReason) {
    for mail in mail {
        mail.lost(reason);
    }
}
