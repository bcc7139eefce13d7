//! Tokens: placeholders, headers of web tokens, checksums, how random characters look.

/// Tells whether a key's body is a placeholder: few different characters, or words that say so.
///
/// Keys printed in manuals as examples have the whole shape of a key, and count as one.
pub(crate) fn is_placeholder(body: &str) -> bool {
    const LEAST_DISTINCT: u32 = 8;
    let lower = body.to_ascii_lowercase();
    let says_so = ["your", "placeholder", "xxxx", "dummy"].iter().any(|word| lower.contains(word));
    distinct(body) < LEAST_DISTINCT || says_so
}

/// Counts the different bytes of `text`, of those below 128.
pub(crate) fn distinct(text: &str) -> u32 {
    text.bytes().fold(0_u128, |seen, byte| seen | 1 << (byte & 127)).count_ones()
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
        }
    }
    Some(bytes)
}

/// Tells whether the last six characters of `body` are the CRC-32 of those before, in base 62, as GitHub and npm
/// write it.
pub(crate) fn ends_with_crc32(body: &str) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((random, check)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    let mut rest = crc32(random.as_bytes());
    check.bytes().rev().all(|digit| {
        let expected = DIGITS[(rest % 62) as usize];
        rest /= 62;
        digit == expected
    })
}

/// CRC-32 (ISO 3309), bit by bit: tokens are short.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let step = |crc: u32, _| crc >> 1 ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Returns Shannon's entropy of the bytes of `text`, in bits a byte.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = text.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_json_with_an_algorithm() {
        assert!(is_jwt_header("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"));
        assert!(!is_jwt_header("eyJmb28iOiJiYXIifQ"));
        assert!(!is_jwt_header("eyJ!"));
    }

    #[test]
    fn the_checksum_of_a_token() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert!(ends_with_crc32("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"));
        assert!(!ends_with_crc32("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"));
    }
}
