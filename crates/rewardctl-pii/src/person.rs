//! Names of persons and postal addresses, looked for on demand: by titles, phrases, common first names and words for
//! street. Weak: a name without any of these is missed, and a company or a place can look like one.

use regex::Regex;

use crate::finding::Finding;
use crate::kind::Kind;

/// First names that many people in many countries have.
const FIRST_NAMES: &str = "Aisha|Ahmed|Alexander|Alice|Amir|Ana|Andrea|Andreas|Andrew|Anna|Anthony|Antonio|Barbara|Ben|\
Benjamin|Brian|Carlos|Carol|Catherine|Charles|Chen|Chloe|Chris|Christian|Christopher|Claudia|Daniel|David|Deborah|Diego|\
Dmitri|Donald|Edward|Elena|Elizabeth|Emily|Emma|Eric|Fatima|Fernando|Francesco|Frank|George|Giulia|Grace|Hans|Hassan|\
Helen|Henry|Hiroshi|Ibrahim|Ingrid|Isabella|Ivan|Jack|Jacob|James|Jane|Jean|Jennifer|Jessica|Joao|João|John|Jonathan|\
Jorge|Jose|José|Joseph|Juan|Julia|Karen|Karl|Katarzyna|Kenji|Kevin|Khalid|Kim|Klaus|Laura|Lars|Lena|Leila|Linda|Lisa|\
Li|Lucas|Lucia|Luis|Maria|María|Marco|Margaret|Mark|Marie|Martin|Mary|Matthew|Mei|Michael|Miguel|Mohamed|Mohammed|\
Muhammad|Nancy|Natalia|Nicole|Noah|Olga|Olivia|Omar|Patricia|Patrick|Paul|Pedro|Peter|Pierre|Priya|Rachel|Raj|Rebecca|\
Richard|Robert|Roberto|Ryan|Samuel|Sandra|Sara|Sarah|Sergei|Sofia|Sophie|Stefan|Stephen|Steven|Susan|Thomas|Timothy|\
Ursula|Victoria|Wei|William|Wolfgang|Xiao|Yan|Yuki|Yusuf";

const TITLED: &str = r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Monsieur|Madame|Señora?|Sra?|Sig)\.? (NAME)";
const PHRASED: &str = r"\b(?i:my name is|i am called|this is|regards|sincerely|yours|signed|mein name ist|ich heiße|je m'appelle|me llamo|name:)[,:]?\s{1,2}(NAME)";
const LISTED: &str =
    r"\b((?:FIRST)(?: [\p{Lu}]\.)?(?: (?:van|von|de|da|del|la|bin|al))?(?: \p{Lu}[\p{L}'’-]{1,25}){1,2})";
const NAME: &str = r"\p{Lu}[\p{L}'’-]{1,25}(?: (?:\p{Lu}\.|(?:van|von|de|da|del) \p{Lu}[\p{L}'’-]{1,25}|\p{Lu}[\p{L}'’-]{1,25})){0,2}";

const ADDRESSES: [&str; 5] = [
    r"\b(\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:\p{Lu}[\p{L}.'’-]{1,25} ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Close|Crescent)\b\.?(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor|#)\.? ?\w{1,6})?)",
    r"\b(\p{Lu}[\p{L}-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer) \d{1,4}[a-z]?\b)",
    r"\b(\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|chemin|quai|impasse) (?:de |du |des |la |l['’]|d['’]){0,2}\p{Lu}[\p{L}'’-]{1,25}(?: \p{Lu}[\p{L}'’-]{1,25}){0,2})",
    r"\b((?:Calle|Avenida|Via|Viale|Piazza|Rua|Plaza) (?:de |del |della |da |do |la ){0,2}\p{Lu}[\p{L}'’-]{1,25}(?: \p{Lu}[\p{L}'’-]{1,25}){0,2},? \d{1,4})",
    r"\b((?i:p\.? ?o\.? box) \d{1,6})",
];

/// The patterns, compiled.
#[derive(Debug)]
pub(crate) struct People {
    names: Vec<Regex>,
    addresses: Vec<Regex>,
}

impl People {
    /// Compiles the patterns.
    pub fn new() -> Self {
        let compile = |pattern: &str| {
            let pattern = pattern.replace("NAME", NAME).replace("FIRST", FIRST_NAMES);
            Regex::new(&pattern).expect("a test compiles every pattern of the lists")
        };
        Self {
            names: [TITLED, PHRASED, LISTED].map(compile).into(),
            addresses: ADDRESSES.map(compile).into(),
        }
    }

    /// Adds the names and addresses of `text`.
    pub fn find(&self, text: &str, found: &mut Vec<Finding>) {
        for (kind, patterns) in [(Kind::PersonName, &self.names), (Kind::PostalAddress, &self.addresses)] {
            for pattern in patterns {
                let stretches = pattern.captures_iter(text).filter_map(|matched| matched.get(1));
                found
                    .extend(stretches.map(|stretch| Finding::possible(kind, stretch.start(), stretch.end())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_with_a_sign() {
        let people = People::new();
        let check = |text: &str, expected: &[&str]| {
            let mut found = vec![];
            people.find(text, &mut found);
            let stretches: Vec<&str> = found.iter().map(|one| &text[one.range()]).collect();
            assert_eq!(stretches, expected, "in {text:?}");
        };
        check("I spoke with Maria Garcia about it.", &["Maria Garcia"]);
        check("Dear Dr. Okonkwo,", &["Okonkwo"]);
        check("my name is Zuzana Horáková.", &["Zuzana Horáková"]);
        check("Send it to 12 Old Mill Road, Apt 4.", &["12 Old Mill Road, Apt 4"]);
        check("Lindenstraße 5, 12 rue de la Paix", &["Lindenstraße 5", "12 rue de la Paix"]);
        check("The Old Road is closed on 5 May.", &[]);
    }
}
