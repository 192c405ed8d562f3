//! What is alike in all runs of the same program.

use super::super::model::{Run, Step};

/// Returns the run without what differs each time: moments, durations, and ids that were drawn.
pub(super) fn copy(run: &Run) -> Run {
    let mut run = run.clone();
    run.trace_id.clear();
    run.started = None;
    run.duration = None;
    run.steps.iter_mut().for_each(strip);
    run
}

fn strip(step: &mut Step) {
    step.started = None;
    step.offset = None;
    step.duration = None;
    step.first_token = None;
    step.steps.iter_mut().for_each(strip);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Timestamp;
    use crate::show::{StepKind, Usage};

    fn run(millis: u64, id: &str) -> Run {
        let duration = Some(Duration::from_millis(millis));
        Run {
            trace_id: id.to_owned(),
            name: "support".to_owned(),
            started: Some(Timestamp::from_unix_nanos(millis)),
            duration,
            steps: vec![Step {
                kind: StepKind::Model,
                name: "chat".to_owned(),
                duration,
                first_token: duration,
                usage: Usage {
                    output_tokens: Some(7),
                    ..Usage::default()
                },
                ..Step::default()
            }],
            ..Run::default()
        }
    }

    #[test]
    fn trees_of_two_runs_are_alike_without_times() {
        let [first, second] = [run(20, "trace_1"), run(35, "trace_2")];
        assert_ne!(first.tree().to_string(), second.tree().to_string());
        let tree = first.tree().timed(false).to_string();
        assert_eq!(tree, second.tree().timed(false).to_string());
        let expected = "… support · not finished
└─ … llm chat · 7 tokens out · not finished
1 model call · 7 tokens out";
        assert_eq!(tree, expected);
    }

    #[test]
    fn an_id_of_the_programs_own_is_told() {
        let run = Run {
            external_trace_id: Some("ticket-7".to_owned()),
            ..run(1, "trace_1")
        };
        assert!(run.tree().timed(false).to_string().contains("ticket-7"));
    }
}
