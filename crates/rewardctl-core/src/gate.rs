//! Rulings: what a gate says of its checks, and of all of them together.
//!
//! A check that tells of more than these very responses has two p-values: one against "it is broken", one against "it
//! holds". It passes where the first is small and fails where the second is; where neither is, the sample is too small to
//! say. Since every check must pass, none needs a correction to pass: were one truly broken, the gate would pass with chance
//! `α` at most (the intersection-union test; R. L. Berger, Technometrics 24, 1982). That any of a family fails by chance does
//! grow with their number, and is what the correction holds down. A family is what was not asked for one by one, such as the
//! slices of a threshold: a check that somebody adds is a family of its own, and takes no other check's fail away.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::multiplicity::{Correction, adjusted};

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It holds.
    Pass,
    /// There is not enough to say so, or that it does not.
    NotEnoughEvidence,
    /// It does not hold.
    Fail,
}

/// On whom the burden of proof lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassIf {
    /// Only what is shown to hold passes.
    #[default]
    Shown,
    /// What these responses come to decides, as if there were no others.
    Observed,
    /// Only what is shown not to hold fails.
    NotRefuted,
}

/// What was found for one check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// An estimate of something that reaches beyond these responses.
    Estimate(Evidence),
    /// Something that is true of these responses, or not.
    Fact(bool),
    /// Nothing to look at.
    Nothing,
}

/// The evidence on an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The p-value of "it is broken", with whatever is missing counted against it.
    pub broken: f64,
    /// The p-value of "it holds", with whatever is missing counted for it.
    pub holds: f64,
    /// The same with whatever is missing counted against it.
    pub holds_at_worst: f64,
    /// Whether the estimate keeps the threshold, with whatever is missing counted against it.
    pub observed: bool,
}

/// What was found for one check, and how it is ruled on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// What was found.
    pub finding: Finding,
    /// On whom the burden of proof lies.
    pub pass_if: PassIf,
    /// Checks of the same family are adjusted for one another, unless what was observed decides.
    pub family: usize,
}

/// How findings are ruled on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RulingSettings {
    /// The chance of a wrong pass of the gate, and by the correction of a wrong fail.
    pub alpha: f64,
    /// How p-values against "it holds" are adjusted for one another.
    pub correction: Correction,
}

/// A ruling with the p-value that speaks against the check, adjusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ruled {
    /// What is said.
    pub ruling: Ruling,
    /// The adjusted p-value of "it holds"; None of facts.
    pub adjusted: Option<f64>,
}

/// Rules on all claims of a gate.
pub fn rule(claims: &[Claim], settings: RulingSettings) -> Vec<Ruled> {
    let p = adjusted_within_families(claims, settings.correction);
    let ruled = |(claim, adjusted): (&Claim, Option<f64>)| match claim.finding {
        Finding::Estimate(evidence) => {
            let evidence = Evidence { holds: adjusted.unwrap_or(1.0), ..evidence };
            Ruled { ruling: ruling(claim.pass_if, evidence, settings.alpha), adjusted }
        }
        Finding::Fact(holds) => {
            Ruled { ruling: if holds { Ruling::Pass } else { Ruling::Fail }, adjusted: None }
        }
        Finding::Nothing => Ruled { ruling: Ruling::NotEnoughEvidence, adjusted: None },
    };
    claims.iter().zip(p).map(ruled).collect()
}

/// Returns the p-values of "it holds", adjusted within each family; what is decided by what was observed is in none.
fn adjusted_within_families(claims: &[Claim], correction: Correction) -> Vec<Option<f64>> {
    let p_of = |claim: &Claim| match (claim.finding, claim.pass_if) {
        (Finding::Estimate(evidence), PassIf::NotRefuted) => Some(evidence.holds_at_worst),
        (Finding::Estimate(evidence), _) => Some(evidence.holds),
        _ => None,
    };
    let mut p: Vec<Option<f64>> = claims.iter().map(p_of).collect();
    let mut families: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.pass_if != PassIf::Observed) {
        families.entry(claim.family).or_default().extend(p[at].map(|p| (at, p)));
    }
    for family in families.values() {
        let of_family: Vec<f64> = family.iter().map(|(_, p)| *p).collect();
        for ((at, _), adjusted) in family.iter().zip(adjusted(&of_family, correction)) {
            p[*at] = Some(adjusted);
        }
    }
    p
}

/// `evidence.holds` is adjusted.
fn ruling(pass_if: PassIf, evidence: Evidence, alpha: f64) -> Ruling {
    match pass_if {
        PassIf::Observed if evidence.observed => Ruling::Pass,
        PassIf::Observed => Ruling::Fail,
        _ if evidence.holds <= alpha => Ruling::Fail,
        PassIf::NotRefuted => Ruling::Pass,
        PassIf::Shown if evidence.broken <= alpha => Ruling::Pass,
        PassIf::Shown => Ruling::NotEnoughEvidence,
    }
}

/// Returns what all rulings come to: the gravest; nothing at all never passes.
pub fn overall(rulings: impl IntoIterator<Item = Ruling>) -> Ruling {
    rulings.into_iter().max().unwrap_or(Ruling::NotEnoughEvidence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mean_test::{Question, mean_test};
    use crate::stream::Stream;

    const USUAL: RulingSettings = RulingSettings { alpha: 0.05, correction: Correction::Holm };

    fn evidence(broken: f64, holds: f64) -> Finding {
        Finding::Estimate(Evidence { broken, holds, holds_at_worst: holds, observed: broken < holds })
    }

    /// Rulings on checks that are adjusted for one another.
    fn rulings(findings: &[Finding], pass_if: PassIf) -> Vec<Ruling> {
        let claim = |finding: &Finding| Claim { finding: *finding, pass_if, family: 0 };
        ruled(&findings.iter().map(claim).collect::<Vec<_>>())
    }

    fn ruled(claims: &[Claim]) -> Vec<Ruling> {
        rule(claims, USUAL).into_iter().map(|ruled| ruled.ruling).collect()
    }

    #[test]
    fn a_check_that_passes_takes_no_fail_away() {
        use PassIf::{NotRefuted, Observed, Shown};
        let claim =
            |holds: f64, pass_if, family| Claim { finding: evidence(1.0 - holds, holds), pass_if, family };
        for broken in [Shown, NotRefuted] {
            let mut claims = vec![claim(0.03, broken, 0)];
            assert_eq!(ruled(&claims), [Ruling::Fail]);
            for more in [Shown, Observed, NotRefuted] {
                claims.push(claim(0.99, more, claims.len()));
                // Nor does what is only observed, even of the same family.
                claims.push(claim(0.99, Observed, 0));
            }
            assert_eq!(ruled(&claims)[0], Ruling::Fail, "{broken:?}");
            claims.push(claim(0.99, broken, 0));
            assert_ne!(ruled(&claims)[0], Ruling::Fail, "slices share the error");
        }
    }

    #[test]
    fn the_burden_of_proof_decides_what_is_open() {
        use Ruling::{Fail, NotEnoughEvidence, Pass};
        let findings = [evidence(0.01, 0.99), evidence(0.3, 0.7), evidence(0.7, 0.3), evidence(0.99, 0.001)];
        assert_eq!(rulings(&findings, PassIf::Shown), [Pass, NotEnoughEvidence, NotEnoughEvidence, Fail]);
        assert_eq!(rulings(&findings, PassIf::Observed), [Pass, Pass, Fail, Fail]);
        assert_eq!(rulings(&findings, PassIf::NotRefuted), [Pass, Pass, Pass, Fail]);
        for pass_if in [PassIf::Shown, PassIf::Observed, PassIf::NotRefuted] {
            let facts = [Finding::Fact(true), Finding::Fact(false), Finding::Nothing];
            assert_eq!(rulings(&facts, pass_if), [Pass, Fail, NotEnoughEvidence]);
        }
    }

    #[test]
    fn nothing_never_passes_and_the_gravest_counts() {
        use Ruling::{Fail, NotEnoughEvidence, Pass};
        assert_eq!(overall([]), NotEnoughEvidence);
        assert_eq!(overall([Pass, NotEnoughEvidence]), NotEnoughEvidence);
        assert_eq!(overall([Pass, Fail, NotEnoughEvidence]), Fail);
        assert_eq!(overall([Pass, Pass]), Pass);
    }

    #[test]
    fn many_checks_make_no_more_false_alarms() {
        // Ten checks whose means lie on their thresholds.
        let alarm = |correction, seed: u64| {
            let check = |number: u64| {
                let mut stream = Stream::of(seed, "checks", number);
                let values: Vec<f64> = (0..40).map(|_| stream.unit()).collect();
                let question = Question { range: (0.0, 1.0), threshold: 0.5, alpha: 0.05 };
                let found = mean_test(&values, question).unwrap();
                evidence(found.p_at_most, found.p_at_least)
            };
            let claim = |number| Claim { finding: check(number), pass_if: PassIf::Shown, family: 0 };
            let ruled = rule(&(0..10).map(claim).collect::<Vec<_>>(), RulingSettings { correction, ..USUAL });
            ruled.iter().any(|ruled| ruled.ruling == Ruling::Fail)
        };
        let rate = |correction| (0..300).filter(|seed| alarm(correction, *seed)).count() as f64 / 300.0;
        // Three standard errors above 5 %; without correction it is 1 − .95¹⁰ = 40 %.
        assert!(rate(Correction::Holm) <= 0.05 + 3.0 * 0.0126, "{}", rate(Correction::Holm));
        assert!(rate(Correction::None) > 0.3);
    }

    proptest! {
        #[test]
        fn one_more_check_never_turns_a_gate_green(
            p in prop::collection::vec((0.0..=1.0f64, 0..3usize), 1..12),
            more in 0.0..=1.0f64,
            pass_if in 0..3usize,
        ) {
            const ALL: [PassIf; 3] = [PassIf::Shown, PassIf::Observed, PassIf::NotRefuted];
            let mut claims: Vec<Claim> = p
                .into_iter()
                .enumerate()
                .map(|(at, (p, pass_if))| Claim { finding: evidence(p, 1.0 - p), pass_if: ALL[pass_if], family: at / 3 })
                .collect();
            let before = overall(ruled(&claims));
            claims.push(Claim { finding: evidence(more, 1.0 - more), pass_if: ALL[pass_if], family: claims.len() });
            prop_assert!(overall(ruled(&claims)) >= before);
        }
    }
}
