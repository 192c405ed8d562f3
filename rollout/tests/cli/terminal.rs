//! Terminals, pipes, and mistakes of whoever types.

use std::process::Stdio;

use crate::harness::Desk;

#[test]
fn colours_are_for_terminals_and_whoever_wants_them() {
    let desk = Desk::with_runs();
    for arguments in [&["list"][..], &["show"], &["stats"], &["grep", "order"]] {
        assert!(!desk.out(arguments).contains('\x1b'), "{arguments:?}");
        let colored = [arguments, &["--color", "always"]].concat();
        assert!(desk.out(&colored).contains("\x1b["), "{arguments:?}");
    }
}

/// A terminal is had from `script`, which Linux systems have.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_no_color_is_set() {
    let on_terminal = |variables: &[(&str, &str)]| {
        let mut desk = Desk::with_runs();
        desk.set("TERM", "xterm");
        for (name, value) in variables {
            desk.set(name, value);
        }
        let program = desk.command(&["list"]);
        let mut script = std::process::Command::new("script");
        script
            .args(["--quiet", "--return", "--command"])
            .arg(format!("{} list", program.get_program().to_str().unwrap()))
            .arg("/dev/null")
            .current_dir(desk.path())
            .stdin(Stdio::null())
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        let output = script.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(on_terminal(&[]).contains("\x1b["));
    assert!(!on_terminal(&[("NO_COLOR", "1")]).contains('\x1b'));
    assert!(!on_terminal(&[("TERM", "dumb")]).contains('\x1b'));
}

#[test]
fn a_pipe_that_is_closed_ends_it_without_a_word() {
    let desk = Desk::with_runs();
    for arguments in [
        &["list"][..],
        &["show", "--full"],
        &["stats", "--json"],
        &["grep", "."],
        &["export"],
        &["man"],
        &["completions", "zsh"],
        &["doctor"],
    ] {
        let mut command = desk.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody reads a word of it.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "",
            "{arguments:?}"
        );
    }
}

#[test]
fn mistakes_are_named_with_their_cure() {
    let desk = Desk::with_runs();
    for (arguments, parts) in [
        (&["lst"][..], &["lst", "list"][..]),
        (&["list", "--limt", "3"], &["--limt", "--limit"]),
        (&["export", "--format", "xml"], &["xml", "otlp-json"]),
        (&[], &["Usage: rollout"]),
    ] {
        let said = desk.run(arguments);
        assert_eq!((said.code, &*said.out), (2, ""), "{arguments:?}");
        for part in parts {
            assert!(said.err.contains(part), "{part}: {}", said.err);
        }
    }
}

#[test]
fn a_narrow_terminal_gets_lines_that_fit() {
    let desk = Desk::with_runs();
    for width in [60, 80, 100] {
        for arguments in [&["show"][..], &["list"], &["stats"]] {
            let out = wide(&desk, width, arguments);
            let longest = out.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(width), "{width} {arguments:?}: {out}");
        }
        // However narrow it is: what it is, what it took, and the id to go on with.
        let list = wide(&desk, width, &["list"]);
        for part in ["✓ support", "9.0 ms", "4bf92f35"] {
            assert!(list.contains(part), "{part}: {list}");
        }
        let stats = wide(&desk, width, &["stats"]);
        for part in ["gpt-4.1-mini", "≈$0.00183", "P50"] {
            assert!(stats.contains(part), "{part}: {stats}");
        }
    }
}

#[test]
fn a_wide_terminal_is_told_what_runs_are_about() {
    let desk = Desk::with_runs();
    let list = wide(&desk, 200, &["list"]);
    let about = |name: &str| {
        let line = list.lines().find(|line| line.contains(name)).unwrap();
        line.split("  ").last().unwrap().trim_start().to_owned()
    };
    assert_eq!(about("NAME"), "ABOUT");
    assert_eq!(
        about("✓ support"),
        "question: \"Where are my orders 1042 and 1099?\""
    );
    assert_eq!(about("✗ refund"), "io::Error: the model did not answer");
    // A program that reads it gets the same lines wherever it runs.
    let piped = desk.out(&["list"]);
    assert!(!piped.contains("ABOUT") && piped.contains(" 2026-01-05 08:00:00Z "));
}

/// Returns what the program says on a terminal of this width.
fn wide(desk: &Desk, width: usize, arguments: &[&str]) -> String {
    let mut command = desk.command(arguments);
    let output = command.env("COLUMNS", width.to_string()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
