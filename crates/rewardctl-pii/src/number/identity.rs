//! Numbers that offices, banks and makers give out: a length, a check, and what must stand with it.

use crate::border::{follows_a_number, goes_on_as_a_number, number_may_begin, number_may_end};
use crate::check::{card, national};
use crate::context::{Context, Topics};
use crate::finding::Finding;
use crate::kind::Kind;
use crate::number::run::Run;

/// One kind of number.
struct Identity {
    kind: Kind,
    digits: usize,
    is_valid: fn(&[u8]) -> bool,
    /// The words that make any digits of that length and check such a number, however they are grouped.
    topics: Topics,
    /// The groups and separators that say enough without a word.
    forms: &'static [(&'static [usize], &'static str)],
}

const fn identity(
    kind: Kind,
    digits: usize,
    is_valid: fn(&[u8]) -> bool,
    topics: Topics,
    forms: &'static [(&'static [usize], &'static str)],
) -> Identity {
    Identity { kind, digits, is_valid, topics, forms }
}

const IDENTITIES: &[Identity] = &[
    identity(Kind::UsSsn, 9, national::is_ssn, Topics::SSN, &[(&[3, 2, 4], "--")]),
    identity(Kind::UsItin, 9, national::is_itin, Topics::ITIN, &[(&[3, 2, 4], "--")]),
    identity(Kind::UsRoutingNumber, 9, national::is_routing_number, Topics::ROUTING, &[]),
    identity(Kind::NlBsn, 9, national::is_bsn, Topics::BSN, &[]),
    identity(Kind::CaSin, 9, national::is_sin, Topics::SIN, &[(&[3, 3, 3], "--")]),
    identity(Kind::UsNpi, 10, national::is_npi, Topics::NPI, &[]),
    identity(Kind::UkNhs, 10, national::is_nhs, Topics::NHS, &[]),
    identity(Kind::DeTaxId, 11, national::is_de_tax_id, Topics::DE_TAX, &[]),
    identity(Kind::PlPesel, 11, national::is_pesel, Topics::PESEL, &[]),
    identity(Kind::BrCpf, 11, national::is_cpf, Topics::CPF, &[(&[3, 3, 3, 2], "..-")]),
    identity(
        Kind::InAadhaar,
        12,
        national::is_aadhaar,
        Topics::AADHAAR,
        &[(&[4, 4, 4], "  "), (&[4, 4, 4], "--")],
    ),
    identity(Kind::BrCnpj, 14, national::is_cnpj, Topics::CNPJ, &[(&[2, 3, 3, 4, 2], "../-")]),
    identity(
        Kind::FrNir,
        15,
        national::is_nir,
        Topics::NIR,
        &[(&[15], ""), (&[13, 2], " "), (&[1, 2, 2, 2, 3, 3, 2], "      ")],
    ),
    identity(Kind::Imei, 15, national::is_imei, Topics::IMEI, &[(&[2, 6, 6, 1], "----")]),
];

/// The fewest digits that any of them has.
pub(super) const FEWEST_DIGITS: usize = 9;
/// The groups in which cards are printed.
const CARD_GROUPS: &[&[usize]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];
/// Cards of these lengths count without a word; others only with one, or in groups.
const COMMON_CARD_DIGITS: std::ops::RangeInclusive<usize> = 15..=16;
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

/// Returns the number that the run begins with: the one that the nearest word names, else one whose form says so.
pub(super) fn find(run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    let by_word = || if run.is_cut() { None } else { by_word(run, context) };
    by_word().or_else(|| by_form(run))
}

fn by_form(run: &Run<'_>) -> Option<Finding> {
    if !number_may_begin(run.bytes(), run.start()) {
        return None;
    }
    let fits = |one: &&Identity| {
        one.forms.iter().any(|(lengths, separators)| {
            run.has_form(lengths, separators)
                && !run.goes_on(lengths.len())
                && (one.is_valid)(run.digits(lengths.len()))
        })
    };
    let one = IDENTITIES.iter().find(fits)?;
    let end = run.end_of(run.groups_with(one.digits)?)?;
    number_may_end(run.bytes(), end).then(|| Finding::validated(one.kind, run.start(), end))
}

fn by_word(run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    if follows_a_number(run.bytes(), run.start()) {
        return None;
    }
    let found = IDENTITIES.iter().filter_map(|one| {
        let groups = run.groups_with(one.digits)?;
        let end = run.end_of(groups).filter(|end| !goes_on_as_a_number(run.bytes(), *end))?;
        let valid = (one.is_valid)(run.digits(groups)) && !run.goes_on(groups);
        let distance = valid.then(|| context.distance(one.topics)).flatten()?;
        Some((distance, Finding::validated(one.kind, run.start(), end)))
    });
    found.min_by_key(|(distance, finding)| (*distance, finding.kind)).map(|(_, finding)| finding)
}

/// Returns the card number that the run begins with.
pub(super) fn card(run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    if run.total() < *CARD_DIGITS.start() {
        return None;
    }
    let grouped = |shape: &&&[usize]| run.has_groups(shape) && run.has_one_separator(shape.len(), b" -");
    let printed = CARD_GROUPS.iter().find(grouped).map(|shape| shape.len());
    let bare = COMMON_CARD_DIGITS.contains(&run.length(0)).then_some(1);
    let by_form =
        printed.or(bare).filter(|_| number_may_begin(run.bytes(), run.start())).and_then(|groups| {
            let end = run.end_of(groups).filter(|end| number_may_end(run.bytes(), *end))?;
            card::is_card(run.digits(groups)).then(|| Finding::validated(Kind::CreditCard, run.start(), end))
        });
    by_form.or_else(|| if run.is_cut() { None } else { card_by_word(run, context) })
}

fn card_by_word(run: &Run<'_>, context: &Context<'_>) -> Option<Finding> {
    if follows_a_number(run.bytes(), run.start()) {
        return None;
    }
    let of_card = |total: &usize| {
        let groups = run.groups_with(*total)?;
        let end = run.end_of(groups).filter(|end| !goes_on_as_a_number(run.bytes(), *end))?;
        card::is_card(run.digits(groups)).then_some(end)
    };
    let end = CARD_DIGITS.rev().find_map(|total| of_card(&total))?;
    context.speaks_of(Topics::CARD).then(|| Finding::validated(Kind::CreditCard, run.start(), end))
}
