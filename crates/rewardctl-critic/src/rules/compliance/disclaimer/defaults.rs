//! The topics of `rule.disclaimer` unless the settings name others. Words and patterns were written for rewardctl.

use crate::rules::settings::{DisclaimerSettings, DisclaimerTopic};

/// Words of a person with a complaint, rather than of a student of medicine.
const HEALTH_TRIGGERS: &[&str] = &[
    "antibiotic*",
    "antidepressant*",
    "aspirin",
    "bleeding",
    "blood pressure",
    "blood sugar",
    "chest pain",
    "chest pressure",
    "diagnos*",
    "dosage",
    "dose of",
    "fever",
    "headache*",
    "high cholesterol",
    "hurts",
    "ibuprofen",
    "infection",
    "insomnia",
    "lump",
    "medication*",
    "medicine*",
    "migraine*",
    "mole",
    "my anxiety",
    "my depression",
    "my doctor",
    "numb",
    "overdose",
    "painkiller*",
    "paracetamol",
    "pregnant",
    "prescri*",
    "pressure on his chest",
    "pressure on my chest",
    "rash",
    "side effect*",
    "swollen",
    "symptom*",
    "tylenol",
    "vaccine*",
];
const HEALTH_DISCLAIMERS: &[&str] = &[
    r"doctors?|physicians?|pharmacists?|dermatologists?|therapists?|psychiatrists?|midwife|paramedics?",
    r"health ?care (?:providers?|professionals?|team)|medical (?:professional|help|attention|advice|care|emergency)",
    r"ambulance|emergency (?:room|services?|department|number)|call (?:911|112|999)",
    r"professional (?:medical )?(?:advice|help)|not (?:a )?(?:substitute|replacement) for",
];

const LAW_TRIGGERS: &[&str] = &[
    "alimony",
    "arrested",
    "being sued",
    "break my lease",
    "child custody",
    "custody of",
    "divorce",
    "evict*",
    "get sued",
    "landlord",
    "lawsuit*",
    "lawyer*",
    "legal action",
    "legal advice",
    "legally",
    "my contract",
    "my lease",
    "press charges",
    "restraining order",
    "small claims",
    "sue",
    "sued",
    "visa application",
    "wrongful termination",
];
const LAW_DISCLAIMERS: &[&str] = &[
    r"lawyers?|attorneys?|solicitors?|legal (?:aid|advice|counsel|professional|help)|tenants?.{0,3} (?:association|union)",
    r"advice (?:centre|center|service)|general information|in (?:most|many|some) (?:places|countries|states|legal systems)",
    r"(?:laws?|rules?|deadlines?|rights?)[^.]{0,40}(?:vary|varies|differs?|depends?)",
    r"depend(?:s|ing)? on (?:your|the|local|where) (?:jurisdiction|state|country|laws?|you live)",
];

const MONEY_TRIGGERS: &[&str] = &[
    "401(k)",
    "401k",
    "bitcoin",
    "bonds",
    "credit card debt",
    "crypto*",
    "etf",
    "index fund*",
    "inherit*",
    "invest",
    "investing",
    "investment*",
    "mortgage",
    "my debt",
    "my savings",
    "mutual fund*",
    "pension",
    "portfolio",
    "refinanc*",
    "retire",
    "retirement",
    "roth ira",
    "stocks",
    "student loan*",
    "tax deduct*",
    "taxes",
    "trading",
];
const MONEY_DISCLAIMERS: &[&str] = &[
    r"(?:financial|tax|investment|debt) (?:advis[eo]rs?|planners?|professionals?|experts?|counsell?ors?)|accountants?|cpa",
    r"not (?:a )?(?:substitute for )?(?:financial|investment|tax) advice|not (?:a )?financial advis[eo]r",
    r"past performance|(?:may|can|could) lose|risk of losing|do your own research",
    r"(?:involves?|carry|carries|comes? with) (?:\w+ )?risks?|general information",
];

impl Default for DisclaimerSettings {
    fn default() -> Self {
        let topic = |name: &str, triggers: &[&str], disclaimers: &[&str]| DisclaimerTopic {
            name: name.into(),
            triggers: triggers.iter().map(|trigger| (*trigger).into()).collect(),
            disclaimers: disclaimers.iter().map(|pattern| format!(r"\b(?:{pattern})\b")).collect(),
        };
        Self {
            topics: vec![
                topic("health", HEALTH_TRIGGERS, HEALTH_DISCLAIMERS),
                topic("law", LAW_TRIGGERS, LAW_DISCLAIMERS),
                topic("money", MONEY_TRIGGERS, MONEY_DISCLAIMERS),
            ],
        }
    }
}
