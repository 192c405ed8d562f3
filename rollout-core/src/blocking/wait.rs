//! Polling a future on the thread that waits for it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{try_id, unconstrained};

/// Wakes a thread that waits.
struct Alarm {
    thread: Thread,
    /// Parking alone is not enough: what is polled may itself park this thread, and so take the
    /// wake-up that was meant for us.
    rang: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rang.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// The runtime whose worker this thread is, if it is one's.
struct Around(Option<Handle>);

impl Around {
    fn find() -> Self {
        let runtime = Handle::try_current().ok().filter(|runtime| {
            try_id().is_some() && runtime.runtime_flavor() == RuntimeFlavor::MultiThread
        });
        Self(runtime)
    }

    /// Lets the runtime's other workers have what this one was given to do meanwhile.
    ///
    /// A task that a worker wakes, such as one that drives a connection, is kept for that worker alone
    /// until it wakes another one. We may be waiting for the first; so here is another.
    /// `block_in_place` would do it, too, but panics in a `LocalSet`.
    fn let_others_work(&self) {
        if let Some(runtime) = &self.0 {
            drop(runtime.spawn(async {}));
        }
    }
}

/// How long to wait, inside of a runtime, before the future is polled again without having been woken:
/// what yields there, such as `yield_now`, is woken by that runtime once the thread is given back.
const SOON: Duration = Duration::from_millis(5);

/// Waits until the future is done; sockets, timers and tasks are those of the runtime.
///
/// `Handle::block_on` would do the same, but panics inside of another runtime.
pub(super) fn wait<F: Future>(runtime: &Handle, future: F) -> F::Output {
    let alarm = Arc::new(Alarm {
        thread: thread::current(),
        rang: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&alarm));
    let mut context = Context::from_waker(&waker);
    let around = Around::find();
    let is_inside = Handle::try_current().is_ok();
    // Also when the future is dropped, which may spawn.
    let _entered = runtime.enter();
    // Inside of a task of another runtime that task's budget counts. Once it is used up everything
    // would be pending for ever, as it is given back only when that task returns.
    let mut future = pin!(unconstrained(future));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        around.let_others_work();
        while !alarm.rang.swap(false, Ordering::Acquire) {
            if is_inside {
                thread::park_timeout(SOON);
                break;
            }
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::Poll;
    use std::time::{Duration, Instant};

    use crate::blocking::Background;
    use crate::{Context, Rollout};

    const MOMENT: Duration = Duration::from_millis(20);

    async fn moment() {
        tokio::time::sleep(MOMENT).await;
    }

    fn background() -> Background {
        Background::start().unwrap()
    }

    #[test]
    fn timers_and_tasks_run_for_a_plain_thread() {
        let text = String::from("borrowed");
        let length = background().wait(async {
            moment().await;
            tokio::spawn(moment()).await.unwrap();
            text.len()
        });
        assert_eq!(length, text.len());
    }

    #[test]
    fn threads_do_not_wait_for_each_other() {
        let started = Instant::now();
        let threads: Vec<_> = (0..16)
            .map(|_| {
                std::thread::spawn(|| {
                    background().wait(async { tokio::time::sleep(10 * MOMENT).await });
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(started.elapsed() < 16 * 10 * MOMENT);
    }

    fn in_a_runtime_of_one_thread<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(tokio::task::LocalSet::new().run_until(future))
    }

    #[test]
    fn inside_of_a_runtime_its_thread_is_blocked_and_no_more() {
        in_a_runtime_of_one_thread(async {
            background().wait(moment());
            let inside = tokio::task::spawn_local(async { background().wait(moment()) });
            inside.await.unwrap();
            moment().await;
        });
    }

    #[test]
    fn what_yields_inside_of_a_runtime_goes_on() {
        in_a_runtime_of_one_thread(async {
            background().wait(tokio::task::yield_now());
        });
    }

    #[test]
    fn the_budget_of_the_task_around_is_not_used_up() {
        // Far more than the operations that a task has before tokio makes it yield.
        const MANY: u32 = 10_000;
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        (0..MANY).for_each(|n| sender.send(n).unwrap());
        let count = in_a_runtime_of_one_thread(async move {
            let task = tokio::task::spawn_local(async move {
                let next = || background().wait(receiver.recv());
                std::iter::repeat_with(next).take(MANY as usize).count()
            });
            task.await.unwrap()
        });
        assert_eq!(count, MANY as usize);
    }

    #[test]
    fn waiting_inside_of_waiting_takes_no_wake_up_away() {
        let mut polls = 0;
        background().wait(std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                cx.waker().wake_by_ref();
                background().wait(moment());
                return Poll::Pending;
            }
            Poll::Ready(())
        }));
        assert_eq!(polls, 2);
    }

    #[test]
    fn a_task_on_the_background_thread_may_wait_too() {
        let background = background();
        let inner = background.clone();
        let (sender, receiver) = mpsc::channel();
        background.wait(async move {
            tokio::spawn(async move {
                inner.wait(moment());
                sender.send(())
            });
        });
        receiver.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    #[test]
    fn what_is_active_stays_active() {
        let rollout = Rollout::builder()
            .exporter(crate::MemoryExporter::new())
            .build()
            .unwrap();
        let trace = rollout.trace("run").start();
        let (inside, here) = trace.in_scope(|| {
            let inside = background().wait(async {
                moment().await;
                Context::current().trace_id()
            });
            (inside, Context::current().trace_id())
        });
        assert!(inside.is_some());
        assert_eq!(inside, here);
    }

    #[test]
    fn a_panic_is_the_waiting_threads() {
        let thread = std::thread::spawn(|| {
            background().wait(async {
                moment().await;
                panic!("in the future");
            })
        });
        let payload = thread.join().unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"in the future"));
        background().wait(moment());
    }
}
