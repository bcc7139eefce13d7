//! Numbers of offices that are digits alone: what can have been issued, and the check digits.
//!
//! Every check takes ASCII digits of the right length.

use crate::check::luhn;

/// Numbers printed in advertisements, which belong to no one.
const PRINTED_SSNS: [&[u8]; 3] = [b"078051120", b"219099999", b"123456789"];

/// US social security numbers: area, group and serial that can have been issued.
pub(crate) fn is_ssn(digits: &[u8]) -> bool {
    let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
    let legal_area = area != b"000" && area != b"666" && area[0] != b'9';
    legal_area && group != b"00" && serial != b"0000" && !all_same(digits) && !PRINTED_SSNS.contains(&digits)
}

/// US ITINs: 9, and a group in the ranges that the IRS issues.
pub(crate) fn is_itin(digits: &[u8]) -> bool {
    let group = number(&digits[3..5]);
    digits[0] == b'9' && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// US bank routing numbers: a Federal Reserve district, weights 3, 7, 1.
pub(crate) fn is_routing_number(digits: &[u8]) -> bool {
    let district = number(&digits[..2]);
    let legal = matches!(district, 1..=12 | 21..=32 | 61..=72 | 80);
    legal && weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

/// US national provider identifiers: the Luhn digit over 80840 and the number, which adds 24.
pub(crate) fn is_npi(digits: &[u8]) -> bool {
    matches!(digits[0], b'1' | b'2') && (crate::check::luhn_sum(digits) + 24).is_multiple_of(10)
}

/// NHS numbers: weights 10 to 2, mod 11.
pub(crate) fn is_nhs(digits: &[u8]) -> bool {
    let rest = weighted(&digits[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = (11 - rest) % 11;
    check == value(digits[9]) && !all_same(digits)
}

/// German tax identification numbers: ISO 7064 mod 11,10, and of the first ten digits one alone repeats, at most
/// three times.
pub(crate) fn is_de_tax_id(digits: &[u8]) -> bool {
    let mut counts = [0; 10];
    digits[..10].iter().for_each(|digit| counts[value(*digit) as usize] += 1);
    let repeats = counts.iter().filter(|count| **count > 1).count();
    let legal = digits[0] != b'0' && repeats == 1 && counts.iter().all(|count| *count <= 3);
    let product = digits[..10].iter().fold(10, |product, digit| {
        let sum = match (value(*digit) + product) % 10 {
            0 => 10,
            sum => sum,
        };
        sum * 2 % 11
    });
    legal && (11 - product) % 10 == value(digits[10])
}

/// French social security numbers: sex, month, and the key 97 − (number mod 97); Corsica's letters are not read.
pub(crate) fn is_nir(digits: &[u8]) -> bool {
    let month = number(&digits[3..5]);
    let legal = matches!(digits[0], b'1'..=b'4' | b'7' | b'8') && matches!(month, 1..=12 | 20..=42 | 50..=99);
    legal && 97 - number(&digits[..13]) % 97 == number(&digits[13..])
}

/// Dutch citizen service numbers: the eleven test, with weight −1 for the last digit.
pub(crate) fn is_bsn(digits: &[u8]) -> bool {
    let sum = weighted(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == value(digits[8]) && sum > 0
}

/// Polish PESELs: a date, whose month tells the century, and a check digit.
pub(crate) fn is_pesel(digits: &[u8]) -> bool {
    let (month, day) = (number(&digits[2..4]) % 20, number(&digits[4..6]));
    let rest = weighted(&digits[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10;
    (1..=12).contains(&month) && (1..=31).contains(&day) && (10 - rest) % 10 == value(digits[10])
}

/// Brazilian CPFs: two check digits, mod 11.
pub(crate) fn is_cpf(digits: &[u8]) -> bool {
    let check = |length: usize| {
        let sum: u32 = (0..length).map(|at| value(digits[at]) * (length + 1 - at) as u32).sum();
        sum * 10 % 11 % 10 == value(digits[length])
    };
    !all_same(digits) && check(9) && check(10)
}

/// Brazilian CNPJs: two check digits, mod 11, with weights that go round from 2 to 9.
pub(crate) fn is_cnpj(digits: &[u8]) -> bool {
    let check = |length: usize| {
        let sum: u32 = (0..length).map(|at| value(digits[at]) * ((length - 1 - at) % 8 + 2) as u32).sum();
        sum * 10 % 11 % 10 == value(digits[length])
    };
    !all_same(digits) && check(12) && check(13)
}

/// Indian Aadhaar numbers: no 0 or 1 in front, the Verhoeff digit.
pub(crate) fn is_aadhaar(digits: &[u8]) -> bool {
    digits[0] >= b'2' && !all_same(digits) && verhoeff(digits)
}

/// Canadian social insurance numbers: the Luhn digit.
pub(crate) fn is_sin(digits: &[u8]) -> bool {
    digits[0] != b'8' && !all_same(digits) && luhn(digits)
}

/// Device numbers (IMEI): the Luhn digit.
pub(crate) fn is_imei(digits: &[u8]) -> bool {
    !all_same(digits) && luhn(digits)
}

/// Verhoeff's check over the dihedral group of the pentagon (Verhoeff 1969).
fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permuted = |digit: u8, times: usize| (0..times % 8).fold(digit, |d, _| PERMUTATION[d as usize]);
    let folded = digits.iter().rev().enumerate();
    folded.fold(0, |sum, (at, digit)| product(sum, permuted(digit - b'0', at))) == 0
}

fn all_same(digits: &[u8]) -> bool {
    digits.iter().all(|digit| *digit == digits[0])
}

fn value(digit: u8) -> u32 {
    u32::from(digit - b'0')
}

fn number(digits: &[u8]) -> u32 {
    // Thirteen digits do not fit, but their remainder mod 97 does.
    const MODULUS: u64 = 97 * 1_000_000;
    let whole = digits.iter().fold(0_u64, |sum, digit| (sum * 10 + u64::from(digit - b'0')) % MODULUS);
    whole as u32
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| value(*digit) * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_have_been_issued() {
        for ssn in ["000123456", "666123456", "912123456", "123004567", "123450000", "078051120", "111111111"]
        {
            assert!(!is_ssn(ssn.as_bytes()), "{ssn}");
        }
        assert!(is_ssn(b"536228145") && is_itin(b"912703456") && !is_itin(b"912893456"));
    }

    #[test]
    fn published_examples_hold_and_a_changed_digit_does_not() {
        type Check = fn(&[u8]) -> bool;
        let cases: &[(Check, &str)] = &[
            (is_routing_number, "021000021"),
            (is_npi, "1234567893"),
            (is_nhs, "9434765919"),
            (is_de_tax_id, "86095742719"),
            (is_nir, "255081416802538"),
            (is_bsn, "111222333"),
            (is_pesel, "44051401359"),
            (is_cpf, "11144477735"),
            (is_cnpj, "11222333000181"),
            (is_aadhaar, "234123412346"),
            (is_sin, "123456782"),
            (is_imei, "490154203237518"),
        ];
        for (is_valid, number) in cases {
            assert!(is_valid(number.as_bytes()), "{number}");
            let mut wrong = number.as_bytes().to_vec();
            let last = wrong.len() - 1;
            wrong[last] = b'0' + (wrong[last] - b'0' + 1) % 10;
            assert!(!is_valid(&wrong), "{number}");
        }
    }
}
