//! A run as lines of text.

mod figures;
mod page;
mod timeless;

use std::fmt;

use super::model::{Preview, Run, Status, Step, StepKind};
use super::words;
use figures::figures_of;
use page::{Ink, Page};

/// A run that is about to be shown as a tree of what it did.
///
/// ```no_run
/// # use rollout_core as rollout;
/// for run in rollout::show::load(".rollout")? {
///     println!("{}", run.tree().width(80).colored(true));
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a tree does nothing until it is shown"]
pub struct Tree<'a> {
    run: &'a Run,
    width: usize,
    colored: bool,
    timed: bool,
}

impl Run {
    /// Returns the tree of the run, 100 characters wide and without colours.
    pub fn tree(&self) -> Tree<'_> {
        Tree {
            run: self,
            width: 100,
            colored: false,
            timed: true,
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree().fmt(f)
    }
}

impl Tree<'_> {
    /// Sets how many characters a line may have. Defaults to 100.
    pub fn width(mut self, characters: usize) -> Self {
        self.width = characters;
        self
    }

    /// Sets whether it has the colours of a terminal. Defaults to false.
    pub fn colored(mut self, colored: bool) -> Self {
        self.colored = colored;
        self
    }

    /// Sets whether it tells what differs from run to run: moments, durations, and the trace's id
    /// where it was drawn. Defaults to true; without, trees of two runs can be compared.
    pub fn timed(mut self, timed: bool) -> Self {
        self.timed = timed;
        self
    }
}

impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = Page::new(f, self.width, self.colored);
        let timeless;
        let run = if self.timed {
            self.run
        } else {
            timeless = timeless::copy(self.run);
            &timeless
        };
        heading(&mut page, run)?;
        let has_steps = !run.steps.is_empty();
        let rest = if has_steps { "│ " } else { "  " };
        payload(&mut page, rest, "in ", run.input.as_ref())?;
        payload(&mut page, rest, "out", run.output.as_ref())?;
        failure(&mut page, rest, run.error.as_ref())?;
        steps(&mut page, "", &run.steps)?;
        let summary = figures::summary(&run.totals());
        if !summary.is_empty() {
            page.line(|line| line.push(Ink::Dim, &summary))?;
        }
        Ok(())
    }
}

fn heading(page: &mut Page<'_, '_>, run: &Run) -> fmt::Result {
    page.line(|line| {
        status(line, &run.status);
        line.push(Ink::Bold, &run.name);
        if let Some(duration) = run.duration {
            line.item(Ink::Plain, &words::duration(duration));
        }
        if run.status != Status::Ok {
            line.item(ink_of(&run.status), &run.status.to_string());
        }
        if let Some(started) = run.started {
            line.item(Ink::Dim, &words::moment(started));
        }
        line.item(
            Ink::Dim,
            run.external_trace_id.as_ref().unwrap_or(&run.trace_id),
        );
        for (what, id) in [
            ("user", &run.user_id),
            ("session", &run.session_id),
            ("conversation", &run.conversation_id),
        ] {
            if let Some(id) = id {
                line.item(Ink::Dim, &format!("{what} {id}"));
            }
        }
        cut(line, &run.truncated);
        attributes(line, &run.attributes);
    })
}

fn steps(page: &mut Page<'_, '_>, indent: &str, steps: &[Step]) -> fmt::Result {
    for (index, step) in steps.iter().enumerate() {
        let is_last = index + 1 == steps.len();
        let branch = format!("{indent}{}", if is_last { "└─ " } else { "├─ " });
        let below = format!("{indent}{}", if is_last { "   " } else { "│  " });
        let rest = format!("{below}{}", if step.steps.is_empty() { "  " } else { "│ " });
        page.line(|line| {
            line.push(Ink::Dim, &branch);
            step_line(line, step);
        })?;
        if step.kind != StepKind::Event {
            payload(page, &rest, "in ", step.input.as_ref())?;
            payload(page, &rest, "out", step.output.as_ref())?;
        }
        let calls: Vec<String> = step.tool_calls.iter().map(figures::request).collect();
        listed(page, &rest, "→ calls ", &calls)?;
        listed(page, &rest, "→ ran ", &step.server_tools)?;
        failure(page, &rest, step.error.as_ref())?;
        self::steps(page, &below, &step.steps)?;
    }
    Ok(())
}

fn step_line(line: &mut page::Line, step: &Step) {
    if step.kind == StepKind::Event {
        line.push(Ink::Dim, "· ");
        line.push(Ink::Dim, &step.label);
        line.push(Ink::Plain, &prefixed(" ", &step.name));
        if let Some(said) = &step.output {
            line.push(Ink::Plain, &prefixed(": ", &said.text));
        }
        attributes(line, &step.attributes);
        return;
    }
    status(line, &step.status);
    let (label, ink) = match step.kind {
        StepKind::Model => ("llm", Ink::Model),
        StepKind::Tool => ("tool", Ink::Tool),
        _ => (step.label.as_str(), Ink::Dim),
    };
    line.push(ink, label);
    if step.name != label {
        let gap = if label.is_empty() { "" } else { " " };
        line.push(Ink::Bold, &prefixed(gap, &step.name));
    }
    if let Some(provider) = &step.provider
        && !step.name.starts_with(provider.as_str())
    {
        line.item(Ink::Model, provider);
    }
    line.item(Ink::Model, &figures::models(step));
    for figure in figures_of(step) {
        line.item(Ink::Plain, &figure);
    }
    if step.status != Status::Ok {
        line.item(ink_of(&step.status), &step.status.to_string());
    }
    for lack in figures::lacks_of(step) {
        line.item(Ink::Warning, &lack);
    }
    cut(line, &step.truncated);
    attributes(line, &step.attributes);
}

/// Says what was too long to be recorded whole.
fn cut(line: &mut page::Line, truncated: &[String]) {
    if !truncated.is_empty() {
        line.item(Ink::Warning, &format!("{} cut", truncated.join(", ")));
    }
}

fn listed(page: &mut Page<'_, '_>, indent: &str, what: &str, items: &[String]) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    page.line(|line| {
        line.push(Ink::Dim, indent);
        line.push(Ink::Dim, what);
        line.push(Ink::Plain, &items.join(", "));
    })
}

fn payload(
    page: &mut Page<'_, '_>,
    indent: &str,
    what: &str,
    preview: Option<&Preview>,
) -> fmt::Result {
    let Some(preview) = preview.filter(|preview| !preview.text.trim().is_empty()) else {
        return Ok(());
    };
    page.line(|line| {
        line.push(Ink::Dim, indent);
        line.push(Ink::Dim, what);
        line.push(Ink::Dim, " ");
        // An answer is the assistant's anyway.
        if let Some(role) = preview.role.as_deref().filter(|role| *role != "assistant") {
            line.push(Ink::Dim, &format!("{role}: "));
        }
        line.push(Ink::Plain, &preview.text);
    })
}

fn failure(
    page: &mut Page<'_, '_>,
    indent: &str,
    error: Option<&super::model::RecordedError>,
) -> fmt::Result {
    let Some(error) = error else { return Ok(()) };
    page.line(|line| {
        line.push(Ink::Dim, indent);
        let kind = error.kind.as_deref().unwrap_or("error");
        let status = error.status.map(|status| status.to_string());
        let facts = [Some(kind), status.as_deref(), error.code.as_deref()];
        let facts: Vec<&str> = facts.into_iter().flatten().collect();
        line.push(Ink::Bad, &facts.join(" "));
        line.push(Ink::Bad, &prefixed(": ", &error.message));
        for source in &error.sources {
            line.push(Ink::Bad, &prefixed(": ", source));
        }
        if let Some(said) = &error.provider_message {
            line.push(Ink::Bad, &prefixed(": ", said));
        }
    })
}

fn attributes(line: &mut page::Line, attributes: &serde_json::Map<String, serde_json::Value>) {
    for (key, value) in attributes {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        line.item(Ink::Dim, &format!("{key}={value}"));
    }
}

fn status(line: &mut page::Line, status: &Status) {
    let mark = match status {
        Status::Ok => "✓ ",
        Status::Failed => "✗ ",
        Status::Cancelled | Status::Interrupted => "⊘ ",
        Status::Unfinished => "… ",
        Status::Other(_) => "• ",
    };
    line.push(ink_of(status), mark);
}

fn ink_of(status: &Status) -> Ink {
    match status {
        Status::Ok => Ink::Good,
        Status::Failed => Ink::Bad,
        _ => Ink::Warning,
    }
}

fn prefixed(prefix: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{prefix}{text}")
    }
}
