use super::*;

fn check(operator: Operator<'_>, kind: Kind, datum: &str, expected: &str) {
    let text = format!("a {datum} b");
    let masked = mask(&text, &[Finding::likely(kind, 2, 2 + datum.len())], operator);
    assert_eq!(masked, format!("a {expected} b"));
}

#[test]
fn the_format_stays() {
    check(Operator::KeepFormat, Kind::CreditCard, "4111 1111 1111 1234", "0000 0000 0000 1234");
    check(Operator::KeepFormat, Kind::Phone, "+49 (30) 901820", "+00 (00) 001820");
    check(Operator::KeepFormat, Kind::Phone, "５55-1234", "000-0000");
    check(Operator::KeepFormat, Kind::Email, "Jane.Doe@acme.org", "Xxxx.Xxx@xxxx.xxx");
    check(Operator::KeepFormat, Kind::IpAddress, "2606:2800::fe", "0000:0000::00");
    check(Operator::KeepFormat, Kind::AssignedSecret, "hunter2!", "xxxxxx0!");
}

#[test]
fn the_same_datum_has_the_same_number() {
    let mut masker = Masker::new(Operator::Placeholder);
    let at = |start, end| Finding::likely(Kind::Email, start, end);
    assert_eq!(
        masker.mask("a@b.de A@B.de c@d.de", &[at(0, 6), at(7, 13), at(14, 20)]),
        "<EMAIL_1> <EMAIL_1> <EMAIL_2>"
    );
    assert_eq!(masker.mask("c@d.de", &[at(0, 6)]), "<EMAIL_2>");
    let phone = Finding::likely(Kind::Phone, 0, 12);
    assert_eq!(masker.mask("415-555-2671", &[phone]), "<PHONE_1>");
}

#[test]
fn numbers_in_the_text_are_not_given_again() {
    let mut masker = Masker::new(Operator::Placeholder);
    let text = "<EMAIL_7> <EMAIL_x> <NOTHING_9> a@b.de";
    let start = text.len() - 6;
    assert_eq!(&masker.mask(text, &[Finding::likely(Kind::Email, start, text.len())])[start..], "<EMAIL_8>");
}

#[test]
fn hashes_depend_on_the_key_and_not_on_the_spelling() {
    let key = |byte| HashKey::new([byte; 16]).unwrap();
    let hash = |key: &HashKey, datum: &str| {
        mask(datum, &[Finding::likely(Kind::Phone, 0, datum.len())], Operator::Hash(key))
    };
    let first = hash(&key(1), "415-555-2671");
    assert_eq!(first, hash(&key(1), "(415) 555 2671"));
    assert_ne!(first, hash(&key(2), "415-555-2671"));
    assert!(first.starts_with("<PHONE_") && first.len() == "<PHONE_>".len() + 16);
    assert!(HashKey::new([1; 15]).is_none());
    assert_eq!(format!("{:?}", key(1)), "HashKey(..)");
}

#[test]
fn a_digest_is_hmac_sha_256() {
    // From Python: hmac.new(b"\x01" * 16, b"email\0a@b.de", "sha256").hexdigest()[:16]
    assert_eq!(HashKey::new([1; 16]).unwrap().digest(Kind::Email, "a@b.de"), "712156c726e1c03f");
}

#[test]
fn masks_are_known_again() {
    for masked in ["0000 0000 0000 1234", "+00 (00) 001820", "xxxx@xxx.xx", "000-00-0000", "0.0.0.0"] {
        assert!(is_masked(masked), "{masked}");
    }
    for datum in ["4111 1111 1111 1111", "x@x.org", "1000 0000 0000 1234", "jane", "00ab", "é"] {
        assert!(!is_masked(datum), "{datum}");
    }
}
