//! What a graph reads and gives, and whether that fits what the program has for it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the numbers of a tensor are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Element {
    /// 32-bit floating point, `f32`.
    F32,
    /// 64-bit integer, `i64`.
    I64,
    /// Anything else, under ONNX Runtime's name for it; such ports can be described but not run.
    Other(String),
}

/// One input or output of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Its name in the graph.
    pub name: String,
    /// What its numbers are.
    pub element: Element,
    /// Its dimensions; None, written as -1, where any length goes.
    #[serde(with = "dims")]
    pub dims: Vec<Option<i64>>,
}

/// The inputs and outputs of a graph, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What it reads.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
}

/// The first port that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// An input or output that is needed is not there.
    Missing {
        /// `input` or `output`.
        side: &'static str,
        /// What is needed.
        needed: Port,
        /// The names that are there.
        found: Vec<String>,
    },
    /// An input or output has another type or shape.
    Different {
        /// `input` or `output`.
        side: &'static str,
        /// What is needed.
        needed: Port,
        /// What is there.
        found: Port,
    },
    /// The graph asks for an input that the program does not have.
    Unknown {
        /// The input.
        found: Port,
    },
}

impl Port {
    /// Returns the port `name` of 32-bit floats.
    pub fn f32(name: &str, dims: &[Option<i64>]) -> Self {
        Self { name: name.into(), element: Element::F32, dims: dims.into() }
    }

    /// Returns the port `name` of 64-bit integers.
    pub fn i64(name: &str, dims: &[Option<i64>]) -> Self {
        Self { name: name.into(), element: Element::I64, dims: dims.into() }
    }
}

impl Signature {
    /// Tells what keeps a graph with the signature `found` from standing in for this one.
    ///
    /// It must have every port, may have more outputs, and may accept any length where this one fixes it.
    pub fn check(&self, found: &Signature) -> Result<(), Box<Mismatch>> {
        for needed in &self.inputs {
            check_port("input", needed, &found.inputs)?;
        }
        for needed in &self.outputs {
            check_port("output", needed, &found.outputs)?;
        }
        let is_known = |input: &&Port| self.inputs.iter().any(|known| known.name == input.name);
        match found.inputs.iter().find(|input| !is_known(input)) {
            Some(unknown) => Err(Box::new(Mismatch::Unknown { found: unknown.clone() })),
            None => Ok(()),
        }
    }
}

fn check_port(side: &'static str, needed: &Port, ports: &[Port]) -> Result<(), Box<Mismatch>> {
    let Some(found) = ports.iter().find(|port| port.name == needed.name) else {
        let found = ports.iter().map(|port| port.name.clone()).collect();
        return Err(Box::new(Mismatch::Missing { side, needed: needed.clone(), found }));
    };
    // Some exporters leave an output's lengths open, but an open input that is fixed would refuse batches.
    let lengths_fit = needed.dims.len() == found.dims.len()
        && needed.dims.iter().zip(&found.dims).all(|(needed, found)| found.is_none() || needed == found);
    if needed.element == found.element && lengths_fit {
        return Ok(());
    }
    Err(Box::new(Mismatch::Different { side, needed: needed.clone(), found: found.clone() }))
}

/// TOML has no null: a length that is open is written as ONNX Runtime reports it.
mod dims {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(dims: &[Option<i64>], serializer: S) -> Result<S::Ok, S::Error> {
        let lengths: Vec<i64> = dims.iter().map(|length| length.unwrap_or(-1)).collect();
        lengths.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Option<i64>>, D::Error> {
        let lengths = Vec::<i64>::deserialize(deserializer)?;
        Ok(lengths.into_iter().map(|length| (length >= 0).then_some(length)).collect())
    }
}

impl From<String> for Element {
    fn from(name: String) -> Self {
        match name.as_str() {
            "f32" => Self::F32,
            "i64" => Self::I64,
            _ => Self::Other(name),
        }
    }
}

impl From<Element> for String {
    fn from(element: Element) -> Self {
        element.to_string()
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::I64 => "i64",
            Self::Other(name) => name,
        })
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |dim: &Option<i64>| dim.map_or("any".into(), |length| length.to_string());
        let dims: Vec<String> = self.dims.iter().map(length).collect();
        write!(f, "`{}: {}[{}]`", self.name, self.element, dims.join(", "))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { side, needed, found } => {
                let names: Vec<String> = found.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "lacks the {side} {needed} and has {}", names.join(", "))
            }
            Self::Different { side, needed, found } => {
                write!(f, "has the {side} {found}, but {needed} is needed")
            }
            Self::Unknown { found } => write!(f, "asks for the input {found}, which nothing fills"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(inputs: &[Port]) -> Signature {
        Signature { inputs: inputs.to_vec(), outputs: vec![Port::f32("reward", &[None, Some(1)])] }
    }

    fn check(found: &[Port], expected: &str) {
        let needed = signature(&[Port::f32("score", &[None, Some(4)])]);
        let answer = needed.check(&signature(found)).err().map(|mismatch| mismatch.to_string());
        assert_eq!(answer.unwrap_or_default(), expected);
    }

    #[test]
    fn what_fits_and_what_does_not() {
        check(&[Port::f32("score", &[None, Some(4)])], "");
        check(&[Port::f32("score", &[None, None])], "");
        check(
            &[Port::f32("score", &[None, Some(5)])],
            "has the input `score: f32[any, 5]`, but `score: f32[any, 4]` is needed",
        );
        check(
            &[Port::f32("score", &[Some(1), Some(4)])],
            "has the input `score: f32[1, 4]`, but `score: f32[any, 4]` is needed",
        );
        check(
            &[Port::i64("score", &[None, Some(4)])],
            "has the input `score: i64[any, 4]`, but `score: f32[any, 4]` is needed",
        );
        check(&[Port::f32("scores", &[])], "lacks the input `score: f32[any, 4]` and has `scores`");
        check(
            &[Port::f32("score", &[None, Some(4)]), Port::f32("age", &[None])],
            "asks for the input `age: f32[any]`, which nothing fills",
        );
    }
}
