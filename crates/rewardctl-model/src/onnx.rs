//! ONNX Runtime behind a small vocabulary: a [`Runtime`] loads a [`Graph`], a graph runs tensors.
//!
//! This is the only file that names `ort`. The library is loaded at run time from a path that the caller gives.
//! A graph runs in the thread that calls it and owns no other, so that results do not depend on the machine's
//! cores; callers that want more throughput load one graph per thread.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::CPU;
use ort::logging::LogLevel;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use crate::error::Error;
use crate::file::{read, sha256_hex};
use crate::signature::{Element, Port, Signature};

/// ONNX Runtime, loaded; cheap to clone.
#[derive(Debug, Clone)]
pub struct Runtime {
    environment: Environment,
}

/// A loaded ONNX graph, ready to run. It is `Send`; one thread owns it.
#[derive(Debug)]
pub struct Graph {
    session: Session,
    model: String,
    sha256: String,
}

/// A tensor to run, borrowed; the data lie in row-major order.
#[derive(Debug, Clone, Copy)]
pub enum Tensor<'a> {
    /// 32-bit floating point numbers.
    F32 {
        /// The dimensions.
        dims: &'a [i64],
        /// The numbers, as many as the dimensions say.
        data: &'a [f32],
    },
    /// 64-bit integers.
    I64 {
        /// The dimensions.
        dims: &'a [i64],
        /// The numbers, as many as the dimensions say.
        data: &'a [i64],
    },
}

/// The one environment of the process, kept until it ends: ONNX Runtime cannot be started a second time.
static STARTED: Mutex<Option<(PathBuf, Runtime)>> = Mutex::new(None);

impl Runtime {
    /// Loads ONNX Runtime from `library`, or returns it if it is loaded already.
    ///
    /// A process can hold one library: a second, different path is an error.
    pub fn load(library: &Path) -> Result<Self, Error> {
        let canonical = library
            .canonicalize()
            .map_err(|source| Error::LoadRuntime { library: library.into(), source: source.into() })?;
        check_length(&canonical)?;
        let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
        match &*started {
            Some((loaded, runtime)) if *loaded == canonical => return Ok(runtime.clone()),
            Some((loaded, _)) => {
                return Err(Error::OtherRuntime { library: library.into(), loaded: loaded.clone() });
            }
            None => {}
        }
        let runtime = Self::start(&canonical)?;
        *started = Some((canonical, runtime.clone()));
        Ok(runtime)
    }

    /// Returns what the library says of its build: the commit that it was built from, and how.
    pub fn version(&self) -> String {
        ort::info().trim_start_matches("ORT Build Info: ").into()
    }

    fn start(library: &Path) -> Result<Self, Error> {
        let builder = ort::init_from(library)
            .map_err(|source| Error::LoadRuntime { library: library.into(), source: Box::new(source) })?;
        let environment = builder
            .with_name("rewardctl")
            .with_telemetry(false)
            .build()
            .map_err(|source| Error::LoadRuntime { library: library.into(), source: Box::new(source) })?;
        // Below warnings the library formats a line for every node that it optimises or runs.
        environment.set_log_level(LogLevel::Warning);
        Ok(Self { environment })
    }
}

/// Refuses an ELF file that was cut off: the loader would map pages that are not there, and the process would die.
fn check_length(library: &Path) -> Result<(), Error> {
    let failed =
        |source: std::io::Error| Error::LoadRuntime { library: library.into(), source: source.into() };
    let mut file = File::open(library).map_err(failed)?;
    let found = file.metadata().map_err(failed)?.len();
    let mut header = [0; 64];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(());
    }
    let number = |at: usize, bytes: usize| {
        header[at..at + bytes].iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
    };
    // ELF-64: the table of sections, which linkers write last, starts at e_shoff and has e_shnum entries.
    let expected = number(0x28, 8).saturating_add(number(0x3a, 2) * number(0x3c, 2));
    match found < expected {
        true => Err(Error::CutOff { library: library.into(), found, expected }),
        false => Ok(()),
    }
}

impl Graph {
    /// Loads the ONNX graph in the file `path`. The file must hold its own weights.
    pub fn from_file(runtime: &Runtime, path: &Path) -> Result<Self, Error> {
        Self::from_bytes(runtime, &path.display().to_string(), &read(path)?)
    }

    /// Loads the ONNX graph in `bytes`; errors call it `model`.
    pub fn from_bytes(runtime: &Runtime, model: &str, bytes: &[u8]) -> Result<Self, Error> {
        Self::of_hash(runtime, model, bytes, sha256_hex(bytes))
    }

    /// The same for bytes whose hash is known: to hash a large graph takes as long as much of its loading.
    pub(crate) fn of_hash(
        runtime: &Runtime,
        model: &str,
        bytes: &[u8],
        sha256: String,
    ) -> Result<Self, Error> {
        let session = open_session(&runtime.environment, bytes)
            .map_err(|source| Error::LoadGraph { model: model.into(), source: Box::new(source) })?;
        Ok(Self { session, model: model.into(), sha256 })
    }

    /// Returns the file or name that errors call the graph by.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns the SHA-256 of the graph's bytes, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns what the graph reads and gives.
    pub fn signature(&self) -> Signature {
        Signature {
            inputs: self.session.inputs().iter().map(port).collect(),
            outputs: self.session.outputs().iter().map(port).collect(),
        }
    }

    /// Refuses the graph if it cannot be run with `needed`.
    pub fn require(&self, needed: &Signature) -> Result<(), Error> {
        needed
            .check(&self.signature())
            .map_err(|mismatch| Error::Ports { model: self.model.clone(), mismatch })
    }

    /// Runs the graph and returns `outputs`, given by name and dimensions, in the order asked for.
    ///
    /// The numbers lie in row-major order and are finite. An output that is missing, has other dimensions or is not
    /// of 32-bit floats is an error.
    pub fn run<const N: usize>(
        &mut self,
        inputs: &[(&str, Tensor<'_>)],
        outputs: [(&str, &[i64]); N],
    ) -> Result<[Vec<f32>; N], Error> {
        let model = &self.model;
        let failed = |source: ort::Error| Error::Run { model: model.clone(), source: Box::new(source) };
        let mut values = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            values.push((*name, tensor.value().map_err(failed)?));
        }
        let found = self.session.run(values).map_err(failed)?;
        let mut results = [const { vec![] }; N];
        for (result, (name, dims)) in results.iter_mut().zip(outputs) {
            *result = floats(model, &found, name, dims)?;
        }
        Ok(results)
    }
}

impl Tensor<'_> {
    fn value(&self) -> ort::Result<SessionInputValue<'_>> {
        Ok(match *self {
            Tensor::F32 { dims, data } => TensorRef::from_array_view((dims, data))?.into(),
            Tensor::I64 { dims, data } => TensorRef::from_array_view((dims, data))?.into(),
        })
    }
}

fn open_session(environment: &Environment, bytes: &[u8]) -> ort::Result<Session> {
    // One thread means the caller's: nothing is spawned and nothing spins. Texts vary in length, so memory
    // patterns would be kept for every length, and an arena would keep what the longest text needed.
    let mut builder = Session::builder(environment)?
        .with_intra_threads(1)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_memory_pattern(false)?
        .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
        .with_log_level(LogLevel::Warning)?;
    builder.commit_from_memory(bytes)
}

fn port(outlet: &Outlet) -> Port {
    let name = outlet.name().into();
    let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else {
        return Port { name, element: Element::Other(outlet.dtype().to_string()), dims: vec![] };
    };
    let element = match ty {
        TensorElementType::Float32 => Element::F32,
        TensorElementType::Int64 => Element::I64,
        other => Element::Other(other.to_string()),
    };
    // ONNX Runtime reports any length as -1.
    Port { name, element, dims: shape.iter().map(|length| (*length >= 0).then_some(*length)).collect() }
}

fn floats(model: &str, found: &SessionOutputs<'_>, name: &str, dims: &[i64]) -> Result<Vec<f32>, Error> {
    let failed = |source| Error::Run { model: model.into(), source };
    let Some(value) = found.get(name) else {
        return Err(failed(format!("it has no output `{name}`").into()));
    };
    let (shape, data) = value.try_extract_tensor::<f32>().map_err(|source| failed(Box::new(source)))?;
    if **shape != *dims {
        let (found, expected) = (shape.to_vec(), dims.to_vec());
        return Err(Error::Shape { model: model.into(), output: name.into(), found, expected });
    }
    if !data.iter().all(|number| number.is_finite()) {
        return Err(Error::NotFinite { model: model.into(), output: name.into() });
    }
    Ok(data.to_vec())
}

#[cfg(test)]
mod tests;
