//! What comes of interactions that are sent through recorded clients.

use std::time::Duration;

use rollout::{MemoryExporter, Rollout};
use rollout_tests::corpus::{Field, Interaction, Observed, Score, fields};
use serde_json::{Value, json};

use super::decoders::NOT_OURS;
use super::served::Answer;
use super::span::{self, Call};

/// The attribute by which the calls are told apart.
pub(super) const MARK: &str = "replay";

/// How many interactions are under way at a time.
pub(super) const AT_A_TIME: usize = 16;

/// A way to record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) name: &'static str,
    /// A client is recorded with what the program gets of it.
    pub(super) sees_the_program: bool,
    /// A layer is recorded with what is on the wire.
    pub(super) sees_the_wire: bool,
}

/// What came of an interaction: the answers without and with recording.
pub(super) struct Replay {
    pub(super) interaction: Interaction,
    pub(super) sent: Value,
    /// Whether the request is the recorded one.
    pub(super) is_recorded: bool,
    pub(super) plain: Answer,
    pub(super) answers: Vec<(Way, Answer)>,
}

/// Says why a fact can't be as it must be in this way of recording. Given the fact as it is, as the
/// program can know it, and what the program got.
pub(super) type Excuse = fn(Way, &Field, Option<&Value>, &Answer) -> Option<&'static str>;

/// Returns a client that records everything, however much it is.
pub(super) fn recorder() -> (Rollout, MemoryExporter) {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .exporter(memory.clone())
        .max_queue_events(1_000_000)
        .max_queue_bytes(1_000_000_000)
        .max_value_bytes(8_000_000)
        .build();
    (rollout.unwrap(), memory)
}

impl Way {
    /// Returns what marks the call of an interaction.
    pub(super) fn mark(self, interaction: &Interaction) -> String {
        format!("{}: {}", self.name, interaction.id)
    }
}

/// Checks that programs got what they would have got, and that the spans tell what there was.
pub(super) fn judge(
    replays: &[Replay],
    (rollout, memory): &(Rollout, MemoryExporter),
    excuse: Excuse,
) {
    rollout.flush(Duration::from_secs(60)).unwrap();
    let events = memory.events();
    let calls = span::calls(&events, MARK);
    let mut scores: Vec<(&str, Score)> = Vec::new();
    for replay in replays {
        for (way, answer) in &replay.answers {
            let mark = way.mark(&replay.interaction);
            assert_eq!(*answer, replay.plain, "{mark}");
            let place = scores.iter().position(|(name, _)| *name == way.name);
            let place = place.unwrap_or_else(|| {
                scores.push((way.name, Score::new(way.name, NOT_OURS)));
                scores.len() - 1
            });
            replay.score(&calls[&*mark], *way, excuse, &mut scores[place].1);
        }
    }
    let small = replays.iter().filter(|replay| !replay.is_recorded);
    println!(
        "{} small requests, where the client's has no room for the recorded one",
        small.count()
    );
    for (_, score) in &scores {
        println!("{score}");
    }
    for (_, score) in scores {
        score.judge();
    }
}

/// Checks that a call whose stream broke off is recorded as failed, with what it brought.
pub(super) fn check_broken(replays: &[Replay], (rollout, memory): &(Rollout, MemoryExporter)) {
    rollout.flush(Duration::from_secs(60)).unwrap();
    let events = memory.events();
    let calls = span::calls(&events, MARK);
    assert!(!replays.is_empty());
    let (mut texts, mut begun) = (0, 0);
    for replay in replays {
        let whole = Observed::decoded(&replay.interaction);
        assert!(replay.plain.failed(), "{}", replay.interaction.id);
        for (way, answer) in &replay.answers {
            let mark = way.mark(&replay.interaction);
            assert_eq!(*answer, replay.plain, "{mark}");
            let call = &calls[&*mark];
            assert_eq!(call.end().status.as_deref(), Some("error"), "{mark}");
            let observed = call.observed(&replay.interaction);
            call.check_preview(&replay.interaction, &observed);
            for (text, whole) in observed.facts.texts.iter().zip(&whole.facts.texts) {
                let [text, whole] = [text, whole].map(|it| it.as_deref().unwrap_or_default());
                assert!(whole.starts_with(text), "{mark}: {text:?} of {whole:?}");
                texts += usize::from(!whole.is_empty());
                begun += usize::from(!text.is_empty());
            }
        }
    }
    assert!(
        begun * 2 >= texts,
        "only {begun} of {texts} texts have begun"
    );
}

impl Replay {
    fn score(&self, call: &Call<'_>, way: Way, excuse: Excuse, score: &mut Score) {
        let interaction = &self.interaction;
        let observed = call.observed(interaction);
        call.check_preview(interaction, &observed);
        let mut compared = fields(interaction, &observed);
        let expected = interaction.expected.as_ref();
        let failed = (way.sees_the_program && self.plain.failed())
            || expected.is_some_and(|expected| !expected["error"].is_null());
        for (name, expected, got) in [
            (
                "input",
                without_media(&self.sent),
                without_media(&call.input()),
            ),
            (
                "span.status",
                json!(if failed {
                    "error"
                } else if way.sees_the_wire && interaction.breaks_off() {
                    "interrupted"
                } else {
                    "ok"
                }),
                json!(call.end().status),
            ),
        ] {
            compared.push(Field {
                name,
                expected,
                got,
            });
        }
        let program = self.plain.observed(interaction.operation, &self.sent);
        let program = fields(interaction, &program);
        score.count_with(interaction, compared, |field| {
            let same = |it: &&Field| it.name == field.name;
            let known = program.iter().find(same).map(|it| &it.got);
            excuse(way, field, known, &self.plain)
        });
    }
}

/// Media are recorded by their hash. What they were is compared elsewhere.
fn without_media(value: &Value) -> Value {
    const LONG: usize = 256;
    let is_media = |text: &str| text.len() > LONG && !text.contains(' ');
    match value {
        Value::String(text) if is_media(text) || text.starts_with("rollout-blob:") => {
            json!("media")
        }
        Value::Array(items) => items.iter().map(without_media).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), without_media(value)))
            .collect(),
        value => value.clone(),
    }
}
