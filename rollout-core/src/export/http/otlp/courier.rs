//! From events to spans, from spans to requests, and back to what became of the events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry_proto::tonic::trace::v1::Span;

use super::answer::Answer;
use super::client::Client;
use super::meter::Meter;
use crate::config::OtlpTarget;
use crate::export::http::client::StartError;
use crate::export::http::dispatch::Dispatch;
use crate::export::http::inbox::Parcel;
use crate::export::http::mail::Mail;
use crate::export::otlp::{Fold, Folded, Folder, encode, request};
use crate::protocol::Event;

/// How many spans travel together when all that is open goes out at the end.
const MOST: usize = 256;

pub(in crate::export::http) struct Courier {
    client: Client,
    target: OtlpTarget,
    dispatch: Dispatch,
    folder: Mutex<Folder<Mail>>,
    meter: Option<Arc<Meter>>,
}

/// A span, and the events that it is made of.
struct Sending {
    span: Span,
    mail: Vec<Mail>,
}

impl Courier {
    pub(in crate::export::http) async fn new(
        target: OtlpTarget,
        dispatch: Dispatch,
    ) -> Result<Self, StartError> {
        let meter = match &target.metrics {
            Some(_) => Some(Meter::start(&target, &dispatch).await?),
            None => None,
        };
        Ok(Self {
            client: Client::new(&target).await?,
            meter,
            target,
            dispatch,
            folder: Mutex::default(),
        })
    }

    /// Takes events, sends the spans that have ended with them, and reports what became of these.
    pub(in crate::export::http) async fn deliver(&self, mut parcel: Parcel) {
        let mail = self.dispatch.fetch(std::mem::take(&mut parcel.mail));
        let ended = self.fold(mail);
        self.send(ended).await;
    }

    /// Sends what has not ended, as there will be no end.
    pub(in crate::export::http) async fn finish(&self) {
        let mut open = self.lock().finish().into_iter().peekable();
        while open.peek().is_some() {
            let some = open.by_ref().take(MOST).map(|ended| self.encode(ended));
            self.send(some.collect()).await;
        }
        if let Some(meter) = &self.meter {
            meter.send().await;
        }
    }

    /// Adds events to their spans, and returns those that are complete.
    fn fold(&self, mail: Vec<Mail>) -> Vec<Sending> {
        let (mut ended, mut no_news, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
        {
            let mut folder = self.lock();
            for mut mail in mail {
                let Some(event) = take_event(&mut mail) else {
                    unreadable.push(mail);
                    continue;
                };
                match folder.add(event, mail) {
                    Fold::Taken => {}
                    Fold::Skipped(mail) => no_news.push(mail),
                    Fold::Done(spans) => ended.extend(spans),
                }
            }
            folder.each_touched(Mail::hold);
        }
        if !unreadable.is_empty() {
            self.dispatch.unreadable(unreadable);
        }
        // Spans say it without them.
        self.dispatch.inbox.settle(no_news, Mail::delivered);
        ended.into_iter().map(|span| self.encode(span)).collect()
    }

    fn encode(&self, (span, mail): (Folded, Vec<Mail>)) -> Sending {
        if let Some(meter) = &self.meter {
            meter.note(&span);
        }
        Sending {
            span: encode(span, self.target.profile),
            mail,
        }
    }

    async fn send(&self, spans: Vec<Sending>) {
        let mut bundles = vec![spans];
        while let Some(bundle) = bundles.pop() {
            bundles.extend(self.send_bundle(bundle).await);
        }
    }

    /// Returns what is to be sent in smaller requests.
    async fn send_bundle(&self, mut sending: Vec<Sending>) -> Vec<Vec<Sending>> {
        if sending.is_empty() {
            return Vec::new();
        }
        let dispatch = &self.dispatch;
        let spans = sending.iter().map(|one| one.span.clone()).collect();
        let request = self.client.seal(request(&self.target.resource, spans));
        let mut retries = dispatch.retries();
        let answer = loop {
            match self.client.send(&request).await {
                Answer::Unavailable(trouble, asked)
                    if dispatch.retry(&mut retries, &trouble, asked).await => {}
                answer => break answer,
            }
        };
        if !matches!(answer, Answer::Unavailable(..) | Answer::Misdirected(_)) {
            dispatch.inbox.server_is_back();
        }
        match answer {
            Answer::Stored => dispatch.stored(mail_of(sending)),
            Answer::StoredInPart(refused, trouble) => {
                // Which ones it does not say.
                let kept = sending.len().saturating_sub(refused);
                let refused = sending.split_off(kept);
                dispatch.stored(mail_of(sending));
                dispatch.rejected(mail_of(refused), &trouble);
            }
            Answer::TooLarge(_) if sending.len() > 1 => {
                let second = sending.split_off(sending.len() / 2);
                return vec![second, sending];
            }
            Answer::TooLarge(trouble) | Answer::Refused(trouble) => {
                dispatch.rejected(mail_of(sending), &trouble);
            }
            Answer::Unavailable(trouble, asked) => {
                dispatch.unavailable(mail_of(sending), &trouble, asked);
            }
            Answer::Misdirected(trouble) => dispatch.misdirected(mail_of(sending), &trouble),
        }
        Vec::new()
    }

    fn lock(&self) -> MutexGuard<'_, Folder<Mail>> {
        self.folder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads an event, and frees its text: from here on it is part of a span.
fn take_event(mail: &mut Mail) -> Option<Event> {
    let line = mail.take_line()?;
    serde_json::from_slice(&line).ok()
}

fn mail_of(spans: Vec<Sending>) -> Vec<Mail> {
    spans.into_iter().flat_map(|one| one.mail).collect()
}
