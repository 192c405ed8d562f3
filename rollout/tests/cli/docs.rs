//! `docs/cli.md` shows what the program says.
//!
//! `ROLLOUT_BLESS=1 cargo test -p rollout --features cli --test cli docs` writes the page anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::harness::Desk;

#[test]
fn the_page_shows_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut desk = Desk::with_runs();
    desk.set("COLUMNS", "120");
    let said = said(&desk, &page);
    if std::env::var_os("ROLLOUT_BLESS").is_some() {
        fs::write(&path, said).unwrap();
        return;
    }
    assert!(
        page == said,
        "`ROLLOUT_BLESS=1` writes the page anew, as the program says now:\n{said}"
    );
    // All of its commands are there.
    let help = desk.out(&["--help"]);
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let commands = commands
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    for command in commands.filter(|command| *command != "help") {
        assert!(
            page.contains(&format!("\n## `rollout {command}`")),
            "{command}"
        );
    }
}

/// Returns the page with what the program says to each command of its blocks `console`.
fn said(desk: &Desk, page: &str) -> String {
    let (mut text, mut inside) = (String::new(), false);
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ rollout ").filter(|_| inside) {
            let _ = writeln!(text, "{line}");
            let said = desk.run(
                &words(command)
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            );
            text += &said.out;
            text += &said.err;
            continue;
        } else if inside {
            continue;
        }
        let _ = writeln!(text, "{line}");
    }
    text
}

/// Splits a command as a shell would, as far as the page needs it.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
