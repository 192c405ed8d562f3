//! Delivers events, and decides what becomes of those that can't be delivered.

use std::sync::Arc;

use bytes::Bytes;

use super::answer::{Answer, Kind, Refusals, Trouble};
use super::client::Client;
use super::envelope;
use super::mail::Mail;
use super::reporter::Reporter;
use super::retry::{Backoff, Retries};
use super::thread::Closing;
use crate::pipeline::DropReason;

pub(super) struct Courier {
    client: Client,
    reporter: Arc<Reporter>,
    backoff: Backoff,
    closing: Closing,
}

/// Events that travel together, and the attempts that are left for them.
struct Parcel {
    mail: Vec<Mail>,
    retries: Retries,
}

impl Courier {
    pub(super) fn new(
        client: Client,
        reporter: Arc<Reporter>,
        backoff: Backoff,
        closing: Closing,
    ) -> Self {
        Self {
            client,
            reporter,
            backoff,
            closing,
        }
    }

    /// Delivers events that may travel together, and reports on their receipts what became of them.
    pub(super) async fn deliver(&self, mail: Vec<Mail>) {
        let mut parcels = vec![self.parcel(mail)];
        while let Some(parcel) = parcels.pop() {
            parcels.extend(self.deliver_parcel(parcel).await);
        }
    }

    /// Sends a body that holds so many events until there is an answer that stands, or there were
    /// enough attempts.
    pub(super) async fn send(&self, body: &Bytes, events: usize, retries: &mut Retries) -> Answer {
        loop {
            match self.client.post(body.clone(), events).await {
                Answer::Unavailable(trouble, asked) => {
                    if !retries.wait(asked).await {
                        return Answer::Unavailable(trouble, asked);
                    }
                    self.reporter.retried(&trouble);
                }
                answer => return answer,
            }
        }
    }

    /// Returns what is to be sent in another form.
    async fn deliver_parcel(&self, parcel: Parcel) -> Vec<Parcel> {
        let Parcel {
            mut mail,
            mut retries,
        } = parcel;
        let answer = match envelope::seal(mail.iter().map(Mail::line)) {
            Ok(body) => self.send(&body, mail.len(), &mut retries).await,
            Err(error) => Answer::Refused(Trouble {
                kind: Kind::Internal,
                text: error.to_string(),
            }),
        };
        match answer {
            Answer::Stored(refusals) => {
                self.reporter.delivered();
                let refused = take_refused(mail, &refusals);
                if refused.is_empty() {
                    return Vec::new();
                }
                if refusals.retryable && retries.wait(None).await {
                    return vec![Parcel {
                        mail: refused,
                        retries,
                    }];
                }
                self.reporter.refused(&refusals);
                if refusals.retryable {
                    undeliverable(refused);
                } else {
                    lost(refused, DropReason::Rejected);
                }
            }
            Answer::TooLarge(_) if mail.len() > 1 => {
                let second = mail.split_off(mail.len() / 2);
                return vec![self.parcel(second), self.parcel(mail)];
            }
            Answer::TooLarge(trouble) | Answer::Refused(trouble) => {
                self.reporter.lost(&trouble, mail.len());
                lost(mail, DropReason::Rejected);
            }
            Answer::Unavailable(trouble, _) => {
                self.reporter.lost(&trouble, mail.len());
                undeliverable(mail);
            }
        }
        Vec::new()
    }

    fn parcel(&self, mail: Vec<Mail>) -> Parcel {
        Parcel {
            mail,
            retries: Retries::new(self.backoff, self.closing.clone()),
        }
    }
}

/// Reports the events that were stored, and returns the others.
fn take_refused(mail: Vec<Mail>, refusals: &Refusals) -> Vec<Mail> {
    let mut refused = Vec::with_capacity(refusals.places.len());
    for (place, mail) in mail.into_iter().enumerate() {
        if refusals.places.binary_search(&place).is_ok() {
            refused.push(mail);
        } else {
            mail.delivered();
        }
    }
    refused
}

/// Decides what becomes of events that the server might take another time.
fn undeliverable(mail: Vec<Mail>) {
    lost(mail, DropReason::Undeliverable);
}

fn lost(mail: Vec<Mail>, reason: DropReason) {
    for mail in mail {
        mail.lost(reason);
    }
}
