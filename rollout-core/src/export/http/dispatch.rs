//! What every courier needs: attempts, and what becomes of events that can't be delivered.

use std::sync::Arc;
use std::time::Duration;

use super::answer::Trouble;
use super::inbox::Inbox;
use super::mail::Mail;
use super::reporter::Reporter;
use super::retry::{Backoff, Retries};
use super::thread::Closing;
use crate::export::spool::Spool;
use crate::pipeline::DropReason;

#[derive(Clone)]
pub(super) struct Dispatch {
    pub(super) reporter: Arc<Reporter>,
    pub(super) backoff: Backoff,
    pub(super) closing: Closing,
    pub(super) inbox: Arc<Inbox>,
    pub(super) spool: Option<Arc<Spool>>,
}

impl Dispatch {
    /// Returns the attempts for what travels together.
    pub(super) fn retries(&self) -> Retries {
        Retries::new(self.backoff, self.closing.clone())
    }

    /// Waits until it is time to try again, and says why; false if there is no attempt left.
    pub(super) async fn retry(
        &self,
        retries: &mut Retries,
        trouble: &Trouble,
        asked: Option<Duration>,
    ) -> bool {
        // Of a server that is out of order nobody expects much.
        if self.inbox.has_outage() || !retries.wait(asked).await {
            return false;
        }
        self.reporter.retried(trouble);
        true
    }

    /// Reports events as stored.
    pub(super) fn stored(&self, mail: Vec<Mail>) {
        self.reporter.delivered(mail.len());
        self.inbox.settle(mail, Mail::delivered);
    }

    /// Reports events as lost that will never be taken.
    pub(super) fn rejected(&self, mail: Vec<Mail>, trouble: &Trouble) {
        self.reporter.lost(trouble, mail.len());
        self.inbox
            .settle(mail, |mail| mail.lost(DropReason::Rejected));
    }

    /// Decides about events that a server does not take for now.
    pub(super) fn unavailable(&self, mail: Vec<Mail>, trouble: &Trouble, asked: Option<Duration>) {
        let lost = self.keep(mail, trouble, asked);
        report_lost(lost, DropReason::Undeliverable);
    }

    /// Decides about events for which the key or the address is not right.
    pub(super) fn misdirected(&self, mail: Vec<Mail>, trouble: &Trouble) {
        if trouble.kind.is_about_the_key()
            && let Some(spool) = &self.spool
        {
            spool.note_key_refused();
        }
        let lost = self.keep(mail, trouble, None);
        report_lost(lost, DropReason::Rejected);
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

    /// Reports events as lost that can't be made out.
    #[cfg(feature = "otlp")]
    pub(super) fn unreadable(&self, mail: Vec<Mail>) {
        self.reporter.unreadable(mail.len());
        self.inbox
            .settle(mail, |mail| mail.lost(DropReason::Unreadable));
    }

    /// Reads what is not in memory. What can't be read is lost.
    pub(super) fn fetch(&self, mail: Vec<Mail>) -> Vec<Mail> {
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
}

/// Reports events that are not on disk, where there would be something to note.
pub(super) fn report_lost(mail: Vec<Mail>, reason: DropReason) {
    for mail in mail {
        mail.lost(reason);
    }
}
