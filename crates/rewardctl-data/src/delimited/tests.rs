use std::io::{BufReader, Cursor};

use proptest::prelude::*;

use super::*;
use crate::fields::ReadSettings;
use crate::format::{Compression, Format};

fn rows(text: &[u8], chunk: usize) -> Vec<Vec<String>> {
    let stream = Box::new(BufReader::with_capacity(chunk, Cursor::new(text.to_vec())));
    let source = Source {
        path: "f".into(),
        label: "f".into(),
        format: Format::Csv,
        compression: Compression::None,
        separator: b',',
        settings: ReadSettings::default(),
    };
    let mut cells = Cells::new(stream, &source).unwrap();
    let mut rows = vec![];
    while let Some(row) = cells.next_record() {
        let fields = row.unwrap_or_else(|bad| panic!("{bad:?}")).fields;
        rows.push(fields.values().map(|value| value.as_str().unwrap().to_string()).collect());
    }
    rows
}

proptest! {
    #[test]
    fn reads_what_the_csv_crate_writes(
        table in prop::collection::vec(prop::collection::vec("[a,\"\n\r é]{0,5}", 2), 0..6),
        chunk in 1usize..20,
    ) {
        let mut writer = csv::Writer::from_writer(vec![]);
        writer.write_record(["one", "two"]).unwrap();
        table.iter().for_each(|row| writer.write_record(row).unwrap());
        prop_assert_eq!(rows(&writer.into_inner().unwrap(), chunk), table);
    }

    #[test]
    fn the_csv_crate_reads_what_is_written(row in prop::collection::vec("[a,\"\n\r é]{0,5}", 2..4)) {
        let mut text = vec![];
        write_record(&mut text, &row);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
        let read = reader.records().next().unwrap().unwrap();
        prop_assert_eq!(read.iter().collect::<Vec<_>>(), row);
    }
}

#[test]
fn quotes_inside_plain_cells_are_text() {
    assert_eq!(
        rows(b"one,two\r\n5\" pipe,a \"b\" c\r\n\r\n\"\",\"x\"\"y\"", 3),
        [["5\" pipe", "a \"b\" c"], ["", "x\"y"]]
    );
}
