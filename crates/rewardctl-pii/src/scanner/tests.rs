use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::kind::Kind;
use crate::mask::Operator;

/// Compiled once for all tests: compiling is slow in a debug build.
static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(Options::default()));

/// Masks with placeholders.
fn masked(text: &str) -> String {
    SCANNER.mask_field("", text, &mut Masker::new(Operator::Placeholder)).text
}

/// Checks what is found for sure in `text`, written as `kind: the stretch`.
fn check(text: &str, expected: &[&str]) {
    let findings = SCANNER.scan(text);
    let written: Vec<String> = findings
        .iter()
        .filter(|f| f.is_sure())
        .map(|f| format!("{}: {}", f.kind.name(), &text[f.start..f.end]))
        .collect();
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
    assert_eq!(masked(&format!("at {url} now")), "at <URL_WITH_PASSWORD_1> now");
}

#[test]
fn hostile_text_comes_to_an_end() {
    for unit in
        ["eyJ", "-----BEGIN PRIVATE KEY-----", "://a:", "@a.", "1-", "::", "+1 ", "DE89 ", "sk-", "1.1.1."]
    {
        let text = unit.repeat(50_000 / unit.len());
        assert!(masked(&text).len() <= 6 * text.len());
    }
}

proptest! {
    #[test]
    fn findings_are_ordered_apart_and_on_borders(text in "(\\PC|[@:+0-9A-Z. -]|é|４|\u{202e}|\u{0}){0,200}") {
        let mut last_end = 0;
        for Finding { start, end, .. } in SCANNER.scan(&text) {
            prop_assert!(last_end <= start && start < end);
            prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
            last_end = end;
        }
    }

    #[test]
    fn a_masked_text_holds_nothing(name in "[a-z]{1,9}", digits in "[2-7][0-9]{2}[2-9][0-9]{6}") {
            let phone = format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
        let masked = masked(&format!("{name}@acme.org, {phone}"));
        prop_assert_eq!(masked, "<EMAIL_1>, <PHONE_1>");
    }
}

#[test]
fn numbers_of_offices_need_a_word_or_their_punctuation() {
    check("Routing number: 021000021", &["us-routing-number: 021000021"]);
    check("her NPI is 1234567893", &["us-npi: 1234567893"]);
    check("NHS 943 476 5919; patient", &["uk-nhs-number: 943 476 5919"]);
    check("NI number AB 12 34 56 C or AB123456C", &["uk-nino: AB 12 34 56 C", "uk-nino: AB123456C"]);
    check("Steuer-ID 86 095 742 719", &["de-tax-id: 86 095 742 719"]);
    check("NIR 2 55 08 14 168 025 38", &["fr-nir: 2 55 08 14 168 025 38"]);
    check("RSSMRA85T10A562S", &["it-codice-fiscale: RSSMRA85T10A562S"]);
    check(
        "12345678Z, 12345678-Z, X-1234567-L",
        &["es-nif: 12345678Z", "es-nif: 12345678-Z", "es-nif: X-1234567-L"],
    );
    check("BSN 111222333", &["nl-bsn: 111222333"]);
    check("PESEL: 44051401359", &["pl-pesel: 44051401359"]);
    check("111.444.777-35 or CPF 11144477735", &["br-cpf: 111.444.777-35", "br-cpf: 11144477735"]);
    check("11.222.333/0001-81", &["br-cnpj: 11.222.333/0001-81"]);
    check("2341 2341 2346", &["in-aadhaar: 2341 2341 2346"]);
    check("my SIN is 123 456 782", &["ca-sin: 123 456 782"]);
    check("S1234567D", &["sg-nric: S1234567D"]);
    check("IMEI 490154203237518, ITIN 912-70-3456", &["imei: 490154203237518", "us-itin: 912-70-3456"]);
    for bare in
        ["021000021", "1234567893", "943 476 5919", "AB123456C", "86095742719", "111222333", "44051401359"]
    {
        check(&format!("the count was {bare} then"), &[]);
    }
}

#[test]
fn wallets_machines_and_birthdays() {
    check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", &["bitcoin-address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]);
    check(
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        &["ethereum-address: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
    );
    check("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", &[]);
    check(
        "MAC f8:ff:c2:1b:3c:4d and F8-FF-C2-1B-3C-4D",
        &["mac-address: f8:ff:c2:1b:3c:4d", "mac-address: F8-FF-C2-1B-3C-4D"],
    );
    check(
        "DOB: 03/12/1985, date of birth 12 March 1985",
        &["birth-date: 03/12/1985", "birth-date: 12 March 1985"],
    );
    check("Her birthday is March 12th, 1985.", &["birth-date: March 12th, 1985"]);
    check(
        "Geburtsdatum: 12. März 1985; fecha de nacimiento 1985-03-12",
        &["birth-date: 12. März 1985", "birth-date: 1985-03-12"],
    );
    check("Meet on 03/12/2025. Einstein was born on 14 March 1979", &[]);
}

#[test]
fn what_hides_is_found() {
    check("４１１１ １１１１ １１１１ １１１１", &["credit-card: ４１１１ １１１１ １１１１ １１１１"]);
    check(
        "4111\u{200b}1111\u{200b}1111\u{200b}1111",
        &["credit-card: 4111\u{200b}1111\u{200b}1111\u{200b}1111"],
    );
    check("card 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", &["credit-card: 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"]);
    check("IBAN DE89-3704-0044-0532-0130-00", &["iban: DE89-3704-0044-0532-0130-00"]);
    check(
        "jane (at) acme (dot) org, bob [at] acme.de",
        &["email: jane (at) acme (dot) org", "email: bob [at] acme.de"],
    );
    check("jane＠acme．org and me@acme.org.Then", &["email: jane＠acme．org", "email: me@acme.org"]);
}

#[test]
fn values_of_names_that_say_secret() {
    let value = token("", 30);
    for text in ["DB_PASSWORD={}", "api_key: \"{}\"", "'client_secret' => '{}'", "Authorization: Bearer {}"] {
        check(&text.replace("{}", &value), &[&format!("assigned-secret: {value}")]);
    }
    for text in [
        "password = get_password(user1)",
        "token = tokens[12345678]",
        "api_key=os.environ[\"API_KEY_1\"]",
        "API_KEY=your-api-key-123",
        "tokenizer: bert-base-uncased-v2",
        "secret = settings.secret_value_2",
    ] {
        check(text, &[]);
        assert!(SCANNER.scan(text).is_empty(), "{text}");
    }
}

#[test]
fn what_may_be_nobodys_is_only_possible() {
    for text in [
        "10.0.0.1",
        "/home/jsmith/notes",
        r"C:\Users\jsmith\x",
        "00:1A:2B:3C:4D:5E",
        "born 12 March 1985",
        "password: hunter2!a",
    ] {
        let found = SCANNER.scan(text);
        assert_eq!(found.len(), 1, "{text}");
        assert!(!found[0].is_sure(), "{text}");
    }
    for text in [
        "/home/user/x",
        "https://x.org/home/jane",
        "127.0.0.1",
        "0.0.0.0",
        "ff:ff:ff:ff:ff:ff",
        "255.255.255.0",
    ] {
        assert!(SCANNER.scan(text).is_empty(), "{text}");
    }
}

#[test]
fn the_name_of_a_field_counts() {
    assert_eq!(SCANNER.scan("1234567893"), []);
    assert_eq!(SCANNER.scan_field("npi", "1234567893")[0].kind, Kind::UsNpi);
    assert_eq!(SCANNER.scan_field("phone_number", "4155552671")[0].kind, Kind::Phone);
}
