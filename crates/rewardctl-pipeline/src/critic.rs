//! One LLM critic of a panel: puts its question to its endpoint and reads the replies.

use std::sync::Arc;

use rewardctl_core::id::{ContentId, VerdictKey};
use rewardctl_core::item::{Context, Message};
use rewardctl_core::panel::Panel;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_critic::llm::completion::{Choice, Finish, Token};
use rewardctl_critic::llm::critic::{LlmCritic, Mode};
use rewardctl_critic::llm::fence::Fence;
use rewardctl_critic::llm::prompt::{Finding, pointwise, repair};
use rewardctl_critic::llm::reply::score::{Level, parse_score};
use rewardctl_critic::llm::reply::tokens::{Position, from_tokens, winner_from_tokens};
use rewardctl_critic::llm::reply::winner::{Winner, parse_winner};
use rewardctl_critic::llm::reply::{Ending, Parsed, Reading, ReplyText};
use rewardctl_critic::llm::request::{Ask, Form, Sampling};
use rewardctl_critic::llm::schema::{schema, schema_name};
use rewardctl_critic::llm::suspicion::{Place, Suspicion, Suspicions};
use rewardctl_store::ledger::Purpose;

use crate::call::{Asking, Caller, Reply};
use crate::draw::{Draw, Drawn, Probabilities, failed_call, from_probabilities, from_replies};
use crate::error::Error;
use crate::line::Line;
use crate::panel::LlmSlot;

/// Tries to get a verdict out of a model that answered without one.
const REPAIRS: u32 = 2;

/// The least probability that must lie on legal scores, or else they are sampled (G-Eval, arXiv 2303.16634).
const LEAST_MASS: f64 = 0.8;

/// How replies are drawn that are to be averaged; a single one is the likeliest.
const SAMPLE_TEMPERATURE: f64 = 0.7;

/// Changes whenever replies are read in another way, so that old verdicts are stale. What is asked stays the same, so
/// that the ledger has the answers.
const READER_VERSION: &str = "2";

/// Changes whenever seeds and fences are derived in another way, so that every call is new.
const QUESTION_VERSION: &str = "1";

/// An LLM critic at its place in a panel.
pub struct Critic {
    /// Its name in the panel.
    pub name: String,
    /// Its place in the panel.
    pub slot: usize,
    /// When it is asked.
    pub tier: u32,
    /// The critic.
    pub llm: LlmCritic,
    /// Changes whenever its verdicts may: critic, endpoint, model, samples and how replies are read.
    pub fingerprint: String,
    /// Changes whenever what it asks may: the same but for how replies are read.
    pub question: String,
    pub(crate) dimension: String,
    pub(crate) endpoint: String,
    pub(crate) samples: u32,
    secret: [u8; 32],
    suspicions: Arc<Suspicions>,
}

/// A question, ready to be put.
pub(crate) struct Question {
    /// The messages.
    pub messages: Vec<Message>,
    /// What stands around judged text; the key of a call does not depend on it.
    pub fence: Fence,
    /// Makes draws repeatable.
    pub seed: u64,
}

impl Critic {
    /// Makes the critic at `slot` of `panel` ready, with the endpoint that the panel or the settings name.
    pub fn new(
        panel: &Panel,
        slot: &LlmSlot,
        caller: &Caller,
        secret: [u8; 32],
        suspicions: Arc<Suspicions>,
    ) -> Result<Self, Error> {
        let place = &panel.slots[slot.slot];
        let endpoint = caller.endpoint_of(&place.critic, slot.endpoint.as_deref())?;
        let Line { identity, model, .. } = caller.line(&endpoint);
        let (critic, samples) = (slot.critic.sha256, slot.samples);
        let asked = format!("{critic}|{identity}|{model}|{samples}");
        Ok(Self {
            name: place.critic.clone(),
            slot: slot.slot,
            tier: slot.tier,
            llm: slot.critic.clone(),
            fingerprint: format!("{asked}|{READER_VERSION}"),
            question: format!("{asked}|{QUESTION_VERSION}"),
            dimension: place.dimension.clone(),
            endpoint,
            samples: slot.samples,
            secret,
            suspicions,
        })
    }

    /// Judges one response; `key` names what is asked. What goes wrong is a verdict that failed; an error stops the run.
    pub async fn judge(
        &self,
        caller: &Caller,
        context: &Context,
        response: &str,
        findings: &[Finding],
        key: VerdictKey,
    ) -> Result<Verdict, Error> {
        if let Some(lack) = self.llm.lacks(context) {
            return Ok(self.abstained(lack.into()));
        }
        let suspicion = self.suspicions.find(context, response);
        if let Some(Suspicion::NoContent { reason }) = suspicion {
            // No model gets to judge nothing: it may well find it good (arXiv 2507.08794). A person looks instead.
            let verdict = self.abstained(format!("not asked: {reason}"));
            return Ok(Verdict { flagged: true, ..verdict });
        }
        let _room = caller.room(&self.endpoint).await;
        let fence = self.fence(key);
        let messages = pointwise(&self.llm, context, response, findings, &fence);
        let question = Question { messages, fence, seed: seed(key) };
        let drawn = self.draw(caller, &question).await?;
        let mut verdict = self.verdict(drawn);
        if let Some(Suspicion::Addressed { place, span, .. }) = suspicion {
            verdict.flagged = true;
            verdict.spans = if place == Place::Response { vec![span] } else { vec![] };
        }
        Ok(verdict)
    }

    /// Returns the fence for what `key` names.
    pub(crate) fn fence(&self, key: VerdictKey) -> Fence {
        Fence::new(&self.secret, key.as_bytes())
    }

    pub(crate) fn abstained(&self, reason: String) -> Verdict {
        self.plain(Outcome::Abstained { reason })
    }

    pub(crate) fn verdict(&self, drawn: Drawn) -> Verdict {
        let Drawn { outcome, rationale, evidence } = drawn;
        Verdict { rationale, evidence: Some(evidence), ..self.plain(outcome) }
    }

    fn plain(&self, outcome: Outcome) -> Verdict {
        Verdict {
            critic: self.name.clone(),
            dimension: self.dimension.clone(),
            outcome,
            rationale: String::new(),
            spans: vec![],
            flagged: false,
            evidence: None,
        }
    }

    /// Puts a pointwise question: token probabilities where the endpoint gives them, otherwise samples.
    pub(crate) async fn draw(&self, caller: &Caller, question: &Question) -> Result<Drawn, Error> {
        if caller.dialect(&self.endpoint).await?.logprobs {
            let (key, reply) = self.put(caller, question, likeliest(&self.llm, question), 0).await?;
            let completion = match reply {
                Ok(completion) => completion,
                Err(failure) => return Ok(failed_call(&failure, vec![key])),
            };
            let choice = &completion.choices[0];
            let reading = self.read(choice);
            match (&reading, self.probabilities(choice)) {
                (Reading::Value(parsed), Some(found)) => {
                    return Ok(from_probabilities(&self.llm.scale, found, &parsed.rationale, key));
                }
                // The score is there, but its probabilities do not add up: it is sampled instead.
                (Reading::Value(_), None) if self.samples > 1 => {}
                _ => {
                    let draw = Draw { call: key, reading };
                    let draw = self.repaired(caller, question, draw, choice).await?;
                    return Ok(from_replies(&self.llm.scale, &[draw], 1));
                }
            }
        }
        self.sample(caller, question).await
    }

    /// Draws `samples` replies, in as few calls as the endpoint allows.
    async fn sample(&self, caller: &Caller, question: &Question) -> Result<Drawn, Error> {
        let asked = self.samples as usize;
        let (mut draws, mut calls) = (vec![], vec![]);
        let mut most_a_call = asked;
        for number in 1.. {
            let left = (asked - draws.len()).min(most_a_call);
            let sampling = match asked {
                1 => likeliest(&self.llm, question),
                _ => several(&self.llm, question, left as u32, number),
            };
            let (call, reply) = self.put(caller, question, sampling, number).await?;
            calls.push(call);
            let completion = match reply {
                Ok(completion) => completion,
                // Some servers draw only as many at once as they have slots.
                Err(failure) if failure.status == Some(400) && left > 1 => {
                    most_a_call = 1;
                    continue;
                }
                Err(failure) if draws.is_empty() => return Ok(failed_call(&failure, calls)),
                // What was drawn so far may be enough.
                Err(_) => break,
            };
            for choice in completion.choices.iter().take(left) {
                let draw = Draw { call, reading: self.read(choice) };
                draws.push(self.repaired(caller, question, draw, choice).await?);
            }
            if draws.len() == asked {
                break;
            }
        }
        Ok(from_replies(&self.llm.scale, &draws, asked))
    }

    /// Puts the question once, and returns the call's key beside its completion.
    async fn put(
        &self,
        caller: &Caller,
        question: &Question,
        sampling: Sampling,
        number: u32,
    ) -> Result<(ContentId, Reply), Error> {
        let form = Form::Json { name: schema_name(&self.llm), schema: schema(&self.llm) };
        let ask = Ask { messages: question.messages.clone(), form, sampling };
        let who = Asking {
            endpoint: &self.endpoint,
            purpose: Purpose::Critic,
            label: &self.name,
            fence: Some(&question.fence),
            number,
        };
        caller.ask(who, &ask).await
    }

    /// Asks again, at most [`REPAIRS`] times, where the reply has no verdict because of its form.
    async fn repaired(
        &self,
        caller: &Caller,
        question: &Question,
        mut draw: Draw,
        choice: &Choice,
    ) -> Result<Draw, Error> {
        let mut reply = choice.text.clone().unwrap_or_default();
        for number in 0..REPAIRS {
            let Reading::Unparsable { reason } = &draw.reading else { break };
            let messages = repair(&self.llm, question.messages.clone(), &reply, reason);
            let again = Question { messages, fence: question.fence.clone(), seed: question.seed };
            let (call, answer) =
                self.put(caller, &again, mending(&self.llm, question, number), number).await?;
            let Ok(completion) = answer else { break };
            reply = completion.choices[0].text.clone().unwrap_or_default();
            draw = Draw { call, reading: self.read(&completion.choices[0]) };
        }
        Ok(draw)
    }

    fn read(&self, choice: &Choice) -> Reading {
        let levels: Vec<Level<'_>> =
            self.llm.levels.iter().map(|level| Level { value: level.value, name: &level.label }).collect();
        match self.llm.mode {
            Mode::Pointwise => parse_score(&reply_text(choice), &self.llm.scale, &levels),
            Mode::Pairwise => winner_as_score(&reply_text(choice)),
        }
    }

    /// Returns the score's token probabilities, if they were given and enough of them lie on legal scores.
    fn probabilities(&self, choice: &Choice) -> Option<Probabilities> {
        let tokens: Vec<Position<'_>> = choice.tokens.iter().map(position).collect();
        match self.llm.mode {
            Mode::Pointwise => {
                let found = from_tokens(&tokens, &self.llm.scale).filter(|found| found.mass >= LEAST_MASS)?;
                Some(Probabilities { mean: found.mean, variance: found.variance })
            }
            Mode::Pairwise => {
                let odds = winner_from_tokens(&tokens).filter(|odds| odds.mass >= LEAST_MASS)?;
                let mean = odds.a + odds.tie / 2.0;
                let variance =
                    odds.a * (1.0 - mean).powi(2) + odds.tie * (0.5 - mean).powi(2) + odds.b * mean.powi(2);
                Some(Probabilities { mean, variance })
            }
        }
    }
}

fn position(token: &Token) -> Position<'_> {
    Position { text: &token.text, logprob: token.logprob, top: &token.top }
}

/// Reads who wins as the share of a win of the first: 1, 0.5 for a tie, 0.
fn winner_as_score(reply: &ReplyText<'_>) -> Reading {
    parse_winner(reply).map(|preference| Parsed {
        value: match preference.winner {
            Winner::A => 1.0,
            Winner::Tie => 0.5,
            Winner::B => 0.0,
        },
        rationale: preference.rationale,
        how: preference.how,
    })
}

/// Returns how the likeliest reply is drawn.
fn likeliest(critic: &LlmCritic, question: &Question) -> Sampling {
    Sampling {
        temperature: Some(0.0),
        top_p: None,
        max_tokens: critic.max_tokens,
        seed: Some(question.seed),
        n: 1,
        logprobs: true,
    }
}

/// Returns how `count` replies are drawn that differ; `number` tells calls of one question apart.
fn several(critic: &LlmCritic, question: &Question, count: u32, number: u32) -> Sampling {
    Sampling {
        temperature: Some(SAMPLE_TEMPERATURE),
        seed: Some(question.seed.wrapping_add(u64::from(number))),
        n: count,
        logprobs: false,
        ..likeliest(critic, question)
    }
}

/// Returns how a repair is drawn: the first time the likeliest, then another one, since a model that repeats itself is
/// asked the same again.
fn mending(critic: &LlmCritic, question: &Question, number: u32) -> Sampling {
    match number {
        0 => Sampling { logprobs: false, ..likeliest(critic, question) },
        _ => several(critic, question, 1, number),
    }
}

/// Derives the seed of a question from what it asks: the run's own seed must not make calls new.
pub(crate) fn seed(key: VerdictKey) -> u64 {
    let [a, b, c, d, ..] = *key.as_bytes();
    u64::from(u32::from_le_bytes([a, b, c, d]))
}

fn reply_text(choice: &Choice) -> ReplyText<'_> {
    ReplyText {
        content: choice.text.as_deref(),
        tool_arguments: choice.tool_arguments.as_deref(),
        refusal: choice.refusal.as_deref(),
        ending: match choice.finish {
            Finish::Length => Ending::Cut,
            Finish::ContentFilter => Ending::Filtered,
            Finish::Stop | Finish::ToolCalls | Finish::Other(_) | Finish::Missing => Ending::Complete,
        },
    }
}
