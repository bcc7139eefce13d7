use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Compiled once for all tests: compiling is slow in a debug build.
static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

/// Checks what is found in `text`, written as `kind: the stretch`.
fn check(text: &str, expected: &[&str]) {
    let findings = DETECTOR.find(text);
    let written: Vec<String> =
        findings.iter().map(|f| format!("{}: {}", f.kind.name(), &text[f.start..f.end])).collect();
    assert_eq!(written, expected, "in {text:?}");
}

/// Puts a token together at run time, so that no file holds what scanners take for a leaked secret.
fn token(prefix: &str, length: usize) -> String {
    let letters = "q7Rt2Lw9Xc4Vb6Nm1Za8Sd3Fg5HjKpYeUo";
    prefix.chars().chain(letters.chars().cycle().take(length)).collect()
}

#[test]
fn tokens_with_known_prefixes() {
    let upper = token("", 16).to_uppercase().replace(['1', '8', '9'], "2");
    for (kind, secret) in [
        ("aws-access-key", format!("AKIA{upper}")),
        ("openai-key", token("sk-", 48)),
        ("openai-key", token("sk-proj-", 120)),
        ("anthropic-key", token("sk-ant-api03-", 95)),
        ("github-token", token("ghp_", 36)),
        ("github-token", token("github_pat_", 82)),
        ("slack-token", token("xoxb-1234567890-", 24)),
        ("stripe-key", token("sk_live_", 24)),
        ("google-api-key", token("AIza", 35)),
        ("hugging-face-token", token("hf_", 34)),
        ("npm-token", token("npm_", 36)),
    ] {
        let text = format!("export KEY=\"{secret}\".");
        check(&text, &[&format!("{kind}: {secret}")]);
    }
}

#[test]
fn the_example_of_a_manual_is_a_secret() {
    check("key AKIAIOSFODNN7EXAMPLE", &["aws-access-key: AKIAIOSFODNN7EXAMPLE"]);
}

#[test]
fn placeholders_are_no_secrets() {
    check("AKIAXXXXXXXXXXXXXXXX", &[]);
    check(&format!("sk-{}", "x".repeat(48)), &[]);
    check("sk-proj-your-key-goes-here-abcdefghijklmnopqrstuvwxyz", &[]);
    check("postgres://user:password@localhost/db and https://<user>:<token>@host/", &[]);
    check("postgres://app:${DB_PASS}@db.internal/app", &[]);
    check("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----", &[]);
}

#[test]
fn keys_urls_and_web_tokens() {
    let key = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", token("", 64));
    check(&format!("{key}\nand so on"), &[&format!("private-key: {key}")]);
    let url = format!("postgres://app:{}@db.acme.io:5432", token("", 10));
    check(&format!("DATABASE={url}/main"), &[&format!("url-with-password: {url}")]);
    let web = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9";
    check(&format!("Bearer {web}"), &[&format!("jwt: {web}")]);
}

#[test]
fn email_addresses() {
    check("Write to jane.doe+x@mail.example.co.uk.", &["email: jane.doe+x@mail.example.co.uk"]);
    check("<user@example.com>, 'b@c.de'", &["email: user@example.com", "email: b@c.de"]);
    check("请联系foo@bar.com吧 müller@web.de", &["email: foo@bar.com", "email: müller@web.de"]);
    check("@app.route lodash@4.17.21 icon@2x.png git@github.com:a/b @user a@b", &[]);
}

#[test]
fn phone_numbers() {
    check("+49 30 901820, +1 (415) 555-2671", &["phone: +49 30 901820", "phone: +1 (415) 555-2671"]);
    check("(415) 555-2671 or 415-555-2671", &["phone: (415) 555-2671", "phone: 415-555-2671"]);
    check("1-415-555-2671", &["phone: 1-415-555-2671"]);
    check("Call 1-800-273-8255, +1 800 273 8255 or 0800 111 0 111 for help", &[]);
    check("020 7946 0958, 06 12 34 56 78", &["phone: 020 7946 0958", "phone: 06 12 34 56 78"]);
    check("Phone: 4155552671; tel 030 12345678", &["phone: 4155552671", "phone: 030 12345678"]);
    check("Call 02079460958.", &["phone: 02079460958"]);
}

#[test]
fn numbers_with_check_digits() {
    check("4111 1111 1111 1111 exp 12/27", &["credit-card: 4111 1111 1111 1111"]);
    check("12 5555-5555-5555-4444", &["credit-card: 5555-5555-5555-4444"]);
    check("378282246310005", &["credit-card: 378282246310005"]);
    check("IBAN DE89 3704 0044 0532 0130 00.", &["iban: DE89 3704 0044 0532 0130 00"]);
    check("GB82WEST12345698765432", &["iban: GB82WEST12345698765432"]);
    check("SSN 536-22-8145, SSN: 536228145", &["us-ssn: 536-22-8145", "us-ssn: 536228145"]);
}

#[test]
fn public_addresses() {
    check(
        "from 93.184.216.34:80 and 2606:2800:220:1::1",
        &["ip-address: 93.184.216.34", "ip-address: 2606:2800:220:1::1"],
    );
    check("10.0.0.1 127.0.0.1 192.168.1.1 203.0.113.9 8.8.8.8 ::1 fe80::1 2001:db8::1", &[]);
    check("version 4.18.0.305, v1.2.3.4, 1.2.3.4.5, 256.1.1.1, numpy==4.5.1.48, 3.3.2.1 Costs", &[]);
}

#[test]
fn numbers_of_other_kinds_are_left_alone() {
    for text in [
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "Order 112-1234567-1234567, invoice #4155552671, id 1699999999999",
        "2024-01-15T10:30:45Z, 15.01.2024, 12:30:45, 2024 01 15",
        "3.14159265358979, 0.4111111111111111, 1,234,567.89, 100 200 3000",
        "x = a[10] + 1234567; y += 4155552671",
        "ISBN 978-3-16-148410-0, ZIP 12345-6789, EAN 4006381333931",
        "let re = /[0-9]{3}-[0-9]{4}/; range 100-200-3000",
        "std::vec::Vec::new() a::b::c 00:1A:2B:3C:4D:5E",
        "01 02 03 04 05 06 07 08 09 10",
        "const NVM_CALL: u32 = 2147790711;",
        "f(1, 2) 10.5.2 RFC 2119 100-199 1 000 000 000",
    ] {
        check(text, &[]);
    }
}

#[test]
fn the_url_swallows_its_parts() {
    let url = format!("amqp://bob:{}@mq.acme.com", token("", 12));
    assert_eq!(DETECTOR.mask(&format!("at {url} now")), "at [url-with-password] now");
}

#[test]
fn hostile_text_comes_to_an_end() {
    for unit in
        ["eyJ", "-----BEGIN PRIVATE KEY-----", "://a:", "@a.", "1-", "::", "+1 ", "DE89 ", "sk-", "1.1.1."]
    {
        let text = unit.repeat(50_000 / unit.len());
        assert!(DETECTOR.mask(&text).len() <= 2 * text.len());
    }
}

proptest! {
    #[test]
    fn findings_are_ordered_apart_and_on_borders(text in "(\\PC|[@:+0-9A-Z. -]|é|４|\u{202e}|\u{0}){0,200}") {
        let mut last_end = 0;
        for Finding { start, end, .. } in DETECTOR.find(&text) {
            prop_assert!(last_end <= start && start < end);
            prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
            last_end = end;
        }
    }

    #[test]
    fn a_masked_text_holds_nothing(name in "[a-z]{1,9}", digits in "[2-7][0-9]{2}[2-9][0-9]{6}") {
            let phone = format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
        let masked = DETECTOR.mask(&format!("{name}@acme.org, {phone}"));
        prop_assert_eq!(masked, "[email], [phone]");
    }
}
