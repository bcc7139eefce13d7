//! Validators: what tells a real datum from digits and letters that look like one.

pub(crate) mod card;
pub(crate) mod code;
pub(crate) mod iban;
pub(crate) mod national;
pub(crate) mod net;
pub(crate) mod token;
pub(crate) mod wallet;

/// Tells whether the last digit is that of Luhn (ISO/IEC 7812-1, annex B).
pub(crate) fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// Returns the sum that Luhn's digit makes a multiple of ten.
pub(crate) fn luhn_sum(digits: &[u8]) -> u32 {
    digits
        .iter()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum()
}
