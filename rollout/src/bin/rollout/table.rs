//! Columns of text, as wide as what is in them, or as what they are looked at in.

/// Between two columns.
const GAP: usize = 2;

/// Lines of cells under titles.
#[derive(Debug, Default)]
pub(crate) struct Table {
    columns: Vec<Column>,
}

/// A column; one that is hidden keeps its place.
#[derive(Debug)]
pub(crate) struct Column {
    title: &'static str,
    cells: Vec<String>,
    is_number: bool,
    is_hidden: bool,
}

/// What may be done to a table that is too wide. Columns are named by their places.
#[derive(Debug)]
pub(crate) enum Remedy {
    /// Titles alone say nothing.
    HideEmpty,
    Hide(usize),
    /// Leaves so many characters of each cell.
    Cut(usize, usize),
    /// Says the same in fewer words.
    Replace(usize, &'static str, Vec<String>),
}

impl Column {
    /// Returns a column that begins at the left.
    pub(crate) fn text(title: &'static str, cells: Vec<String>) -> Self {
        Self {
            title,
            cells,
            is_number: false,
            is_hidden: false,
        }
    }

    /// Returns a column that ends at the right.
    pub(crate) fn number(title: &'static str, cells: Vec<String>) -> Self {
        Self {
            is_number: true,
            ..Self::text(title, cells)
        }
    }

    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).max(self.title.len())
    }

    /// Returns a cell of it, or its title, as wide as all of them.
    fn padded(&self, cell: &str) -> String {
        let gap = " ".repeat(self.width().saturating_sub(cell.chars().count()));
        if self.is_number {
            format!("{gap}{cell}")
        } else {
            format!("{cell}{gap}")
        }
    }
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns }
    }

    fn shown(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.is_hidden)
    }

    pub(crate) fn width(&self) -> usize {
        let widths = self.shown().map(|column| column.width() + GAP);
        widths.sum::<usize>().saturating_sub(GAP)
    }

    /// Applies remedies, one after the other, until it is no wider than this.
    pub(crate) fn fit(&mut self, width: usize, remedies: impl IntoIterator<Item = Remedy>) {
        for remedy in remedies {
            if self.width() <= width {
                return;
            }
            self.apply(remedy);
        }
    }

    pub(crate) fn apply(&mut self, remedy: Remedy) {
        match remedy {
            Remedy::HideEmpty => {
                for column in &mut self.columns {
                    column.is_hidden |= column.cells.iter().all(String::is_empty);
                }
            }
            Remedy::Hide(place) => {
                if let Some(column) = self.columns.get_mut(place) {
                    column.is_hidden = true;
                }
            }
            Remedy::Cut(place, longest) => {
                if let Some(column) = self.columns.get_mut(place) {
                    for cell in &mut column.cells {
                        *cell = crate::screen::cut(cell, longest);
                    }
                }
            }
            Remedy::Replace(place, title, cells) => {
                if let Some(column) = self.columns.get_mut(place) {
                    (column.title, column.cells) = (title, cells);
                }
            }
        }
    }

    /// Adds a column where there is at least so much room for it, and cuts what has none.
    pub(crate) fn add_if_room(&mut self, width: usize, least: usize, column: Column) {
        let room = width.saturating_sub(self.width() + GAP);
        if room >= least && column.cells.iter().any(|cell| !cell.is_empty()) {
            self.columns.push(column);
            self.apply(Remedy::Cut(self.columns.len() - 1, room));
        }
    }

    /// Returns the titles, and then the lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let titles = self.shown().map(|column| column.padded(column.title));
        let mut lines = vec![joined(titles)];
        let count = self.columns.iter().map(|column| column.cells.len()).max();
        for line in 0..count.unwrap_or(0) {
            let cell = |column: &Column| {
                let cell = column.cells.get(line).map_or("", String::as_str);
                column.padded(cell)
            };
            lines.push(joined(self.shown().map(cell)));
        }
        lines
    }
}

fn joined(cells: impl Iterator<Item = String>) -> String {
    let line = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let cells = |texts: [&str; 2]| texts.map(str::to_owned).into();
        Table::new(vec![
            Column::text("NAME", cells(["support", "é"])),
            Column::number("CALLS", cells(["12", "1,000"])),
            Column::text("NOTE", cells(["", ""])),
        ])
    }

    #[test]
    fn texts_begin_and_numbers_end_at_the_same_place() {
        assert_eq!(
            table().lines(),
            ["NAME     CALLS  NOTE", "support     12", "é        1,000"]
        );
    }

    #[test]
    fn remedies_are_applied_as_far_as_they_are_needed() {
        let fitted = |width| {
            let mut table = table();
            table.fit(
                width,
                [Remedy::HideEmpty, Remedy::Cut(0, 5), Remedy::Hide(1)],
            );
            assert!(table.width() <= width);
            table.lines()
        };
        assert_eq!(fitted(40), table().lines());
        assert_eq!(fitted(14)[1], "support     12");
        assert_eq!(fitted(12)[1], "supp…     12");
        assert_eq!(fitted(5), ["NAME", "supp…", "é"]);
    }

    #[test]
    fn what_there_is_room_for_is_added_and_cut() {
        let about = || Column::text("ABOUT", vec!["a long story".into(), String::new()]);
        let mut wide = table();
        wide.apply(Remedy::HideEmpty);
        wide.add_if_room(24, 8, about());
        assert_eq!(wide.lines()[1], "support     12  a long …");
        let mut narrow = table();
        narrow.add_if_room(24, 8, about());
        assert_eq!(narrow.lines(), table().lines());
    }
}
