//! `#[agent]` on a function that does next to nothing.

use std::hint::black_box;
use std::time::Duration;

use rollout::Context;
use tokio::runtime::Runtime;

use super::{peer, recorder};
use crate::harness::{Side, Table};

#[inline(never)]
fn plain(question: u64) -> u64 {
    black_box(question + 1)
}

#[rollout::agent(capture_input = false, capture_output = false)]
#[inline(never)]
fn bare(question: u64) -> u64 {
    black_box(question + 1)
}

#[rollout::agent]
#[inline(never)]
fn captured(question: u64) -> u64 {
    black_box(question + 1)
}

#[inline(never)]
#[expect(
    clippy::unused_async,
    reason = "what is measured is what a future costs"
)]
async fn plain_async(question: u64) -> u64 {
    black_box(question + 1)
}

#[rollout::agent(capture_input = false, capture_output = false)]
#[inline(never)]
async fn bare_async(question: u64) -> u64 {
    black_box(question + 1)
}

#[tracing::instrument(skip_all)]
#[inline(never)]
fn traced(question: u64) -> u64 {
    black_box(question + 1)
}

fn times(work: impl Fn(u64) -> u64) -> impl FnMut(usize) {
    move |times| {
        for n in 0..times as u64 {
            black_box(work(black_box(n)));
        }
    }
}

pub(crate) fn run(table: &mut Table, runtime: &Runtime) {
    table.compare(
        "agent, never initialised",
        10_000,
        1,
        Side::new(times(plain)),
        Side::new(times(bare)),
    );

    let disabled = rollout::Rollout::builder().disabled(true).build().unwrap();
    let active = disabled.context().attach();
    table.compare(
        "agent, disabled",
        10_000,
        1,
        Side::new(times(plain)),
        Side::new(times(bare)),
    );
    drop(active);

    let rollout = recorder(0.0);
    let active = rollout.context().attach();
    table.compare(
        "agent, sampled out",
        10_000,
        1,
        Side::new(times(plain)),
        Side::new(times(bare)),
    );
    drop(active);

    let rollout = recorder(1.0);
    let context = rollout.context();
    let settle = || rollout.flush(Duration::from_secs(60)).unwrap();
    let active: Context = context.clone();
    let guard = active.attach();
    let subject = |work| Side::new(work).settled_by(settle);
    table.compare(
        "agent, nothing captured",
        200,
        1,
        Side::new(times(plain)),
        subject(times(bare)),
    );
    table.compare(
        "agent, arguments and result",
        200,
        1,
        Side::new(times(plain)),
        Side::new(times(captured)).settled_by(settle),
    );
    let asynchronous = |times: usize| {
        runtime.block_on(async {
            for n in 0..times as u64 {
                black_box(bare_async(black_box(n)).await);
            }
        });
    };
    let plain_asynchronous = |times: usize| {
        runtime.block_on(async {
            for n in 0..times as u64 {
                black_box(plain_async(black_box(n)).await);
            }
        });
    };
    table.compare(
        "async agent, nothing captured",
        200,
        1,
        Side::new(plain_asynchronous),
        Side::new(asynchronous).settled_by(settle),
    );
    drop(guard);

    let peer = peer::Peer::new();
    table.compare("  the same by tracing", 200, 1, Side::new(times(plain)), {
        Side::new(times(traced)).settled_by(|| peer.flush())
    });
}
