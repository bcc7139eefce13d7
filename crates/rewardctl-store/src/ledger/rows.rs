//! Statements about many rows, written in a few sizes, so that SQLite compiles each of them once: the text of one that
//! fits its rows would be new to nearly every commit.
//!
//! The rows that a statement has too many stay NULL, and whoever writes it sees to it that such a row is no row: `OR
//! IGNORE` passes over one that breaks a `NOT NULL` of its table, and NULL equals nothing in a join.

/// The most rows of one statement; more rows take several.
pub(super) const MOST_ROWS: usize = 64;

/// How often 1 can be doubled up to [`MOST_ROWS`], and once more for 1 itself.
pub(super) const SIZES: usize = MOST_ROWS.ilog2() as usize + 1;

/// One statement in all its sizes: 1, 2, 4 and so on rows.
pub(super) struct ManyRows([String; SIZES]);

impl ManyRows {
    /// Writes a statement that says `before`, then the places of its rows, each of so many `columns`, then `after`.
    pub fn new(before: &str, columns: usize, after: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        Self(std::array::from_fn(|size| {
            let rows = vec![row.as_str(); 1 << size].join(",");
            format!("{before}VALUES {rows}{after}")
        }))
    }

    /// Returns the text that has room for `rows` rows, of which there are 1 to [`MOST_ROWS`].
    pub fn for_rows(&self, rows: usize) -> &str {
        let size = rows.next_power_of_two().ilog2() as usize;
        &self.0[size.min(SIZES - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_room_for_its_rows() {
        let statement = ManyRows::new("INSERT INTO t ", 2, " RETURNING a");
        assert_eq!(statement.for_rows(1), "INSERT INTO t VALUES (?,?) RETURNING a");
        assert_eq!(statement.for_rows(2), "INSERT INTO t VALUES (?,?),(?,?) RETURNING a");
        for rows in 1..=MOST_ROWS {
            let places = statement.for_rows(rows).matches("(?,?)").count();
            assert!(rows <= places && places < 2 * rows, "{rows} rows, {places} places");
        }
    }
}
