//! Validators: what tells a real datum from digits and letters that look like one.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Issuer ranges: first and last prefix, and the legal lengths.
///
/// Visa numbers of 13 digits are left out: none is issued any more, and bar codes look the same.
const ISSUERS: &[(&str, &str, std::ops::RangeInclusive<usize>)] = &[
    ("4", "4", 16..=16),       // Visa
    ("51", "55", 16..=16),     // Mastercard
    ("2221", "2720", 16..=16), // Mastercard
    ("34", "34", 15..=15),     // American Express
    ("37", "37", 15..=15),     // American Express
    ("6011", "6011", 16..=16), // Discover
    ("644", "659", 16..=16),   // Discover
    ("3528", "3589", 16..=16), // JCB
    ("300", "305", 14..=14),   // Diners Club
    ("36", "36", 14..=14),     // Diners Club
    ("38", "39", 14..=14),     // Diners Club
    ("62", "62", 16..=19),     // UnionPay
    ("2200", "2204", 16..=16), // Mir
    ("5018", "5018", 12..=19), // Maestro
    ("5020", "5020", 12..=19), // Maestro
    ("5038", "5038", 12..=19), // Maestro
    ("6304", "6304", 12..=19), // Maestro
    ("6759", "6763", 12..=19), // Maestro
];

/// Lengths of IBANs by country, from the SWIFT registry.
const IBAN_LENGTHS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FK FO GL NL SD"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH CR HR LI LV"),
    (22, "BG BH DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];

/// Numbers printed in advertisements, which belong to no one.
const PRINTED_SSNS: [[&str; 3]; 2] = [["078", "05", "1120"], ["219", "09", "9999"]];

/// Public name servers: everyone's address is no one's.
const NAME_SERVERS: [[u8; 4]; 6] =
    [[1, 0, 0, 1], [1, 1, 1, 1], [8, 8, 4, 4], [8, 8, 8, 8], [9, 9, 9, 9], [208, 67, 222, 222]];

/// Tells whether `digits` (ASCII digits only) are a card number: issuer, length and Luhn digit agree.
pub(crate) fn is_card(digits: &str) -> bool {
    let issued = ISSUERS.iter().any(|(first, last, lengths)| {
        lengths.contains(&digits.len())
            && digits.get(..first.len()).is_some_and(|prefix| (*first..=*last).contains(&prefix))
    });
    issued && luhn(digits.as_bytes())
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    sum.is_multiple_of(10)
}

/// Returns how long an IBAN of `country` is.
pub(crate) fn iban_length(country: &str) -> Option<usize> {
    let of_country = |(_, countries): &&(usize, &str)| countries.split(' ').any(|known| known == country);
    IBAN_LENGTHS.iter().find(of_country).map(|(length, _)| *length)
}

/// Tells whether the check digits of `iban` (capitals and digits only) hold: ISO 7064, mod 97.
pub(crate) fn is_iban(iban: &[u8]) -> bool {
    let rotated = iban[4..].iter().chain(&iban[..4]);
    let remainder = rotated.fold(0, |rest: u32, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}

/// Tells whether area, group and serial make a social security number that can have been issued.
pub(crate) fn is_ssn(parts: [&str; 3]) -> bool {
    let [area, group, serial] = parts;
    let legal_area = area != "000" && area != "666" && !area.starts_with('9');
    let all_same = parts.concat().bytes().all(|digit| digit == area.as_bytes()[0]);
    legal_area && group != "00" && serial != "0000" && !all_same && !PRINTED_SSNS.contains(&parts)
}

/// Tells whether the address is one that may lead to somebody: public, in no range for documentation or tests.
pub(crate) fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = [a, b, c] == [192, 0, 0];
    let special = a == 0 || a >= 224 || shared || benchmark || protocol;
    let reserved = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation();
    !special && !reserved && !NAME_SERVERS.contains(&ip.octets())
}

/// Tells the same of an IPv6 address: global unicast, outside the range for documentation.
pub(crate) fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    (0x2000..0x4000).contains(&first) && (first, second) != (0x2001, 0x0db8)
}

/// Tells whether a key's body is a placeholder: few different characters, or words that say so.
///
/// Keys printed in manuals as examples have the whole shape of a key, and count as one.
pub(crate) fn is_placeholder(body: &str) -> bool {
    const LEAST_DISTINCT: u32 = 8;
    let seen = body.bytes().fold(0_u128, |seen, byte| seen | 1 << (byte & 127));
    let lower = body.to_ascii_lowercase();
    let says_so = ["your", "placeholder", "xxxx", "dummy"].iter().any(|word| lower.contains(word));
    seen.count_ones() < LEAST_DISTINCT || says_so
}

/// Tells whether `segment` decodes (base64url) to what a token's header looks like: an object with `alg`.
pub(crate) fn is_jwt_header(segment: &str) -> bool {
    let Some(json) = decode_base64url(segment) else { return false };
    json.starts_with(b"{") && json.ends_with(b"}") && json.windows(5).any(|window| window == b"\"alg\"")
}

fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_need_issuer_length_and_luhn_digit() {
        for card in ["4111111111111111", "5555555555554444", "378282246310005", "30569309025904"] {
            assert!(is_card(card), "{card}");
        }
        for other in ["4111111111111112", "1234567812345670", "411111111111111", "4222222222222"] {
            assert!(!is_card(other), "{other}");
        }
    }

    #[test]
    fn ibans_need_their_check_digits() {
        assert!(is_iban(b"DE89370400440532013000"));
        assert!(is_iban(b"GB82WEST12345698765432"));
        assert!(!is_iban(b"DE89370400440532013001"));
        assert_eq!((iban_length("DE"), iban_length("US")), (Some(22), None));
    }

    #[test]
    fn ssns_that_were_never_issued_are_none() {
        assert!(is_ssn(["536", "22", "8145"]));
        for [area, group, serial] in [
            ["000", "12", "3456"],
            ["666", "12", "3456"],
            ["912", "12", "3456"],
            ["123", "00", "4567"],
            ["123", "45", "0000"],
            ["078", "05", "1120"],
            ["111", "11", "1111"],
        ] {
            assert!(!is_ssn([area, group, serial]), "{area}-{group}-{serial}");
        }
    }

    #[test]
    fn a_header_is_json_with_an_algorithm() {
        assert!(is_jwt_header("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"));
        assert!(!is_jwt_header("eyJmb28iOiJiYXIifQ"));
        assert!(!is_jwt_header("eyJ!"));
    }
}
