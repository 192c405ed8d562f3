//! Libraries that tell `tracing` of their calls, as rig and genai do: a layer in the program's subscriber
//! records the spans that follow the GenAI conventions of OpenTelemetry.
//!
//! `cargo run --example tracing_layer`

use std::error::Error;

use tracing_subscriber::layer::SubscriberExt as _;

const FOLDER: &str = ".rollout";

/// Stands for such a library: it knows nothing of rollout.
mod library {
    use serde_json::json;
    use tracing::field::Empty;
    use tracing::info_span;

    pub fn complete(question: &str) -> String {
        let span = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "mistral_ai",
            gen_ai.request.model = "mistral-small",
            gen_ai.input.messages = %json!([
                {"role": "user", "parts": [{"type": "text", "content": question}]},
            ]),
            gen_ai.output.messages = Empty,
            gen_ai.response.finish_reasons = r#"["stop"]"#,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
        );
        let answer = span.in_scope(|| format!("It is {}.", look_up("1042")));
        span.record("gen_ai.usage.input_tokens", 21);
        span.record("gen_ai.usage.output_tokens", 6);
        let parts = json!([{"type": "text", "content": answer}]);
        let message = json!([{"role": "assistant", "parts": parts}]);
        span.record("gen_ai.output.messages", message.to_string());
        answer
    }

    fn look_up(number: &str) -> String {
        let span = info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "lookup_order",
            gen_ai.tool.call.arguments = %json!({ "number": number }),
            gen_ai.tool.call.result = "in transit",
        );
        span.in_scope(|| String::from("in transit"))
    }
}

/// What the library does is part of the run that is active where it is called.
#[rollout::agent]
fn support(question: &str) -> String {
    library::complete(question)
}

fn main() -> Result<(), Box<dyn Error>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    let subscriber = tracing_subscriber::registry().with(rollout::tracing::layer());
    tracing::subscriber::set_global_default(subscriber)?;

    println!("{}\n", support("Where is order 1042?"));
    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
