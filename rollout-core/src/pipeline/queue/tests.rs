use super::*;
use crate::capture::Payload;
use crate::protocol::{Event, EventType};

fn queue() -> Queue {
    let limits = QueueLimits {
        events: 10,
        bytes: 2_000,
    };
    Queue::new(limits, 100)
}

pub(super) fn message(length: usize) -> Record {
    Record::Event {
        trace: None,
        span: None,
        user: None,
        event: Box::new(Event::now(EventType::Message)),
        content: Payload::value("x".repeat(length).into()),
    }
}

#[test]
fn the_first_record_says_since_when_there_is_something_to_do() {
    let (queue, mut items) = (queue(), VecDeque::new());
    assert_eq!(queue.take(&mut items), None);
    let before = Instant::now();
    queue.push(message(1));
    let between = Instant::now();
    queue.push(message(1));
    let since = queue.take(&mut items).unwrap();
    assert!((before..=between).contains(&since));
    items.clear();
    assert_eq!(queue.take(&mut items), None);
}

#[test]
fn defect_31_a_value_there_is_never_room_for_costs_no_event() {
    let queue = queue();
    assert!(queue.push(message(10)));
    assert!(queue.push(message(5_000)));
    // Of values that fit by themselves the last ones have to wait, or go.
    assert!(queue.push(message(10)));
    assert!(!queue.push(message(1_400)));
    let mut items = VecDeque::new();
    queue.take(&mut items);
    let sizes: Vec<_> = items
        .iter()
        .map(|item| match item {
            Item::Record(record) => record.size(),
            _ => 0,
        })
        .collect();
    assert_eq!(sizes.len(), 3);
    assert!(sizes.iter().all(|size| *size < 1_000), "{sizes:?}");
}
