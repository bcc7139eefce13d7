//! Writes ONNX graphs: what a fit found becomes a file that any ONNX runtime can serve.
//!
//! Only the part of the ONNX messages that rewardctl writes is declared, with the tags of onnx.proto3.
//! The same calls give the same bytes.

use prost::Message;

use crate::signature::{Element, Port};

/// The ONNX file format, and the operators, that every ONNX Runtime since 1.13 knows.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;

/// A graph in the making.
#[derive(Debug)]
pub struct GraphBuilder {
    graph: GraphMessage,
    metadata: Vec<EntryMessage>,
}

/// The value of a node's attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Attribute<'a> {
    /// An integer, such as `axis`.
    Int(i64),
    /// A number, such as `alpha`.
    Float(f32),
    /// Integers, such as `perm`.
    Ints(&'a [i64]),
}

impl GraphBuilder {
    /// Starts the graph `name`.
    pub fn new(name: &str) -> Self {
        Self { graph: GraphMessage { name: name.into(), ..GraphMessage::default() }, metadata: vec![] }
    }

    /// Declares an input.
    pub fn input(&mut self, port: &Port) {
        self.graph.input.push(value_info(port));
    }

    /// Declares an output; a node must write it.
    pub fn output(&mut self, port: &Port) {
        self.graph.output.push(value_info(port));
    }

    /// Adds a constant of 32-bit floats in row-major order; `dims` is empty for a scalar.
    pub fn floats(&mut self, name: &str, dims: &[i64], values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, dims, FLOAT, bytes);
    }

    /// Adds a constant of 64-bit floats in row-major order; `dims` is empty for a scalar.
    pub fn doubles(&mut self, name: &str, dims: &[i64], values: &[f64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, dims, DOUBLE, bytes);
    }

    /// Adds a constant of 64-bit integers in row-major order; `dims` is empty for a scalar.
    pub fn ints(&mut self, name: &str, dims: &[i64], values: &[i64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, dims, INT64, bytes);
    }

    /// Adds a node. Nodes run in the order in which they are added.
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        self.graph.node.push(NodeMessage {
            input: inputs.iter().map(|name| name.to_string()).collect(),
            output: outputs.iter().map(|name| name.to_string()).collect(),
            name: outputs.first().map(|name| name.to_string()).unwrap_or_default(),
            op_type: operator.into(),
            attribute: attributes.iter().map(|(name, value)| attribute(name, *value)).collect(),
        });
    }

    /// Adds a fact that travels in the file.
    pub fn metadata(&mut self, key: &str, value: &str) {
        self.metadata.push(EntryMessage { key: key.into(), value: value.into() });
    }

    /// Returns the ONNX file.
    pub fn finish(self) -> Vec<u8> {
        let model = ModelMessage {
            ir_version: IR_VERSION,
            producer_name: "rewardctl".into(),
            graph: Some(self.graph),
            opset_import: vec![OpsetMessage { domain: String::new(), version: OPSET }],
            metadata_props: self.metadata,
        };
        model.encode_to_vec()
    }

    fn constant(&mut self, name: &str, dims: &[i64], data_type: i32, raw_data: Vec<u8>) {
        self.graph.initializer.push(TensorMessage {
            dims: dims.to_vec(),
            data_type,
            name: name.into(),
            raw_data,
        });
    }
}

fn value_info(port: &Port) -> ValueInfoMessage {
    let elem_type = match port.element {
        Element::F32 => FLOAT,
        Element::I64 => INT64,
        // ONNX Runtime refuses an undefined type when it loads the graph.
        Element::Other(_) => 0,
    };
    let dim = port.dims.iter().enumerate().map(|(axis, length)| dimension(axis, *length)).collect();
    let tensor = TensorTypeMessage { elem_type, shape: Some(ShapeMessage { dim }) };
    ValueInfoMessage { name: port.name.clone(), r#type: Some(TypeMessage { tensor_type: Some(tensor) }) }
}

/// Any length has a name by its axis: the ports of one graph hold the same rows, and without it ONNX Runtime gives each node
/// a length of its own, and takes four times as long to load the graph.
fn dimension(axis: usize, length: Option<i64>) -> DimMessage {
    let dim_param = length.is_none().then(|| format!("axis{axis}"));
    DimMessage { dim_value: length, dim_param }
}

fn attribute(name: &str, value: Attribute<'_>) -> AttributeMessage {
    let empty = AttributeMessage { name: name.into(), ..AttributeMessage::default() };
    match value {
        Attribute::Float(value) => AttributeMessage { f: Some(value), r#type: 1, ..empty },
        Attribute::Int(value) => AttributeMessage { i: Some(value), r#type: 2, ..empty },
        Attribute::Ints(values) => AttributeMessage { ints: values.to_vec(), r#type: 7, ..empty },
    }
}

/// `TensorProto.DataType` of the types that graphs hold.
const FLOAT: i32 = 1;
const INT64: i32 = 7;
const DOUBLE: i32 = 11;

#[derive(Clone, PartialEq, Message)]
struct ModelMessage {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphMessage>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OpsetMessage>,
    #[prost(message, repeated, tag = "14")]
    metadata_props: Vec<EntryMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct OpsetMessage {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, Message)]
struct EntryMessage {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct GraphMessage {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeMessage>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorMessage>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfoMessage>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfoMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeMessage {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeMessage>,
}

// The numbers are optional, so that an explicit 0 is written.
#[derive(Clone, PartialEq, Message)]
struct AttributeMessage {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(float, optional, tag = "2")]
    f: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    i: Option<i64>,
    #[prost(int64, repeated, tag = "8")]
    ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    r#type: i32,
}

#[derive(Clone, PartialEq, Message)]
struct TensorMessage {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueInfoMessage {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    r#type: Option<TypeMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeMessage {
    #[prost(message, optional, tag = "1")]
    tensor_type: Option<TensorTypeMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorTypeMessage {
    #[prost(int32, tag = "1")]
    elem_type: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<ShapeMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct ShapeMessage {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<DimMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct DimMessage {
    #[prost(int64, optional, tag = "1")]
    dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    dim_param: Option<String>,
}

#[cfg(test)]
mod tests;
