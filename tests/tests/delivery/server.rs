//! A server with every fault that servers have, and a good memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rollout_tests::{Reply, Request, Server};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

/// What is looked at of an envelope.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// What is looked at of an event.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Told {
    event_id: String,
    pub(crate) event_type: String,
    trace_id: String,
    pub(crate) span_id: Option<String>,
    pub(crate) sequence: u64,
    pub(crate) name: Option<String>,
    pub(crate) status: Option<String>,
}

/// What a server was sent.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Events that are stored, by trace.
    pub(crate) traces: HashMap<String, Vec<Told>>,
    /// The texts of all that came, as hashes, by the events' ids.
    known: HashMap<String, u64>,
    stored: HashSet<String>,
    /// Events that were refused for good, by trace and number.
    pub(crate) rejected: BTreeMap<(String, u64), Told>,
    /// Events that came although they were stored.
    pub(crate) again: usize,
    /// Events that came again and had changed.
    pub(crate) changed: usize,
    pub(crate) requests: usize,
    /// How often each fault happened.
    pub(crate) faults: BTreeMap<&'static str, usize>,
}

/// The server, which fails at random, or not at all.
pub(crate) struct Unreliable {
    server: Server,
    books: Arc<Mutex<Books>>,
    lot: Arc<Mutex<Lot>>,
}

/// Random numbers: which ones is of no importance, but they are the same in each run.
#[derive(Debug)]
struct Lot {
    state: u64,
    is_reliable: bool,
    /// Until when everything is refused.
    away_until: Instant,
}

impl Unreliable {
    pub(crate) fn start() -> Self {
        let books: Arc<Mutex<Books>> = Arc::default();
        let lot = Arc::new(Mutex::new(Lot {
            state: 7,
            is_reliable: false,
            away_until: Instant::now(),
        }));
        let (kept, drawn) = (Arc::clone(&books), Arc::clone(&lot));
        let server = Server::start(move |request| {
            kept.lock()
                .unwrap()
                .serve(request, &mut drawn.lock().unwrap())
        });
        Self { server, books, lot }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// From here on everything works.
    pub(crate) fn recover(&self) {
        self.lot.lock().unwrap().is_reliable = true;
    }

    pub(crate) fn read<R>(&self, look: impl FnOnce(&Books) -> R) -> R {
        look(&self.books.lock().unwrap())
    }
}

impl Lot {
    /// Returns a number below this one.
    fn draw(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below
    }
}

impl Books {
    /// Returns whether an event is stored, or was refused for good.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.stored.contains(id) || self.rejected.values().any(|told| told.event_id == id)
    }

    fn serve(&mut self, request: &Request, lot: &mut Lot) -> Reply {
        self.requests += 1;
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&request.body[..])
            .read_to_end(&mut text)
            .unwrap();
        let envelope: Envelope<'_> = serde_json::from_slice(&text).unwrap();
        let events: Vec<(Told, u64)> = envelope
            .events
            .iter()
            .map(|event| {
                (
                    serde_json::from_str(event.get()).unwrap(),
                    hash(event.get()),
                )
            })
            .collect();
        for (told, text) in &events {
            let known = *self.known.entry(told.event_id.clone()).or_insert(*text);
            self.changed += usize::from(known != *text);
            self.again += usize::from(self.stored.contains(&told.event_id));
        }
        if lot.is_reliable {
            self.store(&events);
            return taken(events.len());
        }
        if Instant::now() < lot.away_until {
            return self.fault("away", Reply::status(503));
        }
        match lot.draw(300) {
            0 => {
                lot.away_until = Instant::now() + Duration::from_millis(lot.draw(3_000));
                self.fault("goes away", Reply::close())
            }
            1..6 => self.fault("503", Reply::status(503)),
            6..9 => self.fault("429", Reply::status(429).with_header("retry-after", "0")),
            9..13 => self.fault("reset", Reply::reset()),
            13..17 => self.fault("closed", Reply::close()),
            17..21 => {
                // It is stored, but nobody is told.
                self.store(&events);
                self.fault("truncated", taken(events.len()).truncated_to(9))
            }
            21..25 => {
                self.store(&events);
                self.fault("stored and reset", Reply::reset())
            }
            25..31 if events.len() > 8 => self.fault("413", Reply::status(413)),
            31..37 => self.reject(&events, true, lot),
            37..39 => self.reject(&events, false, lot),
            39..43 => {
                self.store(&events);
                self.fault("odd answer", Reply::text("<html>thanks</html>"))
            }
            43..55 => {
                self.store(&events);
                let delay = Duration::from_millis(lot.draw(60));
                self.fault("slow", taken(events.len()).after(delay))
            }
            _ => {
                self.store(&events);
                taken(events.len())
            }
        }
    }

    fn fault(&mut self, what: &'static str, reply: Reply) -> Reply {
        *self.faults.entry(what).or_default() += 1;
        reply
    }

    /// Stores all but some, which may be sent again or not.
    fn reject(&mut self, events: &[(Told, u64)], retryable: bool, lot: &mut Lot) -> Reply {
        let is_new = |told: &Told| !self.stored.contains(&told.event_id);
        let refused: Vec<usize> = (0..events.len())
            .filter(|index| lot.draw(10) == 0 && is_new(&events[*index].0))
            .collect();
        let stored: Vec<_> = (0..events.len())
            .filter(|index| !refused.contains(index))
            .map(|index| events[index].clone())
            .collect();
        self.store(&stored);
        if !retryable {
            for index in &refused {
                let told = events[*index].0.clone();
                self.rejected
                    .insert((told.trace_id.clone(), told.sequence), told);
            }
        }
        let errors: Vec<Value> = refused
            .iter()
            .map(|index| json!({"index": index, "code": "busy", "message": "at random"}))
            .collect();
        let what = if retryable { "not now" } else { "never" };
        self.fault(
            what,
            Reply::json(json!({
                "accepted": stored.len(),
                "rejected": refused.len(),
                "retryable": retryable,
                "errors": errors,
            })),
        )
    }

    fn store(&mut self, events: &[(Told, u64)]) {
        for (told, _) in events {
            if self.stored.insert(told.event_id.clone()) {
                let trace = self.traces.entry(told.trace_id.clone()).or_default();
                trace.push(told.clone());
            }
        }
    }
}

fn taken(events: usize) -> Reply {
    Reply::json(json!({"accepted": events, "rejected": 0, "retryable": false, "errors": []}))
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
