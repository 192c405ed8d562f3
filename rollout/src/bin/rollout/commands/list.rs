//! `rollout list`: runs in lines.

use super::filter::FilterArgs;
use super::json::RunLine;
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::Prices;
use crate::screen::{Ink, Screen, cut, inert, ink_of};
use crate::store::{Row, Store};
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

/// The columns, of which the last is as wide as it likes.
const TITLES: [&str; 8] = [
    "NAME", "STARTED", "DURATION", "MODELS", "TOKENS", "COST", "ERRORS", "ID",
];

fn table(rows: &[Row], prices: &Prices, screen: &mut Screen) -> Result<(), Failure> {
    let cells: Vec<[String; 8]> = rows.iter().map(|row| cells(row, prices)).collect();
    let widths: Vec<usize> = (0..TITLES.len())
        .map(|column| {
            let of = |row: &[String; 8]| row.get(column).map_or(0, |cell| cell.chars().count());
            let title = TITLES.get(column).map_or(0, |title| title.len());
            cells.iter().map(of).max().unwrap_or(0).max(title)
        })
        .collect();
    let title = format!("  {}", padded(&TITLES, &widths));
    let title = screen.ink(Ink::Dim, title.trim_end());
    screen.line(&title)?;
    for (row, cells) in rows.iter().zip(&cells) {
        let mark = screen.ink(ink_of(&row.status), mark(&row.status));
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let line = padded(&cells, &widths);
        let line = format!("{mark} {}", line.trim_end());
        screen.line(&line)?;
    }
    Ok(())
}

fn padded<T: AsRef<str>>(cells: &[T], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = cell.as_ref();
        line.push_str(cell);
        let gap = width.saturating_sub(cell.chars().count()) + 2;
        line.extend(std::iter::repeat_n(' ', gap));
    }
    line
}

fn cells(row: &Row, prices: &Prices) -> [String; 8] {
    let mut models: Vec<&str> = row.models.iter().map(String::as_str).collect();
    let more = models.len().saturating_sub(2);
    models.truncate(2);
    let mut models = cut(&inert(&models.join(", ")), 40);
    if more > 0 {
        let _ = write!(models, " +{more}");
    }
    let status = match row.status.as_str() {
        "ok" | "failed" => String::new(),
        status => format!(" ({})", inert(status)),
    };
    [
        format!("{}{status}", cut(&inert(&row.name), 32)),
        row.started.map(words::moment).unwrap_or_default(),
        row.duration.map(words::duration).unwrap_or_default(),
        models,
        words::tokens(&row.tokens),
        words::cost(&prices.sum(&row.calls)),
        if row.errors > 0 {
            row.errors.to_string()
        } else {
            String::new()
        },
        short(&row.id),
    ]
}

/// Returns the beginning of an id, by which the run is found.
pub(crate) fn short(id: &str) -> String {
    let id = id.strip_prefix("trace_").unwrap_or(id);
    inert(&id.chars().take(13).collect::<String>())
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
