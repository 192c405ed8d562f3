use serde_json::json;

use super::{Fold, Folded, Folder, Role};
use crate::clock::Timestamp;
use crate::protocol::{Event, EventType};

fn event(kind: EventType, span: Option<u64>, at: u64) -> Event {
    let mut event = Event::new(kind, Timestamp::from_unix_nanos(at));
    event.trace_id = Some(format!("{:032x}", 1));
    event.span_id = span.map(|span| format!("{span:016x}"));
    event
}

fn done<T>(fold: Fold<T>) -> Vec<(Folded, Vec<T>)> {
    match fold {
        Fold::Done(spans) => spans,
        Fold::Taken => panic!("taken"),
        Fold::Skipped(_) => panic!("skipped"),
    }
}

#[test]
fn an_end_alone_is_a_span() {
    let mut folder = Folder::default();
    let mut end = event(EventType::SpanEnd, Some(1), 5);
    end.started_at = Some(Timestamp::from_unix_nanos(2));
    end.ended_at = Some(Timestamp::from_unix_nanos(5));
    let (span, _) = done(folder.add(end, ())).remove(0);
    assert_eq!((span.started(), span.ended(), span.finished), (2, 5, true));
}

#[test]
fn the_oldest_are_given_up_where_there_are_too_many() {
    let mut folder = Folder::with_limits(2, usize::MAX);
    for span in 1..=2 {
        assert!(matches!(
            folder.add(event(EventType::SpanStart, Some(span), span), span),
            Fold::Taken
        ));
    }
    let (span, tickets) = done(folder.add(event(EventType::SpanStart, Some(3), 3), 3)).remove(0);
    assert_eq!(
        (span.started(), span.finished, tickets),
        (1, false, vec![1])
    );

    let mut folder = Folder::with_limits(100, 10_000);
    let mut start = event(EventType::SpanStart, Some(1), 1);
    start.raw.input = Some("x".repeat(20_000).into());
    let (span, _) = done(folder.add(start, ())).remove(0);
    assert!(!span.finished);
    assert_eq!(folder.bytes, 0);
}

#[test]
fn nothing_is_left_of_what_has_ended() {
    let mut folder = Folder::default();
    for span in 0..1000 {
        folder.add(event(EventType::SpanStart, Some(span + 1), 1), ());
        folder.add(event(EventType::SpanEnd, Some(span + 1), 2), ());
    }
    assert_eq!((folder.open.len(), folder.bytes), (0, 0));
    folder.each_touched(|()| panic!("nothing is open"));
    assert!(folder.touched.is_empty());
}

#[test]
fn what_waits_is_told_of_once_and_given_back_with_its_span() {
    let mut folder = Folder::default();
    let told = |folder: &mut Folder<u64>| {
        let mut told = Vec::new();
        folder.each_touched(|ticket| told.push(*ticket));
        told
    };
    folder.add(event(EventType::SpanStart, Some(1), 1), 10);
    folder.add(event(EventType::SpanUpdate, Some(1), 2), 11);
    assert_eq!(told(&mut folder), [10, 11]);
    assert_eq!(told(&mut folder), [0; 0]);
    folder.add(event(EventType::SpanUpdate, Some(1), 3), 12);
    folder.add(event(EventType::SpanStart, Some(2), 3), 20);
    assert_eq!(told(&mut folder), [12, 20]);
    // A second beginning takes nothing away.
    folder.add(event(EventType::SpanStart, Some(1), 1), 13);
    let (_, mut tickets) = done(folder.add(event(EventType::SpanEnd, Some(1), 4), 14)).remove(0);
    tickets.sort_unstable();
    assert_eq!(tickets, [10, 11, 12, 13, 14]);
}

#[test]
fn a_trace_of_two_services_has_a_root_in_each() {
    let root = |attributes: serde_json::Value| {
        let mut folder = Folder::default();
        let mut start = event(EventType::TraceStart, None, 1);
        start.attributes = attributes.as_object().cloned().unwrap_or_default();
        folder.add(start.clone(), ());
        let mut end = event(EventType::TraceEnd, None, 2);
        end.attributes = start.attributes;
        done(folder.add(end, ())).remove(0).0
    };
    let parent = format!("{:016x}", 7);
    let there =
        json!({"rollout.parent.trace_id": format!("{:032x}", 1), "rollout.parent.span_id": parent});
    let (first, second) = (root(json!({})), root(there));
    assert_eq!(first.parent, None);
    assert_eq!(second.parent, Some(7u64.to_be_bytes()));
    assert!(second.has_remote_parent && second.origin.is_none());
    assert_ne!(first.id, second.id);
}

#[test]
fn a_trace_that_began_elsewhere_has_its_parent_there() {
    let mut folder = Folder::default();
    let below = |span: u64, parent: u64| {
        let mut start = event(EventType::SpanStart, Some(span), 1);
        start.parent_span_id = Some(format!("{parent:016x}"));
        start
    };
    folder.add(below(1, 7), ());
    folder.add(below(2, 1), ());
    let (inner, _) = done(folder.add(event(EventType::SpanEnd, Some(2), 2), ())).remove(0);
    let (outer, _) = done(folder.add(event(EventType::SpanEnd, Some(1), 3), ())).remove(0);
    assert_eq!(
        (inner.parent, inner.has_remote_parent),
        (Some(1u64.to_be_bytes()), false)
    );
    assert_eq!(
        (outer.parent, outer.has_remote_parent),
        (Some(7u64.to_be_bytes()), true)
    );
}

#[test]
fn a_tool_told_of_within_another_span_is_a_span_of_its_own() {
    let mut folder = Folder::default();
    folder.add(event(EventType::SpanStart, Some(1), 1), ());
    let mut call = event(EventType::ToolCall, Some(1), 2);
    call.tool.tool_call_id = Some("c".into());
    call.tool.name = Some("f".into());
    assert!(matches!(folder.add(call, ()), Fold::Taken));
    let mut result = event(EventType::ToolResult, Some(1), 3);
    result.tool.tool_call_id = Some("c".into());
    let (tool, _) = done(folder.add(result, ())).remove(0);
    assert_eq!(
        (tool.role, tool.started(), tool.ended()),
        (Role::Tool, 2, 3)
    );
    let (span, _) = done(folder.add(event(EventType::SpanEnd, Some(1), 4), ())).remove(0);
    assert_eq!(
        (span.role, span.started(), span.ended()),
        (Role::Other, 1, 4)
    );
}
