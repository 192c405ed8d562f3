//! Tools: by an attribute, and kept by name in a registry, as agents have them that let a model choose.
//!
//! `cargo run --example tools`
//!
//! Nobody is asked: what a model would want is written down here, with the ids that link each call to
//! the model's request for it.

use std::collections::HashMap;
use std::error::Error;

use serde_json::{Value, json};

const FOLDER: &str = ".rollout";

/// Each call is a span of its own, with its arguments and what it returned.
#[rollout::tool]
fn celsius(fahrenheit: f64) -> f64 {
    (fahrenheit - 32.0) / 1.8
}

/// What is inside of a tool is below it. An argument may be left out.
#[rollout::tool("get_weather", skip(api_key), attributes(source = "almanac"))]
fn weather(city: &str, api_key: &str) -> Result<String, String> {
    match (city, api_key) {
        ("Paris", "secret") => Ok(format!("sunny, {:.0} °C", celsius(70.0))),
        _ => Err(format!("nothing is known of {city}")),
    }
}

type Tool = Box<dyn Fn(Value) -> Result<Value, String> + Send + Sync>;

/// The tools by the names that the model knows. Wrapped, they are of the same type and called as before.
fn registry() -> HashMap<&'static str, Tool> {
    let mut tools: HashMap<&str, Tool> = HashMap::new();
    tools.insert(
        "double",
        Box::new(|arguments| {
            let number = arguments["n"].as_i64().ok_or("`n` is missing")?;
            Ok(json!(2 * number))
        }),
    );
    tools.insert(
        "shout",
        Box::new(|arguments| {
            let text = arguments["text"].as_str().ok_or("`text` is missing")?;
            Ok(json!(text.to_uppercase()))
        }),
    );
    rollout::wrap_tools!(tools)
}

#[rollout::agent]
fn assistant(question: &str) -> Vec<String> {
    let tools = registry();
    let wanted = [
        ("call_1", "double", json!({"n": 21})),
        ("call_2", "double", json!({"m": 21})),
        ("call_3", "shout", json!({"text": question})),
    ];
    let results = wanted.into_iter().map(|(id, name, arguments)| {
        // Whichever tool is called in there carries the model's id.
        let result = rollout::tool_call(id).in_scope(|| tools[name](arguments));
        result.map_or_else(|error| error, |value| value.to_string())
    });
    let mut results: Vec<String> = results.collect();
    results.extend(weather("Paris", "secret"));
    results
}

fn main() -> Result<(), Box<dyn Error>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    assistant("how warm is it?");
    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
