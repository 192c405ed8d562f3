use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// Tools by their names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no registry of tools by name",
    label = "expected tools by name",
    note = "a registry is a `HashMap`, a `BTreeMap`, a `Vec` or an array of names and callables; wrap \
            the tools of another one with `rollout::wrap_tool!(name, tool)`, one by one"
)]
pub trait Registry {
    /// A tool as it is.
    type Tool;
    /// The same registry, of other tools.
    type Of<T>;

    /// Replaces each tool. The names stay as they are.
    fn map_tools<T>(self, wrap: impl FnMut(&str, Self::Tool) -> T) -> Self::Of<T>;
}

impl<K: AsRef<str> + Eq + Hash, V, S: BuildHasher + Default> Registry for HashMap<K, V, S> {
    type Tool = V;
    type Of<T> = HashMap<K, T, S>;

    fn map_tools<T>(self, wrap: impl FnMut(&str, V) -> T) -> HashMap<K, T, S> {
        pairs(self, wrap).collect()
    }
}

impl<K: AsRef<str> + Ord, V> Registry for BTreeMap<K, V> {
    type Tool = V;
    type Of<T> = BTreeMap<K, T>;

    fn map_tools<T>(self, wrap: impl FnMut(&str, V) -> T) -> BTreeMap<K, T> {
        pairs(self, wrap).collect()
    }
}

impl<K: AsRef<str>, V> Registry for Vec<(K, V)> {
    type Tool = V;
    type Of<T> = Vec<(K, T)>;

    fn map_tools<T>(self, wrap: impl FnMut(&str, V) -> T) -> Vec<(K, T)> {
        pairs(self, wrap).collect()
    }
}

impl<K: AsRef<str>, V, const N: usize> Registry for [(K, V); N] {
    type Tool = V;
    type Of<T> = [(K, T); N];

    fn map_tools<T>(self, mut wrap: impl FnMut(&str, V) -> T) -> [(K, T); N] {
        self.map(|(name, tool)| {
            let tool = wrap(name.as_ref(), tool);
            (name, tool)
        })
    }
}

fn pairs<K: AsRef<str>, V, T>(
    tools: impl IntoIterator<Item = (K, V)>,
    mut wrap: impl FnMut(&str, V) -> T,
) -> impl Iterator<Item = (K, T)> {
    tools.into_iter().map(move |(name, tool)| {
        let tool = wrap(name.as_ref(), tool);
        (name, tool)
    })
}
