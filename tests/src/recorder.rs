//! What a program records, call by call.

use std::time::Duration;

use rollout_core::protocol::{Event, EventType, Json};
use rollout_core::{Builder, Instrumented, MemoryExporter, Rollout, WrapOptions};
use serde_json::{Map, Value};

/// A client that records into memory.
#[derive(Debug)]
pub struct Recorder {
    rollout: Rollout,
    memory: MemoryExporter,
}

/// One recorded call to a model.
#[derive(Clone, Debug)]
pub struct Call {
    /// The event that began it.
    pub start: Event,
    /// The event that ended it.
    pub end: Event,
    /// The request; null where it was not recorded.
    pub input: Value,
    /// The answer, rebuilt where it was streamed; null where there is none.
    pub output: Value,
    /// The previews that were sent while it streamed.
    pub previews: Vec<String>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// Starts one.
    pub fn new() -> Self {
        Self::with(Rollout::builder())
    }

    /// Starts one with options.
    ///
    /// # Panics
    ///
    /// If it can't be started.
    pub fn with(builder: Builder) -> Self {
        let memory = MemoryExporter::new();
        let rollout = builder.exporter(memory.clone()).build().unwrap();
        Self { rollout, memory }
    }

    /// Wraps a client.
    pub fn wrap<C: Instrumented<By>, By>(&self, client: C) -> C::Wrapped {
        self.rollout.wrap(client)
    }

    /// Wraps a client with options.
    pub fn wrap_with<C: Instrumented<By>, By>(
        &self,
        client: C,
        options: WrapOptions,
    ) -> C::Wrapped {
        self.rollout.wrap_with(client, options)
    }

    /// Returns the client, to make traces with.
    pub fn rollout(&self) -> &Rollout {
        &self.rollout
    }

    /// Returns all that was recorded so far.
    pub fn events(&self) -> Vec<Event> {
        self.rollout.flush(Duration::from_secs(20)).unwrap();
        self.memory.events()
    }

    /// Returns the calls to a model so far, in the order in which they began.
    ///
    /// # Panics
    ///
    /// If one of them did not end exactly once.
    #[track_caller]
    pub fn calls(&self) -> Vec<Call> {
        let events = self.events();
        let is_call = |event: &&Event| event.span_type.as_deref() == Some("llm");
        let of = |kind: EventType| {
            let calls = events.iter().filter(is_call);
            calls.filter(move |event| event.event_type() == kind)
        };
        let ends = of(EventType::SpanEnd).count();
        let starts = of(EventType::SpanStart).count();
        assert_eq!(ends, starts, "{:?}", self.memory.names());
        of(EventType::SpanStart)
            .map(|start| Call::gather(start, &events))
            .collect()
    }

    /// Returns the only call to a model.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[track_caller]
    pub fn only_call(&self) -> Call {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{:?}", self.memory.names());
        calls.remove(0)
    }
}

impl Drop for Recorder {
    /// Whatever a test was about: nothing of what it recorded is unaccounted for.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let stats = self.rollout.shutdown();
        let known = stats.exported + stats.spooled + stats.queued + stats.dropped.total();
        assert_eq!(stats.created, known, "{stats}");
        assert_eq!(stats.exported, self.memory.events().len() as u64, "{stats}");
    }
}

impl Call {
    #[track_caller]
    fn gather(start: &Event, events: &[Event]) -> Self {
        let mine: Vec<&Event> = events
            .iter()
            .filter(|event| event.span_id == start.span_id && event.trace_id == start.trace_id)
            .collect();
        let ends: Vec<_> = mine
            .iter()
            .filter(|event| event.event_type() == EventType::SpanEnd)
            .collect();
        let [end] = ends.as_slice() else {
            panic!("{} ends of {:?}", ends.len(), start.name);
        };
        let value = |json: Option<&Json>| json.map(Json::to_value).unwrap_or_default();
        let input = mine.iter().find_map(|event| event.raw.input.as_ref());
        let output = mine.iter().find_map(|event| event.raw.output.as_ref());
        let previews = mine
            .iter()
            .filter(|event| event.event_type() == EventType::SpanUpdate)
            .filter_map(|event| event.raw.stream_preview.as_ref())
            .filter_map(|preview| preview.to_value().as_str().map(str::to_owned));
        Self {
            start: start.clone(),
            end: (**end).clone(),
            input: value(input),
            output: value(output),
            previews: previews.collect(),
        }
    }

    /// Returns how it ended: `ok`, `error` …
    pub fn status(&self) -> &str {
        self.end.status.as_deref().unwrap_or_default()
    }

    /// Returns an attribute; null where it has none of this name.
    pub fn attribute(&self, name: &str) -> Value {
        self.end.attributes.get(name).cloned().unwrap_or_default()
    }

    /// Returns all attributes.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.end.attributes
    }

    /// Returns what it consumed, as the protocol has it.
    pub fn usage(&self) -> Value {
        serde_json::to_value(&self.end.usage).unwrap()
    }

    /// Returns the message of its error.
    pub fn error(&self) -> &str {
        self.end
            .error
            .message_preview
            .as_deref()
            .unwrap_or_default()
    }
}
