//! What functions and the program itself tell.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollout::protocol::{Event, EventType};
use rollout::{Failure, WrapOptions, agent, tool};
use serde::Serialize;
use serde_json::json;

use super::canary::{bare, key};

#[derive(Debug, Serialize)]
struct Settings {
    user: &'static str,
    password: String,
}

/// Is no `Serialize`: recorded as its `Debug` text.
#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
struct Opaque {
    api_key: Option<String>,
    secret: String,
}

#[derive(Debug)]
struct Denied(Box<dyn Error + Send + Sync>);

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token={} denied", bare("message of an error"))
    }
}

impl Error for Denied {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

#[agent(user_id = key("id of a user"), attributes(auth_token = bare("attribute of an agent")))]
fn run(settings: &Settings, opaque: &Opaque, prompt: &str) -> Result<String, Denied> {
    let _ = (settings, opaque, prompt);
    login(&bare("argument of a tool"), "x");
    Err(Denied(
        format!("the source: {}", key("source of an error")).into(),
    ))
}

#[tool]
fn login(api_key: &str, note: &str) -> serde_json::Value {
    let _ = (api_key, note);
    json!({"id_token": bare("result of a tool"), "ok": true})
}

#[agent]
fn explode() {
    panic!("{}", panic_message());
}

pub(crate) fn panic_message() -> String {
    format!("with {}", key("message of a panic"))
}

/// Tells all, and returns what the values say of themselves.
pub(crate) fn tell_all() -> Vec<String> {
    let settings = Settings {
        user: "me",
        password: bare("argument of an agent"),
    };
    let opaque = Opaque {
        api_key: Some(bare("Debug of an argument")),
        secret: bare("Debug of a secret"),
    };
    let prompt = format!(
        "Basic {}",
        STANDARD.encode(format!("me:{}", bare("basic authentication")))
    );
    run(&settings, &opaque, &prompt).unwrap_err();
    catch_unwind(AssertUnwindSafe(explode)).unwrap_err();

    let error = Denied(key("source of a failure").into());
    let failure = Failure::new(&error);
    let options = WrapOptions::new().attribute("api_key", bare("option of a wrapper"));
    let mut shown = vec![format!("{failure:?} {options:?}")];

    rollout::user(key("user of a scope"))
        .with_trait("password", bare("trait of a user"))
        .with_account_trait("plan", key("trait of an account"))
        .in_scope(|| {
            let mut trace = rollout::trace(key("name of a trace by hand"))
                .attribute("authorization", bare("attribute of a trace"))
                .input(&json!({"cookies": {"a": bare("cookies")}}))
                .start();
            shown.push(format!("{trace:?}"));
            trace.in_scope(|| shown.extend(inside()));
            trace.record_error(&error);
            trace.record_output(&jwt());
            trace.end();
        });
    let identity = rollout::identify_user("u1").with_trait("api_key", bare("identity"));
    shown.push(format!("{identity:?}"));
    identity.record();
    shown
}

fn jwt() -> String {
    format!("eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl", bare("web token"))
}

fn inside() -> Vec<String> {
    let mut span = rollout::span("step")
        .attribute("token", key("attribute of a span"))
        .start();
    let shown = vec![format!("{span:?}")];
    span.record_input(&format!(
        "[(\"authorization\", \"{}\")]",
        bare("pair in a text")
    ));
    span.set_attribute(
        "http.request.header.cookie",
        json!([bare("header of a span")]),
    );
    for piece in [
        "The key is sk-",
        "proj-",
        &bare("pieces of an output"),
        ", Hello",
        ", world",
    ] {
        span.record_chunk(piece);
    }
    span.end();
    let mut call = rollout::llm("by hand")
        .provider("openai")
        .model("gpt-4o")
        .streaming(true)
        .start();
    let secret = bare("stream by hand");
    for piece in ["Bear", "er ", &secret[..7], &secret[7..], " ok"] {
        call.record_chunk(piece);
    }
    call.end();

    rollout::message(
        "user",
        &format!("{{\"refresh_token\":\"{}\"}}", bare("message")),
    )
    .record();
    rollout::feedback("rating", key("value of feedback"))
        .attribute("x-api-key", bare("attribute of feedback"))
        .record();
    rollout::signal("seen", format!("github_pat_{}", bare("signal"))).record();
    let mut event = Event::now(EventType::Retrieval);
    event.name = Some(key("name of an event"));
    event.raw.more.insert(
        "hits".into(),
        json!([{"text": format!("ghp_{}", bare("hit"))}]),
    );
    event.raw.data = Some(json!({"passphrase": bare("data of an event")}).into());
    event.error.message_preview = Some(key("error of an event"));
    event.outcome.failure_reason = Some(key("reason of an event"));
    rollout::capture_event(event);
    // In an image nobody finds it, so the image is not kept.
    let image = STANDARD.encode([bare("image").as_bytes(), &[7; 2_000]].concat());
    rollout::span("image")
        .input(&json!({"url": format!("data:image/png;base64,{image}")}))
        .start()
        .end();
    shown
}
