//! Runs the example as a reader of the README does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use rollout::show::{self, Status, StepKind};

/// Returns the example's program, which cargo has built beside this test.
fn program(name: &str) -> PathBuf {
    let mut path = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION)
}

/// Runs an example in an empty folder, without accounts, and returns what it prints.
fn run(name: &str, dir: &Path) -> String {
    fs::create_dir_all(dir).unwrap();
    let mut command = Command::new(program(name));
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        if ["OPENAI_", "ANTHROPIC_", "OPENROUTER_", "ROLLOUT_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(&variable);
        }
    }
    let output = command.current_dir(dir).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    assert_eq!(
        errors, "",
        "a run that goes well says nothing on standard error"
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_support_agent_is_traced_from_end_to_end() {
    let dir = env::temp_dir().join(format!("rollout-example-{}", std::process::id()));
    let printed = run("support_agent", &dir);

    let runs = show::load(dir.join(".rollout")).unwrap();
    assert_eq!(runs.len(), 1);
    let support = &runs[0];
    assert!(
        printed.contains(&support.tree().width(110).to_string()),
        "{printed}"
    );
    assert_eq!(
        (support.name.as_str(), &support.status),
        ("support", &Status::Ok)
    );
    let kinds: Vec<_> = support
        .steps
        .iter()
        .map(|step| (step.kind, step.name.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (StepKind::Model, "openai.chat.completions"),
            (StepKind::Tool, "lookup_order"),
            (StepKind::Tool, "lookup_order"),
            (StepKind::Model, "openai.chat.completions"),
            (StepKind::Span, "note_down"),
        ]
    );
    let [asked, found, missing, answered, noted] = support.steps.as_slice() else {
        unreachable!()
    };
    assert_eq!(asked.model.as_deref(), Some("gpt-4.1-mini"));
    let wanted = asked
        .tool_calls
        .iter()
        .map(|call| (call.name.as_str(), call.arguments.as_deref()));
    assert_eq!(
        wanted.collect::<Vec<_>>(),
        [
            ("lookup_order", Some(r#"number: "1042""#)),
            ("lookup_order", Some(r#"number: "1099""#)),
        ]
    );
    assert!(asked.usage.input_tokens > Some(0) && asked.usage.output_tokens > Some(0));
    assert_eq!(found.status, Status::Ok);
    assert!(
        found
            .tool_call_id
            .as_ref()
            .unwrap()
            .starts_with("call_1042")
    );
    assert_eq!(
        missing.error.as_ref().unwrap().message,
        "there is no order 1099"
    );
    assert_eq!(answered.finish_reasons, ["stop"]);
    let [streamed] = noted.steps.as_slice() else {
        panic!("{noted:?}")
    };
    assert_eq!(streamed.name, "openai.responses");
    assert!(streamed.first_token > None && streamed.first_token < streamed.duration);
    assert!(
        streamed
            .output
            .as_ref()
            .unwrap()
            .text
            .starts_with("The customer asked")
    );

    for file in fs::read_dir(dir.join(".rollout")).unwrap() {
        let file = file.unwrap().path();
        if file
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            let text = fs::read_to_string(&file).unwrap();
            assert!(
                !text.contains("none is needed here"),
                "the key is in the record"
            );
        }
    }
    fs::remove_dir_all(&dir).unwrap();
}
