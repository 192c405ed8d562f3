//! What is in the records: what is captured, and who looks at it before it leaves.

use std::sync::Arc;

use super::Builder;
use crate::pipeline::Redaction;
use crate::protocol::Event;

impl Builder {
    /// Sets whether inputs are recorded: arguments, requests, messages to a model.
    ///
    /// Environment: `ROLLOUT_CAPTURE_INPUT`. Defaults to true; a `capture_input` closer to the call
    /// wins when it says no.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let recording = rollout::testing::record_with(|builder| builder.capture_input(false));
    /// let trace = recording.client().trace("support").input("my card is 4111 1111").start();
    /// trace.end();
    /// assert!(recording.run().input().is_null());
    /// ```
    pub fn capture_input(mut self, capture: bool) -> Self {
        self.capture_input = Some(capture);
        self
    }

    /// Sets whether outputs are recorded: results, answers of a model, also while they stream.
    ///
    /// Environment: `ROLLOUT_CAPTURE_OUTPUT`. Defaults to true.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let recording = rollout::testing::record_with(|builder| builder.capture_output(false));
    /// let mut trace = recording.client().trace("support").start();
    /// trace.record_output("your balance is 12.30");
    /// trace.end();
    /// assert!(recording.run().output().is_null());
    /// ```
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.capture_output = Some(capture);
        self
    }

    /// Keeps images, sounds and documents that requests and answers carry in base64, in the folder `media`
    /// of the local folder ([`local_dir`](Self::local_dir), else `.rollout`), also when traces go elsewhere.
    /// Defaults to false: a record then says what they were, by type, size and hash.
    ///
    /// A file is named after the hash that the record has, is kept once however often it is sent, and can be
    /// read by its owner only. No hook sees it: it is not looked into for credentials, and stays where
    /// [`before_send`](Self::before_send) drops the event. No more than a gibibyte is kept. The worker
    /// writes it; where that fails a warning says so, and the record is the same.
    ///
    /// `rollout view` shows those that are pictures.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let dir = std::env::temp_dir().join("rollout-doc");
    /// let rollout = rollout::builder().local_dir(&dir).keep_media(true).build()?;
    /// # rollout.shutdown();
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    pub fn keep_media(mut self, keep: bool) -> Self {
        self.keep_media = keep;
        self
    }

    /// Keeps each chunk of a stream, with its time, beside the whole output. Defaults to false.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let memory = rollout::MemoryExporter::new();
    /// let builder = rollout::builder().exporter(memory.clone());
    /// let rollout = builder.capture_stream_chunks(true).build()?;
    /// let mut call = rollout.trace("support").start().llm("say").streaming(true).start();
    /// call.record_chunk("Good ");
    /// call.record_chunk("morning");
    /// call.end();
    /// rollout.shutdown();
    /// let chunks = memory.names().into_iter().filter(|name| *name == "llm.stream_chunk");
    /// assert_eq!(chunks.count(), 2);
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    pub fn capture_stream_chunks(mut self, capture: bool) -> Self {
        self.capture_stream_chunks = capture;
        self
    }

    /// Sets how many characters of a running stream are shown; 0 shows none. Defaults to 4,096.
    pub fn stream_preview_chars(mut self, chars: usize) -> Self {
        self.stream_preview_chars = Some(chars);
        self
    }

    /// Sets which credentials are masked in what is recorded. Defaults to [`Redaction::new`]: all that
    /// look like one, or stand under a name that tells.
    ///
    /// It is done on the worker, before the [`scrubber`](Self::scrubber) and before long values are
    /// cut.
    pub fn redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Changes every event before anything leaves the process: the place to mask personal data.
    ///
    /// Runs on the worker. If it panics the event is dropped, and counted: what it was to hide
    /// never gets out.
    ///
    /// ```
    /// # use rollout_core::Rollout;
    /// let builder = Rollout::builder().scrubber(|event| {
    ///     event.for_each_text(|text| *text = text.replace("4111 1111", "•••• ••••"));
    /// });
    /// ```
    pub fn scrubber(mut self, scrub: impl Fn(&mut Event) + Send + Sync + 'static) -> Self {
        self.scrubber = Some(Arc::new(scrub));
        self
    }

    /// Decides about every event after the [`scrubber`](Self::scrubber): returns it, changed or
    /// not, or `None` to drop it.
    ///
    /// Runs on the worker. If it panics the event is dropped, and counted.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// use rollout::protocol::EventType;
    ///
    /// // Nobody reads the chunks.
    /// let builder = rollout::builder()
    ///     .before_send(|event| (event.event_type() != EventType::LlmStreamChunk).then_some(event));
    /// # drop(builder);
    /// ```
    pub fn before_send(
        mut self,
        decide: impl Fn(Event) -> Option<Event> + Send + Sync + 'static,
    ) -> Self {
        self.before_send = Some(Arc::new(decide));
        self
    }
}
