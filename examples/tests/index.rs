//! The index of the examples says what there is, and what one sees.

mod example;

use std::fs;
use std::path::Path;

use example::Example;

/// Returns the rows of the index: the name of an example, and a line that one sees.
fn index() -> Vec<(String, String)> {
    let index = include_str!("../README.md");
    let rows = index.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("| [`")?.split_once("`](")?;
        let cell = rest.strip_suffix(" |")?.rsplit_once(" | ")?.1;
        // As Markdown has it: what has backticks in it is set apart by two of them and a blank.
        let code = |mark| cell.strip_prefix(mark)?.strip_suffix(mark);
        let seen = code("``").map(str::trim).or_else(|| code("`"))?;
        Some((name.to_owned(), seen.to_owned()))
    });
    rows.collect()
}

#[test]
fn the_index_names_each_example_and_what_one_sees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = fs::read_dir(folder).unwrap().map(|file| {
        let path = file.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    });
    let mut files: Vec<_> = files.collect();
    let index = index();
    let mut names: Vec<_> = index.iter().map(|(name, _)| name.clone()).collect();
    files.sort();
    names.sort();
    assert_eq!(names, files);
    for (name, seen) in index {
        let example = Example::run(&name);
        assert!(
            example.printed.contains(&seen),
            "{name}: {seen}\n{}",
            example.printed
        );
    }
}
