//! What there is to say of a step, and of a run, in numbers.

use super::super::model::{Status, Step, StepKind, ToolRequest, Usage};
use super::super::totals::Totals;
use super::super::words::{self, count, times};

/// Returns what there is to say of a step in numbers.
pub(super) fn figures_of(step: &Step) -> Vec<String> {
    let mut figures = Vec::new();
    if let Some(duration) = step.duration {
        figures.push(words::duration(duration));
    }
    if let Some(first) = step.first_token {
        figures.push(format!("first token {}", words::duration(first)));
    }
    figures.extend(tokens(&step.usage));
    if step.kind == StepKind::Model {
        figures.extend(step.finish_reasons.iter().map(|reason| (*reason).clone()));
    }
    let attempts = step.attempt_count.unwrap_or(step.attempts.len() as u64);
    if attempts > 1 {
        let failed = step.attempts.iter().filter_map(|attempt| {
            let status = attempt.status.map(|status| status.to_string());
            status
                .filter(|status| !status.starts_with('2'))
                .or_else(|| attempt.error.clone())
        });
        let failed: Vec<String> = failed.collect();
        figures.push(if failed.is_empty() {
            times(attempts, "attempt")
        } else {
            format!("{} ({})", times(attempts, "attempt"), failed.join(", "))
        });
    }
    figures
}

/// Returns the model that was asked, and the one that answered if that is another.
pub(super) fn models(step: &Step) -> String {
    match (&step.model, &step.response_model) {
        (Some(asked), Some(answered)) if asked != answered => format!("{asked} → {answered}"),
        (asked, answered) => asked
            .as_ref()
            .or(answered.as_ref())
            .cloned()
            .unwrap_or_default(),
    }
}

/// Returns what the model asked for, as one would write the call.
pub(super) fn request(tool: &ToolRequest) -> String {
    /// So that long arguments leave room for the names after them.
    const LONGEST: usize = 60;

    let Some(arguments) = &tool.arguments else {
        return tool.name.clone();
    };
    match arguments.char_indices().nth(LONGEST) {
        Some((end, _)) => format!(
            "{}({}…)",
            tool.name,
            arguments.get(..end).unwrap_or_default()
        ),
        None => format!("{}({arguments})", tool.name),
    }
}

/// Returns what is missing of a stream.
pub(super) fn lacks_of(step: &Step) -> Vec<String> {
    let mut lacks = Vec::new();
    // Whoever failed or was interrupted has no end anyway.
    if step.incomplete && step.status == Status::Ok {
        lacks.push("incomplete".to_owned());
    }
    if let Some(lost) = step.lost_chunks {
        lacks.push(format!("{} lost", times(lost, "chunk")));
    }
    lacks
}

/// Returns what a run amounts to; nothing where there is nothing to add up.
pub(super) fn summary(totals: &Totals) -> String {
    let mut parts = Vec::new();
    for (number, what, time) in [
        (totals.model_calls, "model call", totals.model_time),
        (totals.tool_calls, "tool call", totals.tool_time),
    ] {
        match number {
            0 => {}
            _ if time.is_zero() => parts.push(times(number, what)),
            _ => parts.push(format!("{} {}", times(number, what), words::duration(time))),
        }
    }
    parts.extend(tokens(&totals.usage));
    if totals.errors > 0 {
        parts.push(times(totals.errors, "error"));
    }
    parts.join(" · ")
}

/// Returns what was consumed: tokens, and what they cost.
fn tokens(usage: &Usage) -> Option<String> {
    let with = |number: Option<u64>, parts: &[(Option<u64>, &str)]| {
        let parts: Vec<String> = parts
            .iter()
            .filter_map(|(number, what)| number.filter(|n| *n > 0).map(|n| (n, what)))
            .map(|(number, what)| format!("{} {what}", count(number)))
            .collect();
        let number = number.map(count)?;
        Some(if parts.is_empty() {
            number
        } else {
            format!("{number} ({})", parts.join(", "))
        })
    };
    let read = with(
        usage.input_tokens,
        &[
            (usage.cached_tokens, "cached"),
            (usage.cache_write_tokens, "to cache"),
        ],
    );
    let written = with(
        usage.output_tokens,
        &[(usage.reasoning_tokens, "reasoning")],
    );
    let tokens = match (read, written) {
        (Some(read), Some(written)) => Some(format!("{read} → {written} tokens")),
        (Some(read), None) => Some(format!("{read} tokens in")),
        (None, Some(written)) => Some(format!("{written} tokens out")),
        (None, None) => usage.total_tokens.map(|total| times(total, "token")),
    };
    let cost = usage.cost_usd.map(|cost| format!("${cost:.6}"));
    let cost = cost.map(|cost| cost.trim_end_matches('0').trim_end_matches('.').to_owned());
    match (tokens, cost) {
        (Some(tokens), Some(cost)) => Some(format!("{tokens} · {cost}")),
        (tokens, cost) => tokens.or(cost),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_groups() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(count),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn a_part_of_zero_is_not_worth_a_word() {
        let usage = Usage {
            input_tokens: Some(1_204),
            cached_tokens: Some(0),
            output_tokens: Some(96),
            reasoning_tokens: Some(32),
            cost_usd: Some(0.001_2),
            ..Usage::default()
        };
        assert_eq!(
            tokens(&usage).as_deref(),
            Some("1,204 → 96 (32 reasoning) tokens · $0.0012")
        );
        assert_eq!(tokens(&Usage::default()), None);
    }
}
