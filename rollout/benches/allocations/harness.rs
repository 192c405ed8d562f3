//! Counts allocations of two ways of doing the same work, and prints what one of them has more.

pub(crate) struct Table {
    only: Option<String>,
    rows: Vec<(String, f64, f64)>,
}

/// One side of a comparison.
pub(crate) struct Side<'a> {
    work: Box<dyn FnMut(usize) + 'a>,
    settle: Box<dyn FnMut() + 'a>,
}

impl<'a> Side<'a> {
    pub(crate) fn new(work: impl FnMut(usize) + 'a) -> Self {
        Self {
            work: Box::new(work),
            settle: Box::new(|| {}),
        }
    }

    /// Waits for what goes on in the background, uncounted.
    pub(crate) fn settled_by(mut self, settle: impl FnMut() + 'a) -> Self {
        self.settle = Box::new(settle);
        self
    }

    fn count(&mut self, times: usize) -> (f64, f64) {
        (self.work)(times);
        (self.settle)();
        let info = allocation_counter::measure(|| (self.work)(times));
        (self.settle)();
        (info.count_total as f64, info.bytes_total as f64)
    }
}

impl Table {
    pub(crate) fn new(_: usize, only: Option<String>) -> Self {
        Self {
            only,
            rows: Vec::new(),
        }
    }

    /// Compares two sides, each doing `times` pieces of work. `per` divides a piece, where it consists
    /// of as many.
    pub(crate) fn compare(
        &mut self,
        name: &str,
        times: usize,
        per: usize,
        mut baseline: Side<'_>,
        mut subject: Side<'_>,
    ) {
        if self.only.as_ref().is_some_and(|only| !name.contains(only)) {
            return;
        }
        let pieces = (times * per) as f64;
        let (before, after) = (baseline.count(times), subject.count(times));
        self.rows.push((
            name.to_owned(),
            (after.0 - before.0) / pieces,
            (after.1 - before.1) / pieces,
        ));
    }

    pub(crate) fn print(&self) {
        println!("{:<62} {:>7} {:>9}", "", "allocs", "bytes");
        for (name, count, bytes) in &self.rows {
            println!("{name:<62} {count:>7.1} {bytes:>9.0}");
        }
    }
}
