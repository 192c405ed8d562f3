//! `rollout list`: runs in lines.

use super::filter::FilterArgs;
use super::json::RunLine;
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::Prices;
use crate::screen::{Ink, Screen, cut, inert, ink_of};
use crate::store::{Row, Store, Tokens};
use crate::table::{Column, Remedy, Table};
use crate::words;
use std::fmt::Write as _;

/// What `rollout list` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// No more than so many; 0 for all
    #[arg(long, short = 'n', default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    filter: FilterArgs,
    /// A JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ListArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let filter = args.filter.filter()?;
    let store = place.open()?;
    let prices = Prices::load(&place.dir)?;
    let limit = if args.limit == 0 {
        usize::MAX
    } else {
        args.limit
    };
    let rows = if filter.is_open() && limit < store.heads().len() {
        newest(&store, limit)?
    } else {
        let mut rows = store.rows()?;
        rows.retain(|row| filter.matches(row));
        rows.truncate(limit);
        rows
    };
    if args.json {
        for row in &rows {
            screen.json(&RunLine::of(row, &prices))?;
        }
        return Ok(());
    }
    if rows.is_empty() {
        return Err(Failure::nothing("no run is like that"));
    }
    table(&rows, &prices, screen)?;
    let all = store.heads().len();
    if filter.is_open() && all > rows.len() {
        let all = words::count(all as u64);
        let line = format!("{} of {all}: `--limit 0` shows all", rows.len());
        let line = screen.ink(Ink::Dim, &line);
        screen.line(&line)?;
    }
    Ok(())
}

/// Returns the newest rows, without a look at the others.
fn newest(store: &Store, limit: usize) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for head in store.heads() {
        // Not everything that is told of is a run.
        rows.extend(store.rows_of(head)?);
        if rows.len() >= limit {
            break;
        }
    }
    rows.truncate(limit);
    Ok(rows)
}

/// Where columns stand.
const NAME: usize = 0;
const STARTED: usize = 1;
const MODELS: usize = 3;
const TOKENS: usize = 4;
const COST: usize = 5;
const ERRORS: usize = 6;
const ID: usize = 7;

/// What a run is about is worth so much room, which other columns give if they can say the same in less.
const ROOM: usize = 40;
/// With less room than this, what a run is about is not told.
const LEAST: usize = 20;

fn table(rows: &[Row], prices: &Prices, screen: &mut Screen) -> Result<(), Failure> {
    let cells = |of: &dyn Fn(&Row) -> String| rows.iter().map(of).collect::<Vec<String>>();
    let started = |row: &Row| row.started.map(words::moment).unwrap_or_default();
    let duration = |row: &Row| row.duration.map(words::duration).unwrap_or_default();
    let mut table = Table::new(vec![
        Column::text("NAME", cells(&|row| name(row, 32))),
        Column::text("STARTED", cells(&started)),
        Column::text("DURATION", cells(&duration)),
        Column::text("MODELS", cells(&models)),
        Column::text("TOKENS", cells(&|row| words::tokens(&row.tokens))),
        Column::text("COST", cells(&|row| words::cost(&prices.sum(&row.calls)))),
        Column::text("ERRORS", cells(&errors)),
        Column::text("ID", cells(&|row| short(&row.id))),
    ]);
    if screen.has_width {
        // Before them stands the mark.
        fit(&mut table, rows, screen.width.saturating_sub(2));
    }
    let marks = rows
        .iter()
        .map(|row| screen.ink(ink_of(&row.status), mark(&row.status)));
    let marks: Vec<String> = marks.collect();
    let lines = table.lines();
    let mut lines = lines.iter();
    let titles = lines.next().map(|titles| format!("  {titles}"));
    screen.line(&screen.ink(Ink::Dim, &titles.unwrap_or_default()))?;
    for (mark, line) in marks.iter().zip(lines) {
        screen.line(&format!("{mark} {line}"))?;
    }
    Ok(())
}

/// Makes it fit into so many characters, and tells what runs are about where there is room for that.
fn fit(table: &mut Table, rows: &[Row], width: usize) {
    let cells = |of: &dyn Fn(&Row) -> String| rows.iter().map(of).collect::<Vec<String>>();
    let now = words::now();
    let age = |at: i64| words::age(now.saturating_sub(at));
    let age = |row: &Row| row.started.map(age).unwrap_or_default();
    let fewer = |row: &Row| {
        words::tokens(&Tokens {
            cached: None,
            ..row.tokens
        })
    };
    table.fit(
        width.saturating_sub(ROOM),
        [
            Remedy::HideEmpty,
            Remedy::Replace(ID, "ID", cells(&|row| shorter(&row.id, 8))),
            Remedy::Replace(STARTED, "AGE", cells(&age)),
            Remedy::Cut(MODELS, 24),
            Remedy::Replace(NAME, "NAME", cells(&|row| name(row, 24))),
        ],
    );
    table.fit(
        width,
        [
            Remedy::Replace(ERRORS, "ERR", cells(&errors)),
            Remedy::Cut(MODELS, 18),
            Remedy::Replace(NAME, "NAME", cells(&|row| name(row, 18))),
            Remedy::Replace(TOKENS, "TOKENS", cells(&fewer)),
            Remedy::Replace(NAME, "NAME", cells(&|row| name(row, 12))),
            Remedy::Hide(MODELS),
            Remedy::Hide(TOKENS),
            Remedy::Hide(STARTED),
            Remedy::Hide(COST),
        ],
    );
    let about = cells(&|row| inert(row.about.as_deref().unwrap_or_default()));
    table.add_if_room(width, LEAST, Column::text("ABOUT", about));
}

fn errors(row: &Row) -> String {
    match row.errors {
        0 => String::new(),
        errors => words::count(errors),
    }
}

fn name(row: &Row, longest: usize) -> String {
    let status = match row.status.as_str() {
        "ok" | "failed" => String::new(),
        status => format!(" ({})", inert(status)),
    };
    format!("{}{status}", cut(&inert(&row.name), longest))
}

fn models(row: &Row) -> String {
    let mut models: Vec<&str> = row.models.iter().map(String::as_str).collect();
    let more = models.len().saturating_sub(2);
    models.truncate(2);
    let mut models = cut(&inert(&models.join(", ")), 40);
    if more > 0 {
        let _ = write!(models, " +{more}");
    }
    models
}

/// Returns the beginning of an id, by which the run is found.
pub(crate) fn short(id: &str) -> String {
    shorter(id, 13)
}

fn shorter(id: &str, digits: usize) -> String {
    let id = id.strip_prefix("trace_").unwrap_or(id);
    inert(&id.chars().take(digits).collect::<String>())
}

pub(crate) fn mark(status: &str) -> &'static str {
    match status {
        "ok" => "✓",
        "failed" => "✗",
        "cancelled" | "interrupted" => "⊘",
        "unfinished" => "…",
        _ => "•",
    }
}
