//! Text that speaks to critics: the patterns that `rule.injection`, the fences and the suspicions share.
//!
//! Critics that ask a language model quote the response; what looks like an instruction, a verdict or a chat
//! template inside of it aims at them. The patterns know the usual attacks, not all.

use std::ops::Range;

use regex::Regex;

/// Commands to whoever rates: never part of an answer.
const COMMANDS: &str = concat!(
    r"(?:ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|my|previous|prior|above|earlier|other|these|of)\s+){0,4}(?:rubrics?|criteria|criterion|(?:grading|scoring|evaluation|rating)\s+(?:instructions?|guidelines?|rules?)|(?:previous|prior|above|earlier)\s+(?:instructions?|rules?|prompts?))",
    r"|(?:ignore|disregard)\s+(?:all\s+)?(?:previous|prior|above|earlier)\s+instructions?",
    r"|(?:give|assign|award|grant)\s+(?:this|the|my|that)\s+(?:response|answer|output|reply|submission|completion|essay)?\s*(?:an?|the)?\s*(?:perfect|full|maximum|highest|top|best|high|10|5|100|ten|five)(?-u:\b)",
    r"|(?:rate|score|grade|mark)\s+(?:this|my)\s+(?:response|answer|output|reply|submission|completion)\s+(?:as|an?|with|at|10|5|highly|the|full)",
    r"|(?:this|my|the\s+above)\s+(?:response|answer|output|submission)\s+(?:deserves|merits|should\s+(?:be\s+(?:rated|scored|graded|given)|get|receive)|must\s+(?:be\s+(?:rated|scored|graded|given)|get|receive)|is\s+worth)\s+(?:an?\s+|the\s+)?(?:perfect|full|max|high|top|best|10|5|100|ten|five|score)",
    r"|(?:dear|attention|note\s+to|message\s+to|hey|hello)[,:]?\s+(?:the\s+|an?\s+|any\s+|all\s+)?(?:llm\s+|ai\s+|impartial\s+)?(?:judge|grader|evaluator|critic|rater|scorer|reward\s+model)s?\s*(?:,|:|you\s+(?:must|should|will|are)|please)",
    r"|as\s+(?:the|an?)\s+(?:llm\s+|ai\s+|impartial\s+)?(?:judge|grader|evaluator|critic|rater|scorer)\s*,?\s*(?:you|please|give|output|assign|rate|score|choose|prefer)(?-u:\b)",
    r"|(?:judge|grader|evaluator|critic|rater|scorer)s?\s*[:,]\s*(?:please\s+)?(?:output|return|give|assign|choose|pick|prefer|select|rate|score|ignore)",
    r"|(?:output|return|respond\s+with|reply\s+with|choose|print)\s+(?:only\s+)?(?:the\s+)?(?:score|verdict|rating|grade)\s*(?:of\s+|:\s*|=\s*)?[0-9a-c]",
);

/// Verdicts as critics write them; an answer about ratings may hold one, too.
const VERDICTS: &str = concat!(
    r"\[\[(?:[0-9]{1,3}(?:\.[0-9]+)?|a|b|c|tie)\]\]",
    r#"|\{\s*"(?:score|rating|verdict|grade|winner|overall|reasoning|rationale|explanation)"\s*:"#,
    r"|(?m:^)[ \t>*#]*(?:final\s+|overall\s+|my\s+)?(?:score|rating|verdict|grade)\**\s*[:=]\s*\**\s*(?:[0-9]{1,3}(?:\.[0-9]+)?(?:\s*/\s*[0-9]{1,3})?|a\+?|b|pass|excellent|perfect)[ \t*.!]*(?m:$)",
);

/// Control tokens of chat templates; in a critic's prompt they would end the turn.
pub(crate) const TOKENS: &str = concat!(
    r"<\|(?:im_start|im_end|im_sep|endoftext|end|system|user|assistant|eot_id|start_header_id|end_header_id|begin_of_text|eom_id|end_of_text|endofprompt|channel|message|return|start)\|>",
    r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<｜(?:User|Assistant|begin▁of▁sentence|end▁of▁sentence)｜>",
    r"|\n\nHuman:[ \t]|(?m:^)###[ \t]+(?:Instruction|Assistant|System):",
);

/// A pattern that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// What it is, as in "a verdict".
    pub what: &'static str,
    /// Its bytes.
    pub range: Range<usize>,
}

/// The patterns, compiled.
#[derive(Debug)]
pub(crate) struct Attacks {
    commands: Regex,
    verdicts: Regex,
    tokens: Regex,
}

impl Attacks {
    /// Compiles the patterns.
    pub fn new() -> Self {
        let compile = |pattern: &str| Regex::new(pattern).expect("a test compiles the pattern");
        Self {
            commands: compile(&format!(r"(?i)(?-u:\b)(?:{COMMANDS})")),
            verdicts: compile(&format!("(?i){VERDICTS}")),
            tokens: compile(TOKENS),
        }
    }

    /// Returns the first hit of the worst kind. A verdict for which `is_answer` holds is no attack: some prompts ask
    /// for ratings, and some programs hold them.
    pub fn find(&self, text: &str, is_answer: impl Fn(&Range<usize>) -> bool) -> Option<Hit> {
        let first = |pattern: &Regex| pattern.find(text).map(|found| found.range());
        let command = first(&self.commands).map(|range| Hit { what: "a command to the critics", range });
        let token = first(&self.tokens).map(|range| Hit { what: "a control token", range });
        let verdict = first(&self.verdicts).filter(|range| !is_answer(range));
        command.or(token).or(verdict.map(|range| Hit { what: "a verdict", range }))
    }
}
