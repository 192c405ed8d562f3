//! Files that were cut, overwritten, or put together anew.

use std::collections::HashSet;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

/// What happens to a file.
#[derive(Clone, Debug)]
enum Damage {
    Cut(usize),
    Overwrite(usize, Vec<u8>),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Gone,
}

impl Damage {
    fn apply(&self, path: &PathBuf) {
        let Ok(mut content) = fs::read(path) else {
            return;
        };
        let place = |at: &usize| at % (content.len() + 1);
        match self {
            Self::Cut(at) => content.truncate(place(at)),
            Self::Overwrite(at, bytes) => {
                let at = place(at);
                for (old, new) in content[at..].iter_mut().zip(bytes) {
                    *old = *new;
                }
            }
            Self::Insert(at, bytes) => {
                let at = place(at);
                content.splice(at..at, bytes.iter().copied());
            }
            Self::Remove(at, length) => {
                let at = place(at);
                let end = (at + length).min(content.len());
                content.drain(at..end);
            }
            Self::Gone => {
                fs::remove_file(path).unwrap();
                return;
            }
        }
        fs::write(path, content).unwrap();
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let bytes = || {
        let odd = prop::sample::select(&b"\n{}\"0=-, \x00\xff"[..]);
        prop::collection::vec(prop_oneof![odd, any::<u8>()], 0..40)
    };
    let at = 0..100_000_usize;
    prop_oneof![
        3 => at.clone().prop_map(Damage::Cut),
        3 => (at.clone(), bytes()).prop_map(|(at, bytes)| Damage::Overwrite(at, bytes)),
        2 => (at.clone(), bytes()).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        2 => (at, 0..500_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        1 => Just(Damage::Gone),
    ]
}

/// Returns what a process left: six traces in three segments, of which some is delivered.
fn leave(desk: &Desk, settled: &[bool]) {
    let spool = desk.spool();
    let mut settled = settled.iter().copied().cycle();
    for segment in 0..3 {
        let (a, b) = (format!("a{segment}"), format!("b{segment}"));
        let places = append(
            &spool,
            vec![
                event(EventType::TraceStart, &a, None),
                event(EventType::SpanStart, &a, Some("s")),
                event(EventType::TraceStart, &b, None),
                event(EventType::SpanEnd, &a, Some("s")),
                event(EventType::TraceEnd, &b, None),
            ],
        );
        let delivered = places.into_iter().filter(|_| settled.next().unwrap());
        spool.settle(delivered.collect());
        next_segment(&spool);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn whatever_happened_to_the_files_nothing_is_given_twice(
        settled in prop::collection::vec(any::<bool>(), 1..15),
        damages in prop::collection::vec((any::<prop::sample::Index>(), damage()), 0..5),
    ) {
        let desk = Desk::new("damage");
        leave(&desk, &settled);
        for (which, damage) in &damages {
            let kinds = ["jsonl", "done", "lock"];
            let names: Vec<String> = kinds.iter().flat_map(|kind| desk.folder.files(kind)).collect();
            if !names.is_empty() {
                damage.apply(&desk.folder.join(which.get(&names)));
            }
        }
        // One process reads it and is killed, the next one reads it again and delivers it.
        let first = desk.spool();
        let letters = first.take_over();
        let given = ids(&first, &letters);
        drop(first);
        let next = desk.spool();
        let letters = next.take_over();
        let again = ids(&next, &letters);
        let lost: Vec<_> = given.difference(&again).collect();
        prop_assert!(lost.is_empty(), "not given again: {lost:?}, said: {:?}", desk.said);
        next.settle(letters.iter().map(|letter| letter.place).collect());
        next.close();
        let last = desk.spool();
        prop_assert_eq!(last.take_over(), vec![], "what was delivered is not");
    }
}

/// Returns the ids of the events that are given, each of which is an event, and given once.
fn ids(spool: &Spool, letters: &[Letter]) -> HashSet<String> {
    let places: Vec<_> = letters.iter().map(|letter| letter.place).collect();
    let mut ids = HashSet::new();
    for line in spool.read(&places).into_iter().flatten() {
        let event: Value = serde_json::from_slice(&line).expect("only events are given");
        let id = event["event_id"].as_str().expect("an event has an id");
        assert!(ids.insert(id.to_owned()), "{id} is given twice");
    }
    ids
}
