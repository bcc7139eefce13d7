//! Numbers of offices that hold letters.
//!
//! Every check takes ASCII digits and capitals.

/// The letters of Italian months.
const IT_MONTHS: &[u8] = b"ABCDEHLMPRST";
/// What digits of a codice fiscale become where two people would have the same.
const IT_DIGITS: &[u8] = b"LMNPQRSTUV";
/// The values of characters in odd places of a codice fiscale, from `0` and from `A`.
const IT_ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const ES_LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// British national insurance numbers: two letters that are issued together, six digits, A to D.
pub(crate) fn is_nino(code: &[u8]) -> bool {
    let [first, second, digits @ .., last] = code else { return false };
    let legal_first = first.is_ascii_uppercase() && !b"DFIQUV".contains(first);
    let legal_second = second.is_ascii_uppercase() && !b"DFIOQUV".contains(second);
    let unused = [*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&[*first, *second]);
    let six = digits.len() == 6 && digits.iter().all(u8::is_ascii_digit);
    legal_first && legal_second && !unused && six && (b'A'..=b'D').contains(last)
}

/// Italian codici fiscali: six letters, year, month, day, place and the check letter.
pub(crate) fn is_codice_fiscale(code: &[u8]) -> bool {
    const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
    let Ok(code): Result<[u8; 16], _> = code.try_into() else { return false };
    let digit = |at: usize| match code[at] {
        byte @ b'0'..=b'9' => Some(u32::from(byte - b'0')),
        byte => IT_DIGITS.iter().position(|letter| *letter == byte).map(|value| value as u32),
    };
    let letters = (0..16).filter(|at| !DIGITS.contains(at)).all(|at| code[at].is_ascii_uppercase());
    let digits = DIGITS.iter().all(|at| digit(*at).is_some());
    let day = digit(9).zip(digit(10)).map_or(0, |(tens, ones)| tens * 10 + ones);
    let legal = letters && digits && IT_MONTHS.contains(&code[8]) && matches!(day, 1..=31 | 41..=71);
    let index = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
    let sum = || -> u32 {
        let values = code[..15].iter().enumerate();
        // Places count from 1, so that the first is odd.
        values
            .map(|(at, b)| if at % 2 == 0 { IT_ODD[index(*b) as usize] } else { u32::from(index(*b)) })
            .sum()
    };
    legal && sum() % 26 == u32::from(code[15] - b'A')
}

/// Spanish NIFs (eight digits and a letter) and NIEs (X, Y or Z, seven digits and a letter): mod 23.
pub(crate) fn is_nif(code: &[u8]) -> bool {
    let Ok(code): Result<[u8; 9], _> = code.try_into() else { return false };
    let first = match code[0] {
        byte @ b'0'..=b'9' => u32::from(byte - b'0'),
        byte @ b'X'..=b'Z' => u32::from(byte - b'X'),
        _ => return false,
    };
    if !code[1..8].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = code[1..8].iter().fold(first, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    number > 0 && ES_LETTERS[(number % 23) as usize] == code[8]
}

/// Singaporean NRICs and FINs: S, T, F, G or M, seven digits and a check letter.
pub(crate) fn is_nric(code: &[u8]) -> bool {
    const WEIGHTS: [u32; 7] = [2, 7, 6, 5, 4, 3, 2];
    let Ok([first, digits @ .., last]): Result<[u8; 9], _> = code.try_into() else { return false };
    let (offset, letters) = match first {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    letters[((sum + offset) % 11) as usize] == last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_hold() {
        assert!(is_nino(b"AB123456C") && !is_nino(b"BG123456C") && !is_nino(b"AB123456E"));
        assert!(is_codice_fiscale(b"RSSMRA85T10A562S") && !is_codice_fiscale(b"RSSMRA85T10A562T"));
        assert!(is_nif(b"12345678Z") && is_nif(b"X1234567L") && !is_nif(b"12345678A"));
        assert!(
            is_nric(b"S1234567D") && is_nric(b"T1234567J") && is_nric(b"F1234567N") && is_nric(b"G1234567X")
        );
        assert!(is_nric(b"M1234567K") && !is_nric(b"S1234567A"));
    }
}
