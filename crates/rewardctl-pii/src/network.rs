//! IPv6 and MAC addresses: found by their colons, then read outwards; MAC addresses also by their dashes and dots.

use std::net::Ipv6Addr;

use crate::border::{token_may_begin, token_may_end};
use crate::check::net::{Reach, reach_v6};
use crate::finding::Finding;
use crate::kind::Kind;

/// The longest way to write an IPv6 address.
const IPV6_LIMIT: usize = 45;
/// Six pairs with a sign between each two.
const MAC_LENGTH: usize = 17;
/// The start of MAC addresses that manuals print.
const PRINTED_MACS: [&str; 6] = ["001A2B", "001122", "012345", "123456", "AABBCC", "DEADBE"];

/// Adds the addresses of `text` that are parted by colons.
pub(crate) fn find_by_colons(text: &str, found: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    while let Some(gap) = text[done..].find(':') {
        let at = done + gap;
        let before =
            bytes[done..at].iter().rev().take(IPV6_LIMIT).take_while(|b| b.is_ascii_hexdigit()).count();
        let start = at - before;
        let run = bytes[start..].iter().take_while(|byte| byte.is_ascii_hexdigit() || **byte == b':').count();
        done = start + run;
        let stands_alone = token_may_begin(bytes, start) && token_may_end(bytes, done);
        if run > IPV6_LIMIT || !stands_alone {
            continue;
        }
        let written = text[start..done].trim_end_matches(':');
        if let Some(finding) = mac(written, start) {
            found.push(finding);
        } else if let Ok(address) = written.parse::<Ipv6Addr>() {
            let (first, last) = (start, start + written.len());
            match reach_v6(address) {
                Reach::Public => found.push(Finding::validated(Kind::IpAddress, first, last)),
                Reach::Local => found.push(Finding::possible(Kind::IpAddress, first, last)),
                Reach::Everyone => {}
            }
        }
    }
}

/// Adds the MAC addresses of `text` that are parted by dashes, `00-1A-2B-3C-4D-5E`.
pub(crate) fn find_by_dashes(text: &str, found: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    while let Some(gap) = text[done..].find('-') {
        let at = done + gap;
        done = at + 1;
        let Some(start) = at.checked_sub(2) else { continue };
        let Some(written) = text.get(start..start + MAC_LENGTH) else { continue };
        let after = start + MAC_LENGTH;
        let begins = token_may_begin(bytes, start) && !bytes[..start].ends_with(b"-");
        if begins && token_may_end(bytes, after) && bytes.get(after) != Some(&b'-') {
            found.extend(mac(written, start));
        }
    }
}

fn mac(written: &str, start: usize) -> Option<Finding> {
    let bytes = written.as_bytes();
    let parted = |(at, byte): (usize, &u8)| match at % 3 {
        2 => *byte == bytes[2] && matches!(byte, b':' | b'-'),
        _ => byte.is_ascii_hexdigit(),
    };
    if bytes.len() != MAC_LENGTH || !bytes.iter().enumerate().all(parted) {
        return None;
    }
    let digits: String =
        written.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_uppercase();
    let is_everyones = digits.chars().all(|digit| digit == '0') || digits.chars().all(|digit| digit == 'F');
    // The last bits of the first byte: for a group of machines, or made up by the machine itself.
    let first = u8::from_str_radix(&digits[..2], 16).ok()?;
    let is_of_a_vendor = first & 0b11 == 0 && !PRINTED_MACS.iter().any(|printed| digits.starts_with(printed));
    let certain = if is_of_a_vendor { Finding::validated } else { Finding::possible };
    (!is_everyones).then(|| certain(Kind::MacAddress, start, start + MAC_LENGTH))
}
