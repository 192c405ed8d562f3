//! Threads and runtimes that it is called from.

use std::time::Duration;

use rollout_tests::{Recorder, ScriptedProvider};
use tokio::runtime::Builder;

use super::harness::{Way, answer, chat_request, client, runtime};

#[test]
fn the_trace_and_the_user_of_each_thread_are_kept() {
    const THREADS: usize = 6;
    let slow = Duration::from_millis(200);
    let provider = ScriptedProvider::start(vec![answer(Way::Chat).after(slow); THREADS]);
    let recorder = Recorder::new();
    let client = recorder
        .wrap(client(&provider.base_url()))
        .blocking()
        .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (client, recorder) = (&client, &recorder);
            scope.spawn(move || {
                let user = format!("user{thread}");
                let trace = recorder.rollout().trace("run").user_id(&user).start();
                trace.in_scope(|| client.chat().create(chat_request()).unwrap());
            });
        }
        // All of them are under way before the first is answered.
        provider.wait_for_requests(THREADS, Duration::from_secs(20));
    });
    let mut users: Vec<_> = recorder
        .calls()
        .into_iter()
        .map(|call| call.end.context.user_id.unwrap())
        .collect();
    users.sort();
    assert_eq!(
        users,
        ["user0", "user1", "user2", "user3", "user4", "user5"]
    );
}

#[test]
fn inside_of_runtimes() {
    const CALLS: usize = 4;
    let provider = ScriptedProvider::start(vec![answer(Way::Chat); 2 * CALLS + 2]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    let blocking = wrapped.blocking().unwrap();

    // Of one thread.
    runtime().block_on(async {
        blocking.chat().create(chat_request()).unwrap();
        let task = tokio::spawn(async move { blocking.chat().create(chat_request()) });
        task.await.unwrap().unwrap();
    });

    // Of several, one of which drives a connection of this very client.
    let mut builder = Builder::new_multi_thread();
    let several = builder.worker_threads(2).enable_all().build().unwrap();
    for _ in 0..CALLS {
        let wrapped = wrapped.clone();
        let task = several.spawn(async move {
            wrapped.chat().create(chat_request()).await.unwrap();
            let blocking = wrapped.blocking().unwrap();
            blocking.chat().create(chat_request()).unwrap();
        });
        several.block_on(task).unwrap();
    }
    assert_eq!(recorder.calls().len(), 2 * CALLS + 2);
}

#[test]
fn a_call_that_would_wait_for_ever_is_an_error() {
    let provider = ScriptedProvider::start([answer(Way::Chat), answer(Way::Chat)]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    let blocking = wrapped.blocking().unwrap();
    runtime().block_on(async {
        wrapped.chat().create(chat_request()).await.unwrap();
        let error = blocking.chat().create(chat_request()).unwrap_err();
        assert!(error.to_string().contains("spawn_blocking"), "{error}");
    });
    // The runtime is gone, and its connections with it.
    blocking.chat().create(chat_request()).unwrap();
}
