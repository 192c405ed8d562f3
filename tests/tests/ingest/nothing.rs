//! Where nothing is to be sent, nothing is.

use rollout_tests::provider::openai as provider;
use rollout_tests::{IngestServer, Reply, ScriptedProvider};

use super::{Program, chat_request, openai};

#[rollout::agent]
async fn ask(client: &rollout::openai::Client<async_openai::config::OpenAIConfig>) -> usize {
    let answer = client.chat().create(chat_request()).await.unwrap();
    rollout::feedback("stars", 5).record();
    rollout::span("step").start().end();
    answer.choices.len()
}

fn sends_nothing(program: Program) {
    let server = ScriptedProvider::start(vec![
        Reply::json(provider::chat(&provider::answer("Hi.")));
        2
    ]);
    let client = rollout::wrap(openai(&server));
    let answers = program.block_on(async {
        let inside = ask(&client).await;
        inside
            + client
                .chat()
                .create(chat_request())
                .await
                .unwrap()
                .choices
                .len()
    });
    assert_eq!(
        (answers, server.unused()),
        (2, 0),
        "the program runs as ever"
    );
    program.rollout.shutdown();
    assert_eq!(program.ingest.requests().len(), 0);
    assert_eq!(program.rollout.stats().exported, 0);
}

#[test]
fn sampled_out() {
    sends_nothing(Program::with(IngestServer::start(), |builder| {
        builder.sample_rate(0.0)
    }));
}

#[test]
fn disabled() {
    sends_nothing(Program::with(IngestServer::start(), |builder| {
        builder.disabled(true)
    }));
}

#[test]
fn held_back_by_a_hook() {
    sends_nothing(Program::with(IngestServer::start(), |builder| {
        builder.before_send(|_| None)
    }));
}

#[test]
fn half_of_the_traces_are_whole() {
    let program = Program::with(IngestServer::start(), |builder| builder.sample_rate(0.5));
    program.run(|| {
        for _ in 0..200 {
            rollout::trace("t")
                .start()
                .in_scope(|| rollout::span("step").start().end());
        }
    });
    let events = program.finish();
    assert_eq!(events.len() % 4, 0);
    assert!((200..600).contains(&events.len()), "{}", events.len());
}
