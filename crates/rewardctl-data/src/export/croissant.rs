//! The description of a dataset in Croissant 1.0: <https://docs.mlcommons.org/croissant/docs/croissant-spec.html>.
//!
//! Every file with its hash, and for each part of the dataset the fields of its rows with the column that they come
//! from. A part of several files is described file by file.

use serde_json::{Value, json};

use crate::export::schema::{Column, Type};
use crate::export::written::{DataFile, Written};

/// Returns the text of `croissant.json`.
pub(crate) fn description(written: &Written) -> String {
    let described = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "name": written.name(),
        "description": format!("A dataset of kind {}, written by rewardctl.", written.kind),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "distribution": written.files.iter().map(|file| distribution(written, file)).collect::<Value>(),
        "recordSet": written.files.iter().map(|file| record_set(written, file)).collect::<Value>(),
    });
    format!("{described:#}\n")
}

fn distribution(written: &Written, file: &DataFile) -> Value {
    let path = within(written, file);
    json!({
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": format!("{} B", file.bytes),
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    })
}

/// Named after the part of the dataset; after the file, where the part has several.
fn record_set(written: &Written, file: &DataFile) -> Value {
    let split = file.split.map_or("train", |split| split.name());
    let files = written.files.iter().filter(|other| other.split == file.split).count();
    let id = match files {
        1 => split.to_owned(),
        _ => file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let path = within(written, file);
    let fields: Value = written.columns.iter().map(|column| field(&id, &path, column)).collect();
    json!({"@type": "cr:RecordSet", "@id": id, "name": id, "field": fields})
}

fn field(parent: &str, path: &str, column: &Column) -> Value {
    let id = format!("{parent}/{}", column.name);
    let mut field = json!({"@type": "cr:Field", "@id": id, "name": id});
    let (each, repeated) = match column.holds {
        Type::List(each) => (*each, true),
        other => (other, false),
    };
    if repeated {
        field["repeated"] = true.into();
    }
    match each {
        Type::Object(fields) => {
            field["subField"] = fields.iter().map(|sub| sub_field(&id, path, column, sub)).collect();
        }
        scalar => {
            field["dataType"] = data_type(&scalar).into();
            field["source"] = json!({"fileObject": {"@id": path}, "extract": {"column": column.name}});
        }
    }
    field
}

fn sub_field(parent: &str, path: &str, column: &Column, sub: &Column) -> Value {
    let id = format!("{parent}/{}", sub.name);
    json!({
        "@type": "cr:Field",
        "@id": id,
        "name": id,
        "dataType": data_type(&sub.holds),
        "source": {
            "fileObject": {"@id": path}, "extract": {"column": column.name}, "transform": {"jsonPath": sub.name},
        },
    })
}

fn data_type(holds: &Type) -> &'static str {
    match holds {
        Type::Float => "cr:Float64",
        Type::Int => "cr:Int64",
        Type::Bool => "sc:Boolean",
        _ => "sc:Text",
    }
}

fn within(written: &Written, file: &DataFile) -> String {
    file.path.strip_prefix(&written.out).unwrap_or(&file.path).to_string_lossy().into_owned()
}

/// The standard's own context, word for word: readers find no source of a field without it.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "equivalentProperty": "cr:equivalentProperty",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileProperty": "cr:fileProperty",
        "fileObject": "cr:fileObject",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
