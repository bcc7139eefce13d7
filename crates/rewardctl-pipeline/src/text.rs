//! The text reward model as a critic: the encoder reads prompt, response and reference, the heads judge.

use std::collections::HashMap;

use rewardctl_core::id::ContentId;
use rewardctl_core::item::Context;
use rewardctl_core::score::Score;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_critic::rules::{EMBEDDING_SIMILARITY, embedding_similarity};
use rewardctl_model::encoder::{Embedding, Encoder, EncoderSettings, cosine};
use rewardctl_model::features::{FEATURE_VERSION, surface};
use rewardctl_model::heads::{HeadInput, Heads};
use rewardctl_model::manifest::{Kind, Manifest};
use rewardctl_model::onnx::Runtime;

use crate::error::Error;
use crate::models::ModelPaths;
use crate::panel::TEXT_CRITICS;

/// Embeddings of prompts and references that a thread remembers: rows that share a prompt mostly stand together.
const REMEMBERED: usize = 512;

/// What the text model is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextVersions {
    /// The SHA-256 of the encoder's graph.
    pub encoder: String,
    /// The SHA-256 of the heads' graph.
    pub heads: String,
}

impl TextVersions {
    /// Reads the versions from the manifests.
    pub fn read(models: &ModelPaths) -> Result<Self, Error> {
        Ok(Self {
            encoder: Manifest::load_kind(&models.encoder, Kind::Encoder)?.version,
            heads: Manifest::load_kind(&models.heads, Kind::TextHeads)?.version,
        })
    }

    /// Returns what changes whenever the model's verdicts may.
    pub fn fingerprint(&self, max_windows: usize) -> String {
        format!("{}|{}|{FEATURE_VERSION}|{max_windows}", self.encoder, self.heads)
    }
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
            heads: Heads::load(&runtime, &models.heads)?,
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
        let input = HeadInput {
            prompt_embedding: &prompt.vector,
            response_embedding: &read.vector,
            surface: surface(&prompt_text, response),
        };
        let mut verdicts = vec![];
        for (critic, dimension) in TEXT_CRITICS {
            verdicts.push(verdict(critic, dimension, self.heads.score(&input, dimension)?, &read));
        }
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

fn failed(reason: &str) -> Vec<Verdict> {
    let names = TEXT_CRITICS.into_iter().chain([(EMBEDDING_SIMILARITY.critic, EMBEDDING_SIMILARITY.dimension)]);
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
    }
}
