//! Delivers events to the ingest API.

use bytes::Bytes;

use super::answer::{Answer, Kind, Refusals, Trouble};
use super::client::Client;
use super::dispatch::{Dispatch, report_lost};
use super::envelope;
use super::inbox::Parcel;
use super::mail::Mail;
use super::retry::Retries;
use crate::pipeline::DropReason;

pub(super) struct Courier {
    pub(super) client: Client,
    pub(super) dispatch: Dispatch,
}

/// Events that travel together, and the attempts that are left for them.
struct Bundle {
    mail: Vec<Mail>,
    retries: Retries,
}

impl Courier {
    /// Delivers events that may travel together, and reports what became of them.
    pub(super) async fn deliver(&self, mut parcel: Parcel) {
        let mail = self.dispatch.fetch(std::mem::take(&mut parcel.mail));
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
                    if !self.dispatch.retry(retries, &trouble, asked).await {
                        return Answer::Unavailable(trouble, asked);
                    }
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
        let dispatch = &self.dispatch;
        let answer = match envelope::seal(mail.iter().filter_map(Mail::line)) {
            Ok(body) => self.send(&body, mail.len(), &mut retries).await,
            Err(error) => Answer::Refused(Trouble {
                kind: Kind::Internal,
                text: error.to_string(),
            }),
        };
        if !matches!(answer, Answer::Unavailable(..) | Answer::Misdirected(_)) {
            dispatch.inbox.server_is_back();
        }
        match answer {
            Answer::Stored(refusals) => {
                let (refused, stored) = split(mail, &refusals);
                dispatch.stored(stored);
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
                dispatch.rejected(mail, &trouble);
            }
            Answer::Unavailable(trouble, asked) => dispatch.unavailable(mail, &trouble, asked),
            Answer::Misdirected(trouble) => dispatch.misdirected(mail, &trouble),
        }
        Vec::new()
    }

    /// Decides about events that the server did not store, though it took the envelope.
    fn refused(&self, mail: Vec<Mail>, refusals: &Refusals) {
        let dispatch = &self.dispatch;
        if !refusals.retryable {
            dispatch.reporter.refused(refusals, "events are lost");
            return dispatch
                .inbox
                .settle(mail, |mail| mail.lost(DropReason::Rejected));
        }
        let is_kept = mail.iter().all(|mail| mail.place().is_some());
        let consequence = if is_kept {
            "events are kept"
        } else {
            "events are lost"
        };
        dispatch.reporter.refused(refusals, consequence);
        report_lost(dispatch.inbox.let_rest(mail), DropReason::Undeliverable);
    }

    fn bundle(&self, mail: Vec<Mail>) -> Bundle {
        Bundle {
            mail,
            retries: self.dispatch.retries(),
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
