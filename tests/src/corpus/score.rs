//! How much of what was observed is as it must be.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::{Field, Interaction, Operation};

/// How many of an operation's interactions must agree in every fact.
const LEAST_AGREEMENT: f64 = 0.99;

/// A fact that is not as it must be, and can't be.
#[derive(Clone, Copy, Debug)]
pub struct Exception {
    /// The id of the interaction.
    pub id: &'static str,
    /// The fact.
    pub field: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// How much of what was observed is as it must be.
#[derive(Debug)]
pub struct Score {
    way: &'static str,
    exceptions: &'static [Exception],
    /// By operation and fact.
    fields: BTreeMap<(Operation, &'static str), Count>,
    /// By operation, in every fact.
    interactions: BTreeMap<Operation, Count>,
    explained: Vec<Disagreement>,
    unexplained: Vec<Disagreement>,
    unreadable: usize,
}

#[derive(Debug, Default)]
struct Count {
    agreeing: usize,
    excused: usize,
    compared: usize,
}

#[derive(Debug)]
struct Disagreement {
    id: String,
    field: Field,
    reason: Option<&'static str>,
}

impl Score {
    /// Returns a score of interactions that are observed in this way, with nothing counted yet.
    pub fn new(way: &'static str, exceptions: &'static [Exception]) -> Self {
        Self {
            way,
            exceptions,
            fields: BTreeMap::new(),
            interactions: BTreeMap::new(),
            explained: Vec::new(),
            unexplained: Vec::new(),
            unreadable: 0,
        }
    }

    /// Counts an interaction.
    pub fn count(&mut self, interaction: &Interaction, fields: Vec<Field>) {
        self.count_with(interaction, fields, |_| None);
    }

    /// Counts an interaction; `excuse` says why a fact can't be as it must be in this way of
    /// observing, whatever the interaction.
    pub fn count_with(
        &mut self,
        interaction: &Interaction,
        fields: Vec<Field>,
        excuse: impl Fn(&Field) -> Option<&'static str>,
    ) {
        if interaction.expected.is_none() {
            self.unreadable += 1;
            return;
        }
        let operation = interaction.operation;
        let (mut agrees, mut is_excused) = (true, false);
        for field in fields {
            let count = self.fields.entry((operation, field.name)).or_default();
            count.compared += 1;
            if field.agrees() {
                count.agreeing += 1;
                continue;
            }
            let id = interaction.id.clone();
            let excused = excuse(&field);
            if excused.is_some() {
                count.excused += 1;
                is_excused = true;
            } else {
                agrees = false;
            }
            let reason = excused.or_else(|| self.exception(&id, field.name));
            let disagreement = Disagreement { id, field, reason };
            if reason.is_some() {
                self.explained.push(disagreement);
            } else {
                self.unexplained.push(disagreement);
            }
        }
        let count = self.interactions.entry(operation).or_default();
        count.compared += 1;
        count.agreeing += usize::from(agrees && !is_excused);
        count.excused += usize::from(agrees && is_excused);
    }

    fn exception(&self, id: &str, field: &str) -> Option<&'static str> {
        let same = |it: &&Exception| it.id == id && it.field == field;
        self.exceptions.iter().find(same).map(|it| it.reason)
    }

    /// Checks that nothing disagrees without a reason, and little with one.
    ///
    /// # Panics
    ///
    /// If not so.
    pub fn judge(&self) {
        let unexplained: String = self
            .unexplained
            .iter()
            .map(Disagreement::to_string)
            .collect();
        assert!(unexplained.is_empty(), "{}:\n{unexplained}", self.way);
        for (operation, count) in &self.interactions {
            let Count {
                agreeing,
                excused,
                compared,
            } = count;
            #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
            let rate = (agreeing + excused) as f64 / *compared as f64;
            assert!(
                rate >= LEAST_AGREEMENT,
                "{}: only {agreeing} and {excused} of {compared} of {operation} agree",
                self.way
            );
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<10} {:<26} {:>8} {:>8} {:>8}   {}",
            "operation", "fact", "agree", "excused", "compared", self.way
        )?;
        let facts = self
            .fields
            .iter()
            .map(|((o, name), count)| (o, *name, count));
        let whole = self
            .interactions
            .iter()
            .map(|(o, count)| (o, "every fact", count));
        for (operation, name, count) in facts.chain(whole) {
            let Count {
                agreeing,
                excused,
                compared,
            } = count;
            let operation = operation.to_string();
            writeln!(
                f,
                "{operation:<10} {name:<26} {agreeing:>8} {excused:>8} {compared:>8}"
            )?;
        }
        if self.unreadable > 0 {
            let count = self.unreadable;
            writeln!(f, "{count} more, of which nothing is expected, did no harm")?;
        }
        for disagreement in self.explained.iter().chain(&self.unexplained) {
            write!(f, "{disagreement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, field, reason } = self;
        let Field {
            name,
            expected,
            got,
        } = field;
        match reason {
            Some(reason) => writeln!(f, "{id} {name}: {reason}")?,
            None => writeln!(f, "DISAGREES: {id} {name}")?,
        }
        writeln!(f, "  expected {}", short(expected))?;
        writeln!(f, "  got      {}", short(got))
    }
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 300;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EXCEPTIONS: &[Exception] = &[Exception {
        id: "x",
        field: "b",
        reason: "the recording lacks it",
    }];

    fn score(names: &[&'static str], excuse: impl Fn(&Field) -> Option<&'static str>) -> Score {
        let file = json!({"id": "x", "streaming": false, "request": {}, "response": {"status": 200},
            "expected": {}});
        let interaction = Interaction::parse(Operation::Chat, &file).unwrap();
        let mut score = Score::new("test", EXCEPTIONS);
        for _ in 0..100 {
            score.count(&interaction, Vec::new());
        }
        let wrong = |name: &&'static str| Field {
            name,
            expected: json!(1),
            got: json!(2),
        };
        score.count_with(&interaction, names.iter().map(wrong).collect(), excuse);
        score
    }

    #[test]
    fn what_has_a_reason_is_listed_and_let_pass() {
        let score = score(&["a", "b"], |field| {
            (field.name == "a").then_some("not seen")
        });
        score.judge();
        let told = score.to_string();
        assert!(told.contains("x a: not seen\n  expected 1\n"), "{told}");
        assert!(told.contains("x b: the recording lacks it"), "{told}");
    }

    #[test]
    #[should_panic(expected = "DISAGREES: x a")]
    fn what_has_no_reason_is_not_let_pass() {
        score(&["a"], |_| None).judge();
    }

    #[test]
    #[should_panic(expected = "only 99 and 0 of 101 of chat agree")]
    fn exceptions_are_few() {
        let mut score = score(&["b"], |_| None);
        score
            .interactions
            .get_mut(&Operation::Chat)
            .unwrap()
            .agreeing -= 1;
        score.judge();
    }
}
