//! The output items of a response, rebuilt from the events about them.

use serde_json::{Map, Value, json};

use crate::provider::budget::Budget;
use crate::provider::json::text;

/// What an item or a part costs beside its content, so that their number is bounded.
const ITEM: usize = 256;

/// More parts than any item has.
const MOST_PARTS: usize = 4096;

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
        let place = self.find(event);
        let made_up = json!({ "type": kind });
        let known = if place.is_some() {
            &Value::Null
        } else {
            &made_up
        };
        self.take(place, event, known, budget)
            .map(|item| &mut item.value)
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

    /// Finds an item: by its place in the output, else by its id, else it is the last.
    ///
    /// Copilot gives an item another id in each event; llama.cpp tells no place.
    fn find(&self, event: &Value) -> Option<usize> {
        if let Some(index) = event.get("output_index").and_then(Value::as_u64) {
            return self
                .items
                .iter()
                .rposition(|item| item.index == Some(index));
        }
        let item = event.get("item").and_then(|item| text(item, "id"));
        if let Some(id) = item.or_else(|| text(event, "item_id")) {
            return self
                .items
                .iter()
                .rposition(|item| item.id.as_deref() == Some(id));
        }
        if event.get("item").is_some() {
            None
        } else {
            self.items.len().checked_sub(1)
        }
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
                    index: event.get("output_index").and_then(Value::as_u64),
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

/// Returns the part of an item at a place in one of its lists; a missing one is made up.
pub(super) fn part<'a>(
    item: &'a mut Map<String, Value>,
    list: &str,
    place: u64,
    kind: &str,
    budget: &mut Budget,
) -> Option<&'a mut Map<String, Value>> {
    let parts = item.entry(list).or_insert_with(|| json!([]));
    if !parts.is_array() {
        *parts = json!([]);
    }
    let parts = parts.as_array_mut()?;
    let place = usize::try_from(place)
        .ok()
        .filter(|place| *place < MOST_PARTS)?;
    while parts.len() <= place {
        if !budget.take(ITEM) {
            return None;
        }
        parts.push(json!({ "type": kind }));
    }
    parts.get_mut(place)?.as_object_mut()
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
    fn items_of_different_types_at_the_same_place_are_different_items() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        items.add(&item(Some(0), "a", "reasoning"), &mut budget);
        items.add(&item(Some(0), "b", "message"), &mut budget);
        assert_eq!(items.finish().len(), 2);
    }

    #[test]
    fn an_empty_list_does_not_undo_what_came() {
        let (mut items, mut budget) = (Items::default(), Budget::default());
        let known = items
            .of(&json!({"output_index": 0}), "message", &mut budget)
            .unwrap();
        let part = part(known, "content", 1, "output_text", &mut budget).unwrap();
        part.insert("text".to_owned(), "a".into());
        items.complete(&item(Some(0), "a", "message"), &mut budget);
        assert_eq!(items.finish()[0]["content"][1]["text"], "a");
    }

    #[test]
    fn a_place_out_of_all_bounds_makes_no_parts() {
        let mut item = Map::new();
        assert!(part(&mut item, "content", u64::MAX, "x", &mut Budget::default()).is_none());
    }
}
