use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, StringArray, StringViewArray, StructArray};
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;
use parquet::basic::ZstdLevel;
use parquet::file::properties::WriterProperties;

use super::*;

fn packed(codec: Compression) -> Vec<u8> {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["some text, some text, some text"]));
    let batch = RecordBatch::try_from_iter([("text", text)]).unwrap();
    let properties = WriterProperties::builder().set_compression(codec).build();
    let mut writer = ArrowWriter::try_new(vec![], batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn open(content: &[u8]) -> Result<ParquetRows, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.parquet");
    fs::write(&path, content).unwrap();
    ParquetRows::open(&path, Path::new("f.parquet"), 1000)
}

#[test]
fn the_usual_codecs_are_read() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for codec in codecs {
        let mut rows = open(&packed(codec)).unwrap();
        let row = rows.next_record().unwrap().unwrap();
        assert_eq!(row.fields["text"], "some text, some text, some text", "{codec}");
    }
}

#[test]
fn another_codec_is_named() {
    // In Thrift, field 4 of a column's metadata is the codec: 6 is zstd, 4 brotli, doubled by the encoding.
    let zstd = [0x15, 6 * 2, 0x16];
    let mut file = packed(Compression::ZSTD(ZstdLevel::default()));
    let place = file.windows(3).rposition(|window| window == zstd).unwrap();
    file[place + 1] = 4 * 2;
    let error = open(&file).err().unwrap();
    assert_eq!(error.to_string(), "`f.parquet` is a Parquet file packed with brotli, which is not read");
    assert!(error.hint().contains("zstd or snappy"), "{}", error.hint());
}

#[test]
fn types_that_loaders_refuse_are_named() {
    let plain: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let view: ArrayRef = Arc::new(StringViewArray::from(vec!["a"]));
    let large: ArrayRef = Arc::new(LargeStringArray::from(vec!["a"]));
    let inner = Arc::new(Field::new("x", DataType::LargeUtf8, false));
    let nested: ArrayRef = Arc::new(StructArray::from(vec![(inner, large.clone())]));
    let columns = [("plain", plain), ("view", view), ("large", large), ("nested", nested)];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(vec![], batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.parquet");
    fs::write(&path, writer.into_inner().unwrap()).unwrap();
    let refused = refused_columns(&path, Path::new("f.parquet")).unwrap();
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["view", "nested.x"]);
}
