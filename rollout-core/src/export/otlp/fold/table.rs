//! A map that knows the oldest of its members.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

pub(super) struct Table<K, V> {
    members: HashMap<K, (u64, V)>,
    ages: BTreeMap<u64, K>,
    next: u64,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            members: HashMap::new(),
            ages: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.members.get(key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.members.get_mut(key).map(|(_, value)| value)
    }

    /// Adds a member, the youngest from now on, and returns the one of this key before.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let before = self.remove(&key);
        self.ages.insert(self.next, key);
        self.members.insert(key, (self.next, value));
        self.next += 1;
        before
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let (age, value) = self.members.remove(key)?;
        self.ages.remove(&age);
        Some(value)
    }

    pub(super) fn oldest(&self) -> Option<(K, &V)> {
        let (_, key) = self.ages.first_key_value()?;
        Some((*key, self.get(key)?))
    }

    pub(super) fn pop_oldest(&mut self) -> Option<(K, V)> {
        let key = self.oldest()?.0;
        Some((key, self.remove(&key)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_and_what_is_added_again_is_young() {
        let mut table = Table::default();
        for (key, value) in [(1, 'a'), (2, 'b'), (3, 'c')] {
            assert_eq!(table.insert(key, value), None);
        }
        assert_eq!(table.insert(1, 'd'), Some('a'));
        assert_eq!(table.remove(&2), Some('b'));
        assert_eq!(table.pop_oldest(), Some((3, 'c')));
        assert_eq!(table.pop_oldest(), Some((1, 'd')));
        assert_eq!(table.pop_oldest(), None);
        assert_eq!(table.len(), 0);
    }
}
