//! Two runs, step by step: which step of one corresponds to which of the other, and what differs.

use serde::Serialize;

use super::flat::FlatStep;

/// Steps are aligned as long as a table of all pairs is no bigger than this; the rest stand alone.
const LARGEST_TABLE: usize = 4_000_000;

/// Times differ always. A difference counts from this share of the longer, and this many milliseconds.
const SHARE: f64 = 0.25;
const AT_LEAST: f64 = 20.0;

/// Steps that correspond, or one that nothing corresponds to.
#[derive(Debug, Serialize)]
pub(super) struct Pair {
    left: Option<FlatStep>,
    right: Option<FlatStep>,
    /// What is not alike, where both are there: `model`, `status`, `tokens`, `cost`, `time`, `output`, …
    differs: Vec<&'static str>,
}

/// Returns the steps of both, in the order of the trees, with those in one row that correspond.
pub(super) fn align(left: Vec<FlatStep>, right: Vec<FlatStep>) -> Vec<Pair> {
    let matched = matches(&left, &right);
    let mut pairs = Vec::new();
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let (mut at_left, mut at_right) = (0, 0);
    for (left_index, right_index) in matched {
        alone(&mut pairs, left.by_ref().take(left_index - at_left), true);
        alone(
            &mut pairs,
            right.by_ref().take(right_index - at_right),
            false,
        );
        if let (Some(left), Some(right)) = (left.next(), right.next()) {
            let differs = differences(&left, &right);
            pairs.push(Pair {
                left: Some(left),
                right: Some(right),
                differs,
            });
        }
        (at_left, at_right) = (left_index + 1, right_index + 1);
    }
    alone(&mut pairs, left, true);
    alone(&mut pairs, right, false);
    pairs
}

fn alone(pairs: &mut Vec<Pair>, steps: impl Iterator<Item = FlatStep>, is_left: bool) {
    pairs.extend(steps.map(|step| {
        let (left, right) = if is_left {
            (Some(step), None)
        } else {
            (None, Some(step))
        };
        Pair {
            left,
            right,
            differs: vec!["presence"],
        }
    }));
}

/// Returns the pairs of indices that make the sum of their likenesses the largest, both rising.
fn matches(left: &[FlatStep], right: &[FlatStep]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    // Of huge runs, the beginnings are compared.
    let height = left.len().min(LARGEST_TABLE / width) + 1;
    let mut table = vec![0_u32; width * height];
    let get = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for i in (0..height - 1).rev() {
        for j in (0..width - 1).rev() {
            let skip = get(&table, i + 1, j).max(get(&table, i, j + 1));
            let score = match likeness(left.get(i), right.get(j)) {
                0 => skip,
                alike => skip.max(alike + get(&table, i + 1, j + 1)),
            };
            if let Some(cell) = table.get_mut(i * width + j) {
                *cell = score;
            }
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i + 1 < height && j + 1 < width {
        let here = get(&table, i, j);
        let alike = likeness(left.get(i), right.get(j));
        if alike > 0 && here == alike + get(&table, i + 1, j + 1) {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if here == get(&table, i + 1, j) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Returns how much two steps are alike; 0 if they are of different kinds.
fn likeness(left: Option<&FlatStep>, right: Option<&FlatStep>) -> u32 {
    let (Some(left), Some(right)) = (left, right) else {
        return 0;
    };
    if left.kind != right.kind || (left.depth == 0) != (right.depth == 0) {
        return 0;
    }
    let same = |is_same: bool, worth: u32| if is_same { worth } else { 0 };
    // Another tool or another span is another step; another model does the same step.
    if left.name != right.name && left.kind != "model" && left.depth > 0 {
        return 0;
    }
    8 + same(left.name == right.name, 8)
        + same(left.depth == right.depth, 4)
        + same(text(left.input.as_ref()) == text(right.input.as_ref()), 2)
        + same(left.status == right.status, 1)
}

fn differences(left: &FlatStep, right: &FlatStep) -> Vec<&'static str> {
    let time = |step: &FlatStep| step.duration.unwrap_or_default();
    let longer = time(left).max(time(right));
    let apart = (time(left) - time(right)).abs();
    let message = |step: &FlatStep| step.error.as_ref().map(|error| error["message"].clone());
    // The times of what is around a step differ because the step's do.
    let has_time = matches!(left.kind, "model" | "tool");
    [
        ("name", left.name != right.name),
        (
            "model",
            left.model != right.model || left.response_model != right.response_model,
        ),
        ("status", left.status != right.status),
        ("tokens", tokens(left) != tokens(right)),
        ("cost", left.consumed.cost != right.consumed.cost),
        (
            "time",
            has_time && apart > AT_LEAST && apart > longer * SHARE,
        ),
        (
            "input",
            text(left.input.as_ref()) != text(right.input.as_ref()),
        ),
        (
            "output",
            text(left.output.as_ref()) != text(right.output.as_ref()),
        ),
        ("tools", tools(left) != tools(right)),
        ("error", message(left) != message(right)),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

fn tokens(step: &FlatStep) -> (Option<u64>, Option<u64>) {
    (step.consumed.input_tokens, step.consumed.output_tokens)
}

fn text(preview: Option<&serde_json::Value>) -> Option<&str> {
    preview?.get("text")?.as_str()
}

/// The names and arguments of the tools asked for; their ids differ always.
fn tools(step: &FlatStep) -> Vec<(&serde_json::Value, &serde_json::Value)> {
    let calls = step.calls.iter();
    calls
        .map(|call| (&call["name"], &call["arguments"]))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn step(kind: &'static str, name: &str, depth: usize) -> FlatStep {
        FlatStep {
            key: name.into(),
            kind,
            name: name.into(),
            depth,
            status: "ok".into(),
            ..FlatStep::default()
        }
    }

    fn told(pairs: &[Pair]) -> Vec<(&str, &str)> {
        let name = |step: &Option<FlatStep>| {
            step.as_ref()
                .map_or("-", |step| &*step.name)
                .to_owned()
                .leak() as &str
        };
        pairs
            .iter()
            .map(|pair| (name(&pair.left), name(&pair.right)))
            .collect()
    }

    #[test]
    fn what_one_run_did_and_the_other_did_not_stands_alone() {
        let left = vec![
            step("run", "r", 0),
            step("model", "ask", 1),
            step("tool", "a", 1),
            step("model", "say", 1),
        ];
        let right = vec![
            step("run", "r", 0),
            step("model", "ask", 1),
            step("tool", "b", 1),
            step("tool", "a", 1),
            step("model", "say", 1),
        ];
        let pairs = align(left, right);
        assert_eq!(
            told(&pairs),
            [
                ("r", "r"),
                ("ask", "ask"),
                ("-", "b"),
                ("a", "a"),
                ("say", "say")
            ]
        );
        assert_eq!(pairs[2].differs, ["presence"]);
        assert_eq!(pairs[3].differs, Vec::<&str>::new());
    }

    #[test]
    fn another_model_does_the_same_step() {
        let mut other = step("model", "claude", 1);
        other.model = Some("claude".into());
        other.output = Some(json!({"text": "yes"}));
        other.duration = Some(900.0);
        let mut one = step("model", "gpt", 1);
        one.duration = Some(400.0);
        one.output = Some(json!({"text": "no"}));
        let pairs = align(vec![one], vec![other]);
        assert_eq!(pairs.len(), 1);
        assert_eq!(pairs[0].differs, ["name", "model", "time", "output"]);
    }

    #[test]
    fn one_run_may_have_nothing() {
        assert_eq!(
            told(&align(Vec::new(), vec![step("tool", "a", 1)])),
            [("-", "a")]
        );
        assert_eq!(
            told(&align(vec![step("tool", "a", 1)], Vec::new())),
            [("a", "-")]
        );
    }
}
