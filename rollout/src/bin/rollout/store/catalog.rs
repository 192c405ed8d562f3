//! Which traces there are, and where their lines stand.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::peek::Peek;

/// A trace names at most so many others as those it was begun in. More than one is strange.
const MOST_PARENTS: usize = 16;

/// Consecutive lines of a file, all of one trace: the file, the place, the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Piece(pub(super) u32, pub(super) u64, pub(super) u64);

/// A trace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    /// The program's own ids of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    /// The traces inside which it was begun.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parents: Vec<String>,
    /// The earliest that any event tells of, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<i64>,
    /// The same of the events of the trace itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) own: Option<i64>,
    pub(super) pieces: Vec<Piece>,
}

impl Entry {
    /// Makes one of pieces that follow each other, as those are that were read one after the other.
    pub(super) fn join(&mut self) {
        self.pieces.dedup_by(|next, piece| {
            let is_next = piece.0 == next.0 && piece.1 + piece.2 == next.1;
            if is_next {
                piece.2 += next.2;
            }
            is_next
        });
    }
}

/// All traces.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    pub(super) entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Catalog {
    pub(super) fn of(entries: Vec<Entry>) -> Self {
        let places = entries.iter().enumerate();
        Self {
            places: places
                .map(|(place, entry)| (entry.id.clone(), place))
                .collect(),
            entries,
        }
    }

    fn entry(&mut self, id: &str) -> Option<&mut Entry> {
        let place = if let Some(place) = self.places.get(id) {
            *place
        } else {
            let place = self.entries.len();
            self.entries.push(Entry {
                id: id.to_owned(),
                ..Entry::default()
            });
            self.places.insert(id.to_owned(), place);
            place
        };
        self.entries.get_mut(place)
    }

    /// Takes a line, if it is an event of a trace.
    pub(super) fn take(&mut self, peek: &Peek<'_>, piece: Piece) {
        let Some(entry) = peek.trace().and_then(|id| self.entry(id)) else {
            return;
        };
        let at = peek.at().and_then(moment);
        entry.first = earlier(entry.first, at);
        if peek.is_of_trace() {
            entry.own = earlier(entry.own, at);
            if let Some(parent) = &peek.parent {
                add(&mut entry.parents, parent);
            }
        }
        if let Some(alias) = peek.alias() {
            add(&mut entry.aliases, alias);
        }
        match entry.pieces.last_mut() {
            Some(Piece(file, start, length)) if *file == piece.0 && *start + *length == piece.1 => {
                *length += piece.2;
            }
            _ => entry.pieces.push(piece),
        }
    }

    /// Takes what was read of other parts of the files.
    pub(super) fn merge(&mut self, other: Self) {
        for more in other.entries {
            let Some(entry) = self.entry(&more.id) else {
                continue;
            };
            entry.first = earlier(entry.first, more.first);
            entry.own = earlier(entry.own, more.own);
            for parent in &more.parents {
                add(&mut entry.parents, parent);
            }
            for alias in &more.aliases {
                add(&mut entry.aliases, alias);
            }
            entry.pieces.extend(more.pieces);
        }
    }

    /// Returns the traces that belong together, by their places: those begun inside others with
    /// these, and those known by two ids.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let mut links: Vec<usize> = (0..self.entries.len()).collect();
        for (place, entry) in self.entries.iter().enumerate() {
            for other in entry.parents.iter().chain(&entry.aliases) {
                if let Some(other) = self.places.get(other) {
                    let (a, b) = (root(&mut links, place), root(&mut links, *other));
                    if let Some(link) = links.get_mut(a) {
                        *link = b;
                    }
                }
            }
        }
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); self.entries.len()];
        for place in 0..self.entries.len() {
            let root = root(&mut links, place);
            if let Some(group) = groups.get_mut(root) {
                group.push(place);
            }
        }
        groups.retain(|group| !group.is_empty());
        groups
    }
}

/// Returns the root of a place, and makes the way there shorter.
fn root(links: &mut [usize], mut place: usize) -> usize {
    loop {
        let Some(&next) = links.get(place) else {
            return place;
        };
        if next == place {
            return place;
        }
        let after = links.get(next).copied().unwrap_or(next);
        if let Some(link) = links.get_mut(place) {
            *link = after;
        }
        place = after;
    }
}

fn add(list: &mut Vec<String>, item: &str) {
    if list.len() < MOST_PARENTS && !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
    }
}

pub(super) fn earlier(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Returns a moment in microseconds since 1970.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let (local, ahead) = match text
        .len()
        .checked_sub(6)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((local, zone)) if zone.starts_with(['+', '-']) => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            let ahead = minutes * 60_000_000;
            let ahead = if zone.starts_with('-') { -ahead } else { ahead };
            (format!("{local}Z"), ahead)
        }
        _ => (text.to_owned(), 0),
    };
    let time = humantime::parse_rfc3339(&local).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(i64::try_from(since.as_micros()).ok()? - ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(lines: &[&str]) -> Catalog {
        let mut catalog = Catalog::default();
        for (place, line) in lines.iter().enumerate() {
            let peek = Peek::of(line.as_bytes()).unwrap();
            catalog.take(&peek, Piece(0, place as u64 * 10, 10));
        }
        catalog
    }

    #[test]
    fn lines_after_each_other_are_one_piece() {
        let a = r#"{"event_type":"x","trace_id":"a"}"#;
        let b = r#"{"event_type":"x","trace_id":"b"}"#;
        let catalog = catalog(&[a, a, b, a]);
        let pieces: Vec<_> = catalog.entries.iter().map(|entry| &*entry.pieces).collect();
        assert_eq!(
            pieces,
            [
                &[Piece(0, 0, 20), Piece(0, 30, 10)][..],
                &[Piece(0, 20, 10)]
            ]
        );
    }

    #[test]
    fn traces_that_belong_together_are_one_group_also_in_circles() {
        let inside = |id: &str, parent: &str| {
            format!(
                r#"{{"event_type":"trace.start","trace_id":"{id}","attributes":{{"rollout.parent.trace_id":"{parent}"}}}}"#
            )
        };
        let lines = [
            inside("a", "nowhere"),
            inside("b", "a"),
            inside("c", "d"),
            inside("d", "c"),
            r#"{"event_type":"x","trace_id":"e","external_trace_id":"mine"}"#.to_owned(),
            r#"{"event_type":"feedback","external_trace_id":"mine"}"#.to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut groups = catalog(&lines).groups();
        groups.sort();
        assert_eq!(groups, [[0, 1], [2, 3], [4, 5]]);
    }

    #[test]
    fn a_moment_is_the_same_in_every_zone() {
        assert_eq!(moment("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(moment("1970-01-01T02:00:01+02:00"), Some(1_000_000));
        assert_eq!(moment("1969-01-01T00:00:00Z"), None);
        for text in ["", "yesterday", "1970-01-01T00:00:00+é2:00"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
