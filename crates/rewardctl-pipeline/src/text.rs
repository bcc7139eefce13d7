//! The text reward model as a critic: the encoder reads prompt, response and reference, the heads judge.

use std::collections::HashMap;

use rewardctl_core::id::ContentId;
use rewardctl_core::item::Context;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_critic::rules::{EMBEDDING_SIMILARITY, embedding_similarity};
use rewardctl_model::encoder::{EMBEDDING, Embedding, Encoder, EncoderSettings, cosine};
use rewardctl_model::features::{FEATURE_VERSION, surface};
use rewardctl_model::heads::{HeadRow, HeadScore, Heads};
use rewardctl_model::manifest::{Kind, Manifest, Role};
use rewardctl_model::onnx::Runtime;

use crate::error::Error;
use crate::models::ModelPaths;
use crate::panel::TEXT_CRITICS;

/// Embeddings of prompts and references that a thread remembers: rows that share a prompt mostly stand together.
const REMEMBERED: usize = 512;

/// The greatest utility, either way, that a head is believed: texts like those that the heads were fitted on stay
/// well inside. Beyond it the head has left what it knows, and its own variance does not tell.
const MAX_UTILITY: f64 = 8.0;

/// What the text model is made of; hashes are SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextVersions {
    /// The encoder's graph.
    pub encoder: String,
    /// The encoder's tokenizer.
    pub tokenizer: String,
    /// The heads' graph.
    pub heads: String,
}

impl TextVersions {
    /// Reads the versions from the manifests; loading the models checks that they are true.
    pub fn read(models: &ModelPaths) -> Result<Self, Error> {
        let encoder = Manifest::load_kind(&models.encoder, Kind::Encoder)?;
        let heads = Manifest::load_kind(&models.heads, Kind::TextHeads)?;
        Ok(Self {
            encoder: hash(&encoder, Role::Onnx),
            tokenizer: hash(&encoder, Role::Tokenizer),
            heads: hash(&heads, Role::Onnx),
        })
    }

    /// Returns what changes whenever the model's verdicts may.
    pub fn fingerprint(&self, max_windows: usize) -> String {
        format!("{}|{}|{}|{FEATURE_VERSION}|{max_windows}", self.encoder, self.tokenizer, self.heads)
    }
}

/// Returns the SHA-256 of the encoder's graph, as its manifest gives it.
pub fn encoder_hash(models: &ModelPaths) -> Result<String, Error> {
    Ok(hash(&Manifest::load_kind(&models.encoder, Kind::Encoder)?, Role::Onnx))
}

fn hash(manifest: &Manifest, role: Role) -> String {
    let file = manifest.files.iter().find(|file| file.role == role);
    file.map_or(String::new(), |file| file.sha256.clone())
}

/// The encoder and the heads of one thread.
#[derive(Debug)]
pub struct TextModel {
    encoder: Encoder,
    heads: Heads,
    remembered: HashMap<ContentId, Embedding>,
}

impl TextModel {
    /// Loads the models.
    pub fn load(models: &ModelPaths) -> Result<Self, Error> {
        let runtime = Runtime::load(&models.library)?;
        let settings = EncoderSettings { max_windows: models.max_windows };
        Ok(Self {
            encoder: Encoder::load(&runtime, &models.encoder, settings)?,
            heads: Heads::load(&runtime, &models.heads, &TextVersions::read(models)?.encoder)?,
            remembered: HashMap::new(),
        })
    }

    /// Returns the place of `critic` among the verdicts of [`TextModel::judge`].
    pub fn place(critic: &str) -> usize {
        TEXT_CRITICS.iter().position(|(name, _)| *name == critic).unwrap_or(TEXT_CRITICS.len())
    }

    /// Judges one response: the heads in the order of [`TEXT_CRITICS`], then the similarity to the reference.
    pub fn judge(&mut self, context: &Context, response: &str) -> Vec<Verdict> {
        match self.try_judge(context, response) {
            Ok(verdicts) => verdicts,
            Err(error) => failed(&error.to_string()),
        }
    }

    fn try_judge(&mut self, context: &Context, response: &str) -> Result<Vec<Verdict>, Error> {
        let prompt_text = context.prompt_text();
        let prompt = self.embed_once(&prompt_text)?;
        let read = self.encoder.embed(response)?;
        let row = HeadRow {
            prompt: sized(&prompt),
            response: sized(&read),
            surface: &surface(&prompt_text, response),
        };
        let scores = self.heads.run(&[row])?.pop().unwrap_or_default();
        let mut verdicts: Vec<Verdict> = TEXT_CRITICS
            .iter()
            .map(|(critic, dimension)| head_verdict(critic, dimension, &scores, &read))
            .collect();
        let reference = context.reference.as_deref().filter(|reference| !reference.trim().is_empty());
        let reference = reference.map(|text| self.embed_once(text)).transpose()?;
        let similarity = reference.map(|reference| cosine(&reference.vector, &read.vector));
        verdicts.push(embedding_similarity(similarity));
        Ok(verdicts)
    }

    /// Embeds a text that the next rows may share.
    fn embed_once(&mut self, text: &str) -> Result<Embedding, Error> {
        let id = ContentId::of("text", [text.as_bytes()]);
        if let Some(known) = self.remembered.get(&id) {
            return Ok(known.clone());
        }
        let embedding = self.encoder.embed(text)?;
        if self.remembered.len() >= REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.insert(id, embedding.clone());
        Ok(embedding)
    }
}

fn sized(embedding: &Embedding) -> &[f32; EMBEDDING] {
    embedding.vector.as_slice().try_into().expect("the encoder's graph was checked to give this many")
}

fn head_verdict(critic: &str, dimension: &str, scores: &[HeadScore], read: &Embedding) -> Verdict {
    let Some(head) = scores.iter().find(|head| head.dimension == dimension) else {
        let reason = format!("the text heads have no head for {dimension}");
        return plain(critic, dimension, Outcome::Abstained { reason }, String::new());
    };
    let unknown = match (read.tokens, head.utility.abs() > MAX_UTILITY) {
        (0, _) => Some("there is no text to read".to_owned()),
        (_, true) => {
            Some(format!("unlike any text that the head was fitted on (utility {:+.1})", head.utility))
        }
        (_, false) => None,
    };
    if let Some(reason) = unknown {
        let verdict = plain(critic, dimension, Outcome::Abstained { reason }, String::new());
        return Verdict { flagged: true, ..verdict };
    }
    let part = match read.windows_read < read.windows {
        true => format!(", read {} of {} windows", read.windows_read, read.windows),
        false => String::new(),
    };
    let rationale = format!("utility {:+.2} on {} tokens{part}", head.utility, read.tokens);
    plain(critic, dimension, Outcome::Scored { score: head.score, variance: Some(head.variance) }, rationale)
}

fn failed(reason: &str) -> Vec<Verdict> {
    let names =
        TEXT_CRITICS.into_iter().chain([(EMBEDDING_SIMILARITY.critic, EMBEDDING_SIMILARITY.dimension)]);
    let outcome = Outcome::Failed { reason: reason.into(), retryable: false };
    names.map(|(critic, dimension)| plain(critic, dimension, outcome.clone(), String::new())).collect()
}

fn plain(critic: &str, dimension: &str, outcome: Outcome, rationale: String) -> Verdict {
    Verdict {
        critic: critic.into(),
        dimension: dimension.into(),
        outcome,
        rationale,
        spans: vec![],
        flagged: false,
        evidence: None,
    }
}
