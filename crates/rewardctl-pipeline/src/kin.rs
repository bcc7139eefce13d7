//! Critics and the models that they judge, by family: a model tends to favour what its relatives wrote.

use rewardctl_core::verdict::Verdict;
use rewardctl_critic::llm::family::family;

/// An LLM critic and its model's family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    /// The critic.
    pub critic: String,
    /// Its place in the panel.
    pub slot: usize,
    /// The model that it asks.
    pub model: String,
    /// The model's family.
    pub family: String,
}

/// Counts the responses that critics judged though a relative of theirs wrote them.
#[derive(Debug)]
pub struct Kin(Vec<(Relative, u64)>);

impl Kin {
    /// Starts with nothing.
    pub fn new(critics: Vec<Relative>) -> Self {
        Self(critics.into_iter().map(|critic| (critic, 0)).collect())
    }

    /// Adds a response by `generator` with the verdicts on it, in the panel's order.
    pub fn add(&mut self, generator: Option<&str>, verdicts: &[Verdict]) {
        let (false, Some(generator)) = (self.0.is_empty(), generator) else { return };
        let family = family(generator);
        for (critic, count) in &mut self.0 {
            let was_asked = verdicts[critic.slot].evidence.is_some();
            *count += u64::from(was_asked && critic.family == family);
        }
    }

    /// Returns a warning for each critic that judged relatives.
    pub fn warnings(&self) -> Vec<String> {
        let judged = self.0.iter().filter(|(_, count)| *count > 0);
        let warning = |(critic, count): &(Relative, u64)| {
            let Relative { critic, model, family, .. } = critic;
            format!(
                "`{critic}` asks `{model}`, which is of the family `{family}` that wrote {count} of the responses that it judged: models tend to favour their own"
            )
        };
        judged.map(warning).collect()
    }
}

#[cfg(test)]
mod tests {
    use rewardctl_core::verdict::{Evidence, Method, Outcome};

    use super::*;

    fn verdict(asked: bool) -> Verdict {
        Verdict {
            critic: "llm.style".into(),
            dimension: "style".into(),
            outcome: Outcome::Abstained { reason: "-".into() },
            rationale: String::new(),
            spans: vec![],
            flagged: false,
            evidence: asked.then_some(Evidence { method: Method::Single, calls: vec![], bouts: vec![] }),
        }
    }

    #[test]
    fn only_relatives_that_were_judged_count() {
        let critic = Relative {
            critic: "llm.style".into(),
            slot: 0,
            model: "gpt-4o-mini".into(),
            family: "openai".into(),
        };
        let mut kin = Kin::new(vec![critic]);
        kin.add(Some("openai/o3"), &[verdict(true)]);
        kin.add(Some("gpt-4o"), &[verdict(true)]);
        kin.add(Some("gpt-4o"), &[verdict(false)]);
        kin.add(Some("claude-3"), &[verdict(true)]);
        kin.add(None, &[verdict(true)]);
        let [warning] = kin.warnings().try_into().unwrap();
        assert!(warning.starts_with("`llm.style` asks `gpt-4o-mini`") && warning.contains("wrote 2 of"));
        assert!(Kin::new(vec![]).warnings().is_empty());
    }
}
