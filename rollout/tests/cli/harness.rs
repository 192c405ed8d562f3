//! A folder with recorded runs, and the program in it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use rollout::{Rollout, Timestamp, usage_from_openai};
use rollout_tests::Folder;
use serde_json::{Value, json};

/// A working directory, and the program in it.
pub(crate) struct Desk {
    folder: Folder,
    variables: Vec<(String, String)>,
}

/// What the program said, and its exit code.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    /// Returns one where nothing is recorded.
    pub(crate) fn empty() -> Self {
        Self {
            folder: Folder::new(),
            variables: Vec::new(),
        }
    }

    /// Returns one with three runs, the same each time.
    pub(crate) fn with_runs() -> Self {
        let desk = Self::empty();
        desk.record(0, 0x4bf9_2f35, support);
        desk.record(1, 0x7d21_c0aa, report);
        desk.record(2, 0xe310_58b4, refund);
        desk
    }

    fn record(&self, minute: u64, seed: u32, program: fn(&Rollout)) {
        let rollout = self.recorder_at(minute, seed);
        program(&rollout);
        rollout.shutdown();
    }

    /// Returns what records into its folder, as a program would do.
    pub(crate) fn recorder(&self, seed: u32) -> Rollout {
        self.recorder_at(60, seed)
    }

    fn recorder_at(&self, minute: u64, seed: u32) -> Rollout {
        let start = UNIX_EPOCH + Duration::from_secs(1_767_600_000 + minute * 60);
        rollout::builder()
            .without_environment()
            .stepping_clock(Timestamp::from(start))
            .seeded_ids(seed)
            .local_dir(self.runs())
            .build()
            .unwrap()
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Returns the folder of the runs.
    pub(crate) fn runs(&self) -> PathBuf {
        self.folder.path().join(".rollout")
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Returns the program with these arguments, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollout"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.folder.path())
            .envs(self.variables.iter().cloned());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Returns what the program says where nothing goes wrong.
    pub(crate) fn out(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!((said.code, &*said.err), (0, ""), "{arguments:?}: {said:?}");
        said.out
    }

    /// Returns the JSON of each line that the program says.
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let out = self.out(arguments);
        let lines = out.lines().map(serde_json::from_str);
        lines
            .map(|line| line.unwrap_or_else(|error| panic!("{error}: {out}")))
            .collect()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A model, two calls of a tool of which one fails, and a model again.
fn support(rollout: &Rollout) {
    let question = "Where are my orders 1042 and 1099?";
    let mut run = rollout
        .trace("support")
        .user_id("u_7")
        .session_id("s_1")
        .input(&json!({"question": question}))
        .start();
    let model = |usage: Value, answer: &str| {
        let call = run
            .llm("openai.chat.completions")
            .provider("openai")
            .model("gpt-4.1-mini");
        let asked =
            json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": question}]});
        let mut call = call.input(&asked).start();
        call.set_usage(usage_from_openai(&usage));
        call.record_output(answer);
    };
    model(
        json!({"prompt_tokens": 1430, "completion_tokens": 160, "total_tokens": 1590}),
        "I look them up.",
    );
    for number in ["1042", "1099"] {
        let mut call = run
            .tool("lookup_order")
            .input(&json!({"number": number}))
            .start();
        match number {
            "1042" => call.record_output("in transit"),
            _ => call.record_error(&std::io::Error::other("there is no order 1099")),
        }
    }
    let cached = json!({"cached_tokens": 1024});
    model(
        json!({"prompt_tokens": 1800, "completion_tokens": 370, "total_tokens": 2170, "prompt_tokens_details": cached}),
        "Order 1042 is in transit.",
    );
    run.record_output("Order 1042 is in transit. I could not find order 1099.");
}

/// A model of one's own machine, and one that nobody knows the price of.
fn report(rollout: &Rollout) {
    let mut run = rollout
        .trace("nightly report")
        .attribute("region", "eu")
        .start();
    for (provider, model) in [("llama.cpp", "qwen3-4b"), ("acme", "acme-1")] {
        let mut call = run.llm("generate").provider(provider).model(model).start();
        call.set_usage(usage_from_openai(&json!({
            "prompt_tokens": 120, "completion_tokens": 18, "total_tokens": 138,
        })));
        call.record_output("Two orders are late.");
    }
    run.record_output("Two orders are late.");
}

/// A run that fails.
fn refund(rollout: &Rollout) {
    let mut run = rollout
        .trace("refund")
        .input(&json!({"order": 1099}))
        .start();
    let mut call = run
        .llm("anthropic.messages")
        .provider("anthropic")
        .model("claude-sonnet-4-5")
        .start();
    call.record_error(&std::io::Error::other("overloaded"));
    call.end();
    run.record_error(&std::io::Error::other("the model did not answer"));
}
