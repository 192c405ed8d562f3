//! What the workspace promises of itself: how old a compiler may be, and what a program has to build.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

struct Workspace {
    metadata: Value,
}

impl Workspace {
    fn load(features: &str) -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version=1", "--locked"])
            .args([
                "--manifest-path",
                concat!(env!("CARGO_MANIFEST_DIR"), "/../rollout/Cargo.toml"),
            ])
            .args(["--features", features])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata = serde_json::from_slice(&output.stdout).unwrap();
        Self { metadata }
    }

    fn packages(&self) -> BTreeMap<&str, &Value> {
        let packages = self.metadata["packages"].as_array().unwrap();
        packages
            .iter()
            .map(|package| (package["id"].as_str().unwrap(), package))
            .collect()
    }

    /// Returns the packages that a program builds which depends on `rollout`.
    fn built_for(&self, root: &str) -> BTreeSet<&str> {
        let nodes = self.metadata["resolve"]["nodes"].as_array().unwrap();
        let nodes: BTreeMap<&str, &Value> = nodes
            .iter()
            .map(|node| (node["id"].as_str().unwrap(), node))
            .collect();
        let packages = self.packages();
        let mut open: Vec<&str> = packages
            .iter()
            .filter(|(_, package)| package["name"] == root)
            .map(|(id, _)| *id)
            .collect();
        let mut built = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !built.insert(id) {
                continue;
            }
            for dependency in nodes[id]["deps"].as_array().unwrap() {
                let kinds = dependency["dep_kinds"].as_array().unwrap();
                if kinds.iter().any(|kind| kind["kind"] != "dev") {
                    open.push(dependency["pkg"].as_str().unwrap());
                }
            }
        }
        built
    }
}

/// `1.90` or `1.90.0`, as numbers.
fn version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[test]
fn no_dependency_asks_for_a_newer_compiler_than_rollout_does() {
    let workspace = Workspace::load("openai-middleware,testing,native-tls");
    let packages = workspace.packages();
    let built = workspace.built_for("rollout");
    assert!(built.len() > 50, "{built:?}");
    let asked = |id: &&str| packages[*id]["rust_version"].as_str();
    let ours = packages
        .values()
        .find(|package| package["name"] == "rollout")
        .and_then(|package| package["rust_version"].as_str())
        .unwrap();
    let newer: Vec<_> = built
        .iter()
        .filter(|id| asked(id).is_some_and(|asked| version(asked) > version(ours)))
        .collect();
    assert!(newer.is_empty(), "newer than {ours}: {newer:?}");
}

#[test]
fn macros_are_parsed_by_one_syn() {
    let workspace = Workspace::load("openai-middleware");
    let packages = workspace.packages();
    let ours: BTreeSet<&str> = workspace
        .built_for("rollout-macros")
        .into_iter()
        .filter(|id| packages[id]["name"] == "syn")
        .collect();
    assert_eq!(ours.len(), 1, "{ours:?}");
}
