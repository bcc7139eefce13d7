//! Payment cards: issuer range, length and the Luhn digit (ISO/IEC 7812-1).

use crate::check::luhn;

/// Issuer ranges: first and last prefix, and the legal lengths.
///
/// Visa numbers of 13 digits are left out: none is issued any more, and bar codes look the same.
const ISSUERS: &[(&str, &str, std::ops::RangeInclusive<usize>)] = &[
    ("4", "4", 16..=16),       // Visa
    ("51", "55", 16..=16),     // Mastercard
    ("2221", "2720", 16..=16), // Mastercard
    ("34", "34", 15..=15),     // American Express
    ("37", "37", 15..=15),     // American Express
    ("6011", "6011", 16..=19), // Discover
    ("644", "659", 16..=19),   // Discover
    ("3528", "3589", 16..=19), // JCB
    ("300", "305", 14..=14),   // Diners Club
    ("36", "36", 14..=14),     // Diners Club
    ("38", "39", 14..=14),     // Diners Club
    ("62", "62", 16..=19),     // UnionPay
    ("2200", "2204", 16..=19), // Mir
    ("5018", "5018", 12..=19), // Maestro
    ("5020", "5020", 12..=19), // Maestro
    ("5038", "5038", 12..=19), // Maestro
    ("6304", "6304", 12..=19), // Maestro
    ("6759", "6763", 12..=19), // Maestro
];

/// Tells whether `digits` are a card number: issuer, length and Luhn digit agree.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    let issued = ISSUERS.iter().any(|(first, last, lengths)| {
        let prefix = digits.get(..first.len());
        lengths.contains(&digits.len())
            && prefix.is_some_and(|prefix| (first.as_bytes()..=last.as_bytes()).contains(&prefix))
    });
    issued && luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_lengths_and_digits_agree() {
        for card in
            ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "30569309025904"]
        {
            assert!(is_card(card.as_bytes()), "{card}");
        }
        for card in ["4111111111111112", "411111111111111", "9111111111111111", "1234567812345670"] {
            assert!(!is_card(card.as_bytes()), "{card}");
        }
    }
}
