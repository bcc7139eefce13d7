//! IBANs: the length of the country and ISO 7064 mod 97.

/// Lengths of IBANs by country, from the SWIFT registry.
const LENGTHS: &[(usize, &str)] = &[
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

/// Returns how long an IBAN of `country` is.
pub(crate) fn length(country: &[u8]) -> Option<usize> {
    let of_country =
        |(_, countries): &&(usize, &str)| countries.split(' ').any(|known| known.as_bytes() == country);
    LENGTHS.iter().find(of_country).map(|(length, _)| *length)
}

/// Tells whether the check digits of `iban` (capitals and digits only) hold.
pub(crate) fn is_iban(iban: &[u8]) -> bool {
    let rotated = iban[4..].iter().chain(&iban[..4]);
    let remainder = rotated.fold(0, |rest: u32, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}
