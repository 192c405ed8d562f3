//! The output items of a response, rebuilt from the events about them.

use serde_json::{Map, Value, json};

use crate::provider::budget::Budget;
use crate::provider::json::{index, text};

/// What an item or a part costs beside its content, so that their number is bounded.
const ITEM: usize = 256;

/// More parts than any item has.
const MOST_PARTS: usize = 4096;

/// In which list of which item a part is, and under which key events tell its place there.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartOf {
    item: &'static str,
    list: &'static str,
    index: &'static str,
}

pub(super) const MESSAGE_CONTENT: PartOf = PartOf {
    item: "message",
    list: "content",
    index: "content_index",
};
pub(super) const REASONING_CONTENT: PartOf = PartOf {
    item: "reasoning",
    ..MESSAGE_CONTENT
};
pub(super) const REASONING_SUMMARY: PartOf = PartOf {
    item: "reasoning",
    list: "summary",
    index: "summary_index",
};

/// The items that a stream has told of, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Items {
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    index: Option<u64>,
    id: Option<String>,
    done: bool,
    value: Map<String, Value>,
}

impl Items {
    /// Takes an item that begins (`response.output_item.added`).
    pub(super) fn add(&mut self, event: &Value, budget: &mut Budget) {
        let item = event.get("item").unwrap_or(&Value::Null);
        let place = self.find(event).filter(|place| self.is_same(*place, item));
        self.take(place, event, item, budget);
    }

    /// Takes an item that is whole (`response.output_item.done`).
    pub(super) fn complete(&mut self, event: &Value, budget: &mut Budget) {
        let item = event.get("item").unwrap_or(&Value::Null);
        let place = self.find(event).filter(|place| self.is_same(*place, item));
        if let Some(item) = self.take(place, event, item, budget) {
            item.done = true;
        }
    }

    /// Returns the item that an event is about; one that has not been announced is made up.
    pub(super) fn of(
        &mut self,
        event: &Value,
        kind: &str,
        budget: &mut Budget,
    ) -> Option<&mut Map<String, Value>> {
        let place = self.find(event).or_else(|| self.last(event, kind));
        let made_up = if place.is_none() {
            json!({ "type": kind })
        } else {
            Value::Null
        };
        self.take(place, event, &made_up, budget)
            .map(|item| &mut item.value)
    }

    /// Returns the part of an item that an event is about; a missing one is made up.
    pub(super) fn part(
        &mut self,
        event: &Value,
        of: PartOf,
        kind: &str,
        budget: &mut Budget,
    ) -> Option<&mut Map<String, Value>> {
        let item = self.of(event, of.item, budget)?;
        let place = index(event, of.index).unwrap_or(0);
        let place = usize::try_from(place)
            .ok()
            .filter(|place| *place < MOST_PARTS)?;
        let parts = item.entry(of.list).or_insert_with(|| json!([]));
        if !parts.is_array() {
            *parts = json!([]);
        }
        let parts = parts.as_array_mut()?;
        while parts.len() <= place {
            if !budget.take(ITEM) {
                return None;
            }
            parts.push(json!({ "type": kind }));
        }
        parts.get_mut(place)?.as_object_mut()
    }

    /// Returns the items as a response has them.
    pub(super) fn finish(mut self) -> Vec<Value> {
        self.items
            .sort_by_key(|item| item.index.unwrap_or(u64::MAX));
        self.items
            .into_iter()
            .map(|item| item.value.into())
            .collect()
    }

    /// Finds an item: by its place in the output, else by its id.
    ///
    /// Copilot gives an item another id in each event; llama.cpp tells no place.
    fn find(&self, event: &Value) -> Option<usize> {
        let index = index(event, "output_index");
        let id = event.get("item").and_then(|item| text(item, "id"));
        let id = id.or_else(|| text(event, "item_id"));
        let at = |item: &Item| index.is_some() && item.index == index;
        let named = |item: &Item| {
            id.is_some() && item.id.as_deref() == id && (index.is_none() || item.index.is_none())
        };
        self.items
            .iter()
            .rposition(at)
            .or_else(|| self.items.iter().rposition(named))
    }

    /// Returns the last item, if an event that tells neither its place nor a known id can be about it.
    fn last(&self, event: &Value, kind: &str) -> Option<usize> {
        let last = self.items.last()?;
        let is_it = event.get("output_index").is_none_or(Value::is_null)
            && !last.done
            && last.value.get("type").and_then(Value::as_str) == Some(kind);
        is_it.then_some(self.items.len() - 1)
    }

    /// Returns whether the item at a place is the one that an event brings: gateways are careless
    /// with places, so that what has ended does not begin again, nor change its type.
    fn is_same(&self, place: usize, item: &Value) -> bool {
        self.items.get(place).is_some_and(|known| {
            let kind = known.value.get("type").and_then(Value::as_str);
            let same_id = known.id.is_some() && known.id.as_deref() == text(item, "id");
            same_id || (!known.done && kind == text(item, "type"))
        })
    }

    fn take(
        &mut self,
        place: Option<usize>,
        event: &Value,
        item: &Value,
        budget: &mut Budget,
    ) -> Option<&mut Item> {
        let place = match place {
            Some(place) => place,
            None if budget.take(ITEM) => {
                let id = text(item, "id").or_else(|| text(event, "item_id"));
                self.items.push(Item {
                    index: index(event, "output_index"),
                    id: id.map(str::to_owned),
                    done: false,
                    value: Map::new(),
                });
                self.items.len() - 1
            }
            None => return None,
        };
        let known = self.items.get_mut(place)?;
        if let Value::Object(item) = item {
            for (key, value) in item {
                if !is_empty(value) || !known.value.contains_key(key) {
                    budget.put(&mut known.value, key, value);
                }
            }
        }
        Some(known)
    }
}

/// Returns whether a value says less than the deltas before it can have said.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(index: Option<u64>, id: &str, kind: &str) -> Value {
        json!({"output_index": index, "item": {"id": id, "type": kind, "content": []}})
    }

    #[test]
    fn an_item_is_known_by_its_place_even_if_its_id_changes() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        items.add(&item(Some(0), "a", "message"), &mut budget);
        items.complete(&item(Some(0), "b", "message"), &mut budget);
        assert_eq!(
            items.finish(),
            [json!({"id": "b", "type": "message", "content": []})]
        );
    }

    #[test]
    fn without_places_the_id_tells_items_apart() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        items.add(&item(None, "a", "reasoning"), &mut budget);
        items.add(&item(None, "b", "message"), &mut budget);
        items
            .of(&json!({"item_id": "a"}), "reasoning", &mut budget)
            .unwrap();
        items.complete(&item(None, "b", "message"), &mut budget);
        assert_eq!(items.finish().len(), 2);
    }

    #[test]
    fn without_place_and_known_id_the_last_item_of_the_type_goes_on() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        items.add(&item(None, "a", "message"), &mut budget);
        items
            .of(&json!({"item_id": "other"}), "message", &mut budget)
            .unwrap();
        items.of(&json!({}), "message", &mut budget).unwrap();
        assert_eq!(items.items.len(), 1);
        items.of(&json!({}), "reasoning", &mut budget).unwrap();
        assert_eq!(items.items.len(), 2);
    }

    #[test]
    fn items_of_different_types_at_the_same_place_are_different_items() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        items.add(&item(Some(0), "a", "reasoning"), &mut budget);
        items.add(&item(Some(0), "b", "message"), &mut budget);
        assert_eq!(items.finish().len(), 2);
    }

    #[test]
    fn an_empty_list_does_not_undo_what_came() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        let event = json!({"output_index": 0, "content_index": 1});
        let part = items
            .part(&event, MESSAGE_CONTENT, "output_text", &mut budget)
            .unwrap();
        part.insert("text".to_owned(), "a".into());
        items.complete(&item(Some(0), "a", "message"), &mut budget);
        assert_eq!(items.finish()[0]["content"][1]["text"], "a");
    }

    #[test]
    fn a_place_out_of_all_bounds_makes_no_parts() {
        let mut items = Items::default();
        let event = json!({"output_index": u64::MAX, "content_index": u64::MAX});
        let part = items.part(
            &event,
            MESSAGE_CONTENT,
            "output_text",
            &mut Budget::default(),
        );
        assert!(part.is_none());
    }
}
