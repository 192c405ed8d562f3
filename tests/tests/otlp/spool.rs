//! Backends that are away, and programs that end meanwhile.

use std::time::Duration;

use rollout::Otlp;
use rollout_tests::NOBODY;

use super::Program;
use super::collector::Collector;

fn run(program: &Program, name: &'static str) {
    program.run(|| {
        let trace = rollout::trace(name).start();
        trace.in_scope(|| rollout::span("step").start().end());
    });
}

#[test]
fn what_one_process_could_not_send_the_next_one_does_once() {
    let collector = Collector::start();
    collector.is_away(true);
    let hurry = |builder: rollout::Builder| builder.shutdown_timeout(Duration::from_millis(200));
    let first = Program::with(Otlp::new(collector.url()), hurry);
    run(&first, "first");
    let (stats, spool) = first.end();
    assert_eq!((stats.spooled, stats.dropped.total()), (4, 0), "{stats:?}");
    assert!(collector.kept().spans().is_empty());

    collector.is_away(false);
    let second = Program::within(spool, Otlp::new(collector.url()), |builder| builder);
    run(&second, "second");
    let (stats, _) = second.end();
    assert_eq!((stats.exported, stats.dropped.total()), (4, 0), "{stats:?}");
    let (first, second) = (
        collector.kept().span("first"),
        collector.kept().span("second"),
    );
    assert_ne!(first.trace_id, second.trace_id);
    assert_eq!(collector.kept().spans().len(), 4);
}

#[test]
fn what_is_kept_for_one_backend_reaches_no_other() {
    let hurry = |builder: rollout::Builder| builder.shutdown_timeout(Duration::from_millis(50));
    let away = Otlp::new(format!("http://{NOBODY}")).header("x-key", "one tenant");
    let first = Program::with(away, hurry);
    run(&first, "first");
    let (stats, spool) = first.end();
    assert_eq!(stats.spooled, 4, "{stats:?}");
    let collector = Collector::start();
    let second = Program::within(spool, Otlp::new(collector.url()), |builder| builder);
    run(&second, "second");
    let (stats, _) = second.end();
    assert_eq!((stats.exported, stats.created), (4, 4));
    let names: Vec<_> = collector
        .kept()
        .spans()
        .into_iter()
        .map(|span| span.name)
        .collect();
    assert!(
        !names.iter().any(|name| name.contains("first")),
        "{names:?}"
    );
}
