//! One label for each item, by every method, beside the gold labels.

use rewardctl_core::consensus::crowdlab::crowdlab;
use rewardctl_core::consensus::dawid_skene::dawid_skene;
use rewardctl_core::consensus::glad::glad;
use rewardctl_core::consensus::mace::mace;
use rewardctl_core::consensus::majority::majority;
use rewardctl_core::consensus::one_coin::one_coin;
use rewardctl_core::consensus::{Consensus, Stop};
use rewardctl_core::proportion::Proportion;
use serde::Serialize;

use crate::eval::annotators::AnnotatorsSettings;
use crate::eval::annotators::gather::Labels;
use crate::eval::annotators::report::{ConsensusRow, LabelProbability};

/// The most distinct labels of which a consensus is made: more are measurements, not categories.
pub const MOST_CLASSES: usize = 200;

/// Dawid-Skene fits a confusion matrix well from as many labels of an annotator for each class.
const LABELS_A_CLASS: f64 = 5.0;

/// Below as many annotators, nobody can be outvoted.
const LEAST_ANNOTATORS: usize = 3;

/// Random starts of MACE.
const RESTARTS: usize = 10;

/// When the methods stop that find maximum likelihood: it takes them to the end.
const EXPECTATION: Stop = Stop { iterations: 1000, tolerance: 1e-10 };

/// When GLAD stops.
const GLAD: Stop = Stop { iterations: 100, tolerance: 1e-8 };

/// When each start of MACE stops.
const MACE: Stop = Stop { iterations: 50, tolerance: 1e-6 };

/// A way to find one label for each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The label that most annotators gave.
    Majority,
    /// A confusion matrix for each annotator.
    DawidSkene,
    /// One accuracy for each annotator.
    OneCoin,
    /// An ability for each annotator, a difficulty for each item.
    Glad,
    /// A chance to guess for each annotator.
    Mace,
    /// Annotators beside the probabilities of a model.
    Crowdlab,
}

/// What the methods found.
#[derive(Debug)]
pub struct Found {
    /// For the report.
    pub report: ConsensusReport,
    /// What each method fitted.
    pub fitted: Vec<Fitted>,
}

/// What one method fitted.
#[derive(Debug)]
pub struct Fitted {
    /// The method.
    pub method: Method,
    /// Labels and reliabilities.
    pub consensus: Consensus,
    /// For Dawid-Skene, the share of each class; empty otherwise.
    pub prior: Vec<f64>,
    /// For Dawid-Skene, the confusion matrix of each annotator; empty otherwise.
    pub confusion: Vec<Vec<f64>>,
    /// For GLAD, the ability of each annotator; empty otherwise.
    pub abilities: Vec<f64>,
}

/// The methods beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsensusReport {
    /// The method of the rows; None without a consensus.
    pub chosen: Option<Method>,
    /// Why this one; or why there is no consensus at all.
    pub why: String,
    /// Items with a gold label.
    pub gold: usize,
    /// Each method.
    pub methods: Vec<MethodFigures>,
}

/// What one method came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodFigures {
    /// The method.
    pub method: Method,
    /// The share of the items with a gold label whose consensus it is; None without any.
    pub accuracy: Option<f64>,
    /// Its 95 % Wilson interval.
    pub interval: Option<(f64, f64)>,
    /// Items on which two labels or more are equally likely, so that the first one stands.
    pub ties: usize,
    /// The mean probability of the labels.
    pub probability: f64,
    /// Iterations taken; None where nothing is fitted.
    pub iterations: Option<usize>,
    /// Whether the last of them gained nothing more; None where nothing is fitted.
    pub converged: Option<bool>,
    /// The log-likelihood in nats, up to a constant, and less the prior for GLAD; None where nothing is fitted.
    pub log_likelihood: Option<f64>,
    /// The share of each label; empty unless the method fits it.
    pub prior: Vec<f64>,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 6] =
        [Method::Majority, Method::DawidSkene, Method::OneCoin, Method::Glad, Method::Mace, Method::Crowdlab];

    /// Returns the name that people type.
    pub fn name(self) -> &'static str {
        match self {
            Method::Majority => "majority",
            Method::DawidSkene => "dawid-skene",
            Method::OneCoin => "one-coin",
            Method::Glad => "glad",
            Method::Mace => "mace",
            Method::Crowdlab => "crowdlab",
        }
    }
}

/// Runs the methods on the labels of one dimension; `stage` hears which one is next.
pub fn consensus(labels: &Labels, settings: &AnnotatorsSettings, stage: &mut dyn FnMut(&str)) -> Found {
    let gold = labels.gold.iter().flatten().count();
    if labels.classes.len() > MOST_CLASSES {
        let why = format!(
            "{} distinct labels are measurements: a consensus is made of at most {MOST_CLASSES}",
            labels.classes.len()
        );
        return Found {
            report: ConsensusReport { chosen: None, why, gold, methods: vec![] },
            fitted: vec![],
        };
    }
    let (chosen, mut why) = choose(labels, settings);
    let mut methods = settings.methods.clone();
    methods.push(chosen);
    methods.sort_unstable();
    methods.dedup();
    let mut fitted = vec![];
    for method in methods {
        stage(method.name());
        fitted.extend(fit(method, labels, settings));
    }
    stage("figures");
    let chosen = fitted.iter().any(|one: &Fitted| one.method == chosen).then_some(chosen);
    if chosen.is_none() {
        why = "crowdlab needs two labels of one item, and a model's probability of its labels for every item"
            .into();
    }
    let methods = fitted.iter().map(|one| figures(labels, one)).collect();
    Found { report: ConsensusReport { chosen, why, gold, methods }, fitted }
}

fn choose(labels: &Labels, settings: &AnnotatorsSettings) -> (Method, String) {
    let annotators = labels.annotators.len();
    let labels_a_class = labels.votes.all().len() as f64 / (annotators * labels.classes.len()) as f64;
    match settings.method {
        Some(method) => (method, "as asked".into()),
        None if annotators < LEAST_ANNOTATORS => {
            (Method::Majority, format!("fewer than {LEAST_ANNOTATORS} annotators"))
        }
        None if labels_a_class < LABELS_A_CLASS => {
            let why = format!(
                "{labels_a_class:.1} labels an annotator and distinct label are too few for a confusion matrix"
            );
            (Method::OneCoin, why)
        }
        None => {
            let why = format!(
                "{labels_a_class:.1} labels an annotator and distinct label carry a confusion matrix"
            );
            (Method::DawidSkene, why)
        }
    }
}

fn fit(method: Method, labels: &Labels, settings: &AnnotatorsSettings) -> Option<Fitted> {
    let votes = &labels.votes;
    let stop = |usual: Stop| Stop {
        iterations: settings.iterations.unwrap_or(usual.iterations),
        tolerance: settings.tolerance.unwrap_or(usual.tolerance),
    };
    let plain = |consensus| Fitted { method, consensus, prior: vec![], confusion: vec![], abilities: vec![] };
    Some(match method {
        Method::Majority => plain(majority(votes)),
        Method::DawidSkene => {
            let found = dawid_skene(votes, stop(EXPECTATION));
            Fitted { prior: found.prior, confusion: found.confusion, ..plain(found.consensus) }
        }
        Method::OneCoin => plain(one_coin(votes, stop(EXPECTATION))),
        Method::Glad => {
            let found = glad(votes, stop(GLAD));
            Fitted { abilities: found.abilities, ..plain(found.consensus) }
        }
        Method::Mace => plain(mace(votes, stop(MACE), RESTARTS, settings.seed)),
        Method::Crowdlab if labels.model.is_empty() => return None,
        Method::Crowdlab => plain(crowdlab(votes, &labels.model)?.consensus),
    })
}

fn figures(labels: &Labels, fitted: &Fitted) -> MethodFigures {
    let consensus = &fitted.consensus;
    let mut right = Proportion::default();
    for (gold, label) in labels.gold.iter().zip(&consensus.labels) {
        if let Some(gold) = gold {
            right.add(gold == label);
        }
    }
    let items = labels.items.len();
    let is_tied = |item: &usize| {
        let most = consensus.probability(*item);
        consensus.of(*item).iter().filter(|probability| **probability == most).count() > 1
    };
    MethodFigures {
        method: fitted.method,
        accuracy: right.share(),
        interval: right.interval(),
        ties: (0..items).filter(is_tied).count(),
        probability: (0..items).map(|item| consensus.probability(item)).sum::<f64>() / items as f64,
        iterations: consensus.fit.map(|fit| fit.iterations),
        converged: consensus.fit.map(|fit| fit.converged),
        log_likelihood: consensus.fit.map(|fit| fit.log_likelihood),
        prior: fitted.prior.clone(),
    }
}

impl Found {
    /// Returns the rows of the chosen method, in the order of the items.
    pub fn rows(&self, labels: &Labels) -> Vec<ConsensusRow> {
        let chosen = self.fitted.iter().find(|one| Some(one.method) == self.report.chosen);
        let Some(Fitted { method, consensus, .. }) = chosen else { return vec![] };
        let value = |class: u32| labels.classes[class as usize].clone();
        let row = |(item, name): (usize, &String)| ConsensusRow {
            item: name.clone(),
            dimension: labels.dimension.clone(),
            label: value(consensus.labels[item]),
            probability: consensus.probability(item),
            method: *method,
            probabilities: (0u32..)
                .zip(consensus.of(item))
                .map(|(class, probability)| LabelProbability {
                    label: value(class),
                    probability: *probability,
                })
                .collect(),
            labels: labels.votes.of(item).len(),
            gold: labels.gold[item].map(value),
        };
        labels.items.iter().enumerate().map(row).collect()
    }
}
