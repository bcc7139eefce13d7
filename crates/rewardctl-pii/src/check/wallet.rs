//! Addresses of wallets: Base58Check, Bech32 (BIP 173), Bech32m (BIP 350), EIP-55.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Tells whether `text` is a Bitcoin address that begins with 1 or 3: version, 20 bytes, four bytes of checksum.
pub(crate) fn is_base58_address(text: &[u8]) -> bool {
    let Some(bytes) = decode_base58(text) else { return false };
    let known_version = matches!(bytes[0], 0x00 | 0x05);
    known_version && Sha256::digest(Sha256::digest(&bytes[..21]))[..4] == bytes[21..]
}

fn decode_base58(text: &[u8]) -> Option<[u8; 25]> {
    let mut bytes = [0; 25];
    for letter in text {
        let mut carry = BASE58.iter().position(|known| known == letter)? as u32;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(bytes)
}

/// Tells whether `text` is a Bitcoin address that begins with `bc1`: the checksum of Bech32 or Bech32m.
pub(crate) fn is_bech32_address(text: &[u8]) -> bool {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let one_case = !(text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase));
    let text = text.to_ascii_lowercase();
    let Some(data) = text.strip_prefix(b"bc1").filter(|_| one_case) else { return false };
    let prefix = [3, 3, 0, 2, 3].into_iter().map(Some);
    let values = data.iter().map(|letter| BECH32.iter().position(|known| known == letter).map(|v| v as u32));
    let sum = prefix.chain(values).try_fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ value?;
        Some((0..5).filter(|bit| top >> bit & 1 == 1).fold(shifted, |sum, bit| sum ^ GENERATORS[bit]))
    });
    matches!(sum, Some(1 | 0x2bc8_30a3))
}

/// What the letters of an Ethereum address say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eip55 {
    /// Capitals where the hash of the address wants them.
    Holds,
    /// All letters of one case: there is no checksum.
    Absent,
    /// Capitals elsewhere.
    Broken,
}

/// Reads the checksum of the 40 hexadecimal digits of an Ethereum address.
pub(crate) fn eip55(digits: &[u8]) -> Eip55 {
    let has = |is: fn(&u8) -> bool| digits.iter().any(is);
    if !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)) {
        return Eip55::Absent;
    }
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let holds = digits.iter().enumerate().all(|(at, digit)| {
        let nibble = hash[at / 2] >> if at % 2 == 0 { 4 } else { 0 } & 15;
        !digit.is_ascii_alphabetic() || (nibble >= 8) == digit.is_ascii_uppercase()
    });
    if holds { Eip55::Holds } else { Eip55::Broken }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_addresses_hold() {
        assert!(is_base58_address(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(is_base58_address(b"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"));
        assert!(!is_base58_address(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert!(is_bech32_address(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
        assert!(is_bech32_address(b"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(!is_bech32_address(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        assert_eq!(eip55(b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), Eip55::Holds);
        assert_eq!(eip55(b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"), Eip55::Broken);
        assert_eq!(eip55(b"5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), Eip55::Absent);
    }
}
