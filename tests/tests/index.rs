//! Every test that the README names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_tests_that_the_readme_names_exist() {
    let readme = include_str!("../README.md");
    let tables = readme.split("## What the product promises").nth(1).unwrap();
    let named: BTreeSet<&str> = tables
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.rsplit_once("| ").map(|_| line))
        .filter_map(|line| line.split(" | ").nth(2))
        .flat_map(|shown| shown.split('`').skip(1).step_by(2))
        .filter(|name| {
            name.contains('_') && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        })
        .collect();
    assert!(named.len() > 80, "{named:?}");

    let mut functions = BTreeSet::new();
    for package in [
        "rollout",
        "rollout-core",
        "rollout-macros",
        "examples",
        "tests",
        "ui-tests",
    ] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(package);
        collect(&root, &mut functions);
    }
    let missing: Vec<_> = named
        .into_iter()
        .filter(|name| !functions.contains(*name))
        .collect();
    assert!(
        missing.is_empty(),
        "there is no test `{}`",
        missing.join("`, no test `")
    );
}

#[test]
fn each_fault_has_a_test_of_its_number_or_says_why_not() {
    let readme = include_str!("../README.md");
    let rows = readme.lines().filter_map(|line| {
        let (number, rest) = line.strip_prefix("| D")?.split_once(" | ")?;
        let (_, shown) = rest.split_once(" | ")?;
        Some((number, shown))
    });
    let rows: Vec<_> = rows.collect();
    let mut numbers: Vec<String> = (1..=65).map(|number| number.to_string()).collect();
    numbers.insert(30, "30b".into());
    numbers.insert(60, "59b".into());
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), numbers);
    for (number, shown) in rows {
        let name = format!("defect_{number:0>2}_");
        let has_reason = ["no counterpart", "measured"]
            .iter()
            .any(|reason| shown.starts_with(reason));
        assert!(shown.contains(&name) || has_reason, "D{number}: {shown}");
    }
}

/// Collects the names of all functions with `#[test]` or one like it.
fn collect(folder: &Path, functions: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, functions);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
                let Some((_, name)) = line.split_once("fn ").filter(|_| is_test) else {
                    continue;
                };
                let end = name.find(['(', '<']).unwrap_or(name.len());
                functions.insert(name[..end].to_owned());
                is_test = false;
            }
        }
    }
}
