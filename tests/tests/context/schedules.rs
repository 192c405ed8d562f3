//! Two traces never borrow each other's spans: agents that run side by side, in random turns on random
//! threads, are recorded as they are when each runs alone.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context as Waking, Waker};
use std::thread;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use proptest::collection::vec;
use proptest::prelude::*;
use rollout::testing::{Recording, record};
use tokio::task::yield_now;

/// Something that an agent does.
#[derive(Clone, Debug)]
enum Step {
    /// Lets others have their turn.
    Wait,
    Tool,
    Message,
    Span(Vec<Step>),
    /// Has another agent do it.
    Delegate(Vec<Step>),
    /// Does it in two branches that take turns.
    Fork(Vec<Step>, Vec<Step>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let single =
        prop_oneof![4 => Just(Step::Wait), 1 => Just(Step::Tool), 1 => Just(Step::Message)];
    let one = single.prop_recursive(3, 16, 4, |inner| {
        let inner = || vec(inner.clone(), 0..4);
        prop_oneof![
            inner().prop_map(Step::Span),
            inner().prop_map(Step::Delegate),
            (inner(), inner()).prop_map(|(left, right)| Step::Fork(left, right)),
        ]
    });
    vec(one, 0..6)
}

fn run<'a>(agent: &'a str, steps: &'a [Step]) -> BoxFuture<'a, ()> {
    async move {
        for step in steps {
            match step {
                Step::Wait => yield_now().await,
                Step::Tool => tool(agent).await,
                Step::Message => rollout::message("assistant", agent).record(),
                Step::Span(inner) => {
                    let span = rollout::span("task").name(agent.to_owned()).start();
                    span.instrument(run(agent, inner)).await;
                }
                Step::Delegate(inner) => work(agent, inner).await,
                Step::Fork(left, right) => {
                    futures::join!(run(agent, left), run(agent, right));
                }
            }
        }
    }
    .boxed()
}

#[rollout::tool]
async fn tool(agent: &str) {
    yield_now().await;
}

#[rollout::agent(skip(steps))]
async fn work(agent: &str, steps: &[Step]) {
    run(agent, steps).await;
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

fn agent(recording: &Recording, nth: usize, steps: &[Step]) -> Task {
    let (name, steps) = (format!("agent {nth}"), steps.to_vec());
    Box::pin(recording.instrument(async move { work(&name, &steps).await }))
}

fn poll(task: &mut Task) -> bool {
    let mut waking = Waking::from_waker(Waker::noop());
    task.as_mut().poll(&mut waking).is_ready()
}

/// Returns what is recorded of an agent that runs alone, and is dropped after so many turns.
fn alone(nth: usize, steps: &[Step], turns: usize) -> String {
    let recording = record();
    let mut task = agent(&recording, nth, steps);
    let _ = (0..turns).any(|_| poll(&mut task));
    drop(task);
    recording.to_string()
}

/// A thread on which a trace of its own is active all the time.
struct Worker {
    tasks: mpsc::Sender<Task>,
    polled: mpsc::Receiver<Option<Task>>,
}

impl Worker {
    fn start(host: rollout::Trace) -> (Self, thread::JoinHandle<()>) {
        let (tasks, inbox) = mpsc::channel::<Task>();
        let (outbox, polled) = mpsc::channel();
        let thread = thread::spawn(move || {
            let _active = host.enter();
            for mut task in inbox {
                let id = rollout::current_trace().id();
                let is_done = poll(&mut task);
                assert_eq!(rollout::current_trace().id(), id);
                outbox.send((!is_done).then_some(task)).unwrap();
            }
        });
        (Self { tasks, polled }, thread)
    }

    fn poll(&self, task: Task) -> Option<Task> {
        self.tasks.send(task).unwrap();
        self.polled.recv().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn agents_in_any_schedule_are_recorded_as_if_alone(
        agents in vec(steps(), 2..5),
        schedule in vec((any::<prop::sample::Index>(), 0..3_usize), 0..60),
    ) {
        let (recording, hosts) = (record(), record());
        let (workers, threads): (Vec<_>, Vec<_>) = (0..3)
            .map(|_| Worker::start(hosts.client().trace("host").start()))
            .unzip();
        let tasks = agents.iter().enumerate();
        let mut tasks: Vec<Option<Task>> =
            tasks.map(|(nth, steps)| Some(agent(&recording, nth, steps))).collect();
        let mut turns = vec![0; agents.len()];
        for (task, worker) in schedule {
            let task = task.index(tasks.len());
            if let Some(taken) = tasks[task].take() {
                turns[task] += 1;
                tasks[task] = workers[worker].poll(taken);
            }
        }
        // Those that are not done are cancelled, inside of whatever is active here.
        let elsewhere = hosts.client().trace("host").start();
        elsewhere.in_scope(|| drop(tasks));
        drop(elsewhere);
        drop(workers);
        threads.into_iter().for_each(|thread| thread.join().unwrap());

        let mut recorded: Vec<_> = recording.runs().iter().map(ToString::to_string).collect();
        let begun = agents.iter().zip(&turns).enumerate();
        let mut expected: Vec<_> = begun
            .filter(|(_, (_, turns))| **turns > 0)
            .map(|(nth, (steps, turns))| alone(nth, steps, *turns))
            .collect();
        recorded.sort();
        expected.sort();
        prop_assert_eq!(recorded, expected);
        for host in hosts.runs() {
            prop_assert!(host.steps.is_empty(), "{}", host);
        }
    }
}
