use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::money::NanoDollars;
use super::tokens::{Learnt, estimate_tokens};
use super::{Billed, Price, PriceTable, fits};

fn dollars(text: &str) -> NanoDollars {
    text.parse().unwrap()
}

fn price(input: &str, output: &str) -> Price {
    Price { input: dollars(input), cached_input: None, output: dollars(output) }
}

fn billed(input_tokens: u64, output_tokens: u64) -> Billed {
    Billed { input_tokens, cached_input_tokens: 0, output_tokens }
}

#[test]
fn money_is_read_and_written_to_the_last_digit() {
    for (text, nano, written) in [
        ("0", 0, "$0.00"),
        ("0.15", 150_000_000, "$0.15"),
        ("$1.5", 1_500_000_000, "$1.50"),
        ("0.000012345", 12_345, "$0.000012345"),
        ("0.000000001", 1, "$0.000000001"),
        ("18446744073.709551615", u64::MAX, "$18446744073.709551615"),
    ] {
        assert_eq!(dollars(text), NanoDollars(nano));
        assert_eq!(NanoDollars(nano).to_string(), written);
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in
        ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000001", "18446744073.709551616", "$$1", "٣"]
    {
        assert!(text.parse::<NanoDollars>().is_err(), "{text}");
    }
}

#[test]
fn a_cost_is_exact_and_rounded_up_once() {
    let mini = price("0.15", "0.60");
    assert_eq!(mini.cost(&billed(1_000, 100)), dollars("0.00021"));
    assert_eq!(mini.cost(&billed(1, 1)), NanoDollars(750));
    // 0.4 nano-dollars for a token: three of them are 1.2, which is two; rounded one by one they would be three.
    assert_eq!(price("0.0004", "0").cost(&billed(3, 0)), NanoDollars(2));
    assert_eq!(price("0.0004", "0.0004").cost(&billed(1, 1)), NanoDollars(1));
    assert_eq!(price("0", "0").cost(&billed(u64::MAX, u64::MAX)), NanoDollars(0));
    assert_eq!(price("18446744073", "1").cost(&billed(u64::MAX, u64::MAX)), NanoDollars(u64::MAX));
}

#[test]
fn cached_tokens_have_their_price_and_never_exceed_the_input() {
    let cached = Price { cached_input: Some(dollars("0.075")), ..price("0.15", "0.60") };
    let billed = |cached_input_tokens| Billed { input_tokens: 1_000, cached_input_tokens, output_tokens: 0 };
    assert_eq!(cached.cost(&billed(400)), NanoDollars(600 * 150 + 400 * 75));
    assert_eq!(cached.cost(&billed(5_000)), NanoDollars(1_000 * 75));
    assert_eq!(price("0.15", "0.60").cost(&billed(400)), NanoDollars(1_000 * 150));
}

#[test]
fn a_reservation_counts_every_answer_at_its_longest() {
    assert_eq!(price("1", "2").reserve(1_000, 500, 5), NanoDollars(1_000 * 1_000 + 2_500 * 2_000));
}

#[test]
fn a_pattern_fits_the_whole_name() {
    for (pattern, name, expected) in [
        ("gpt-4o-mini*", "gpt-4o-mini-2024-07-18", true),
        ("gpt-4o-mini*", "gpt-4o-mini", true),
        ("gpt-4o", "gpt-4o-mini", false),
        ("*", "", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c", false),
        ("ab*ba", "aba", false),
        ("*mini", "gpt-4o-mini", true),
        ("*mini", "minimum", false),
        ("", "x", false),
    ] {
        assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
    }
}

#[test]
fn the_shipped_table_knows_what_it_knows() {
    let table = PriceTable::shipped();
    let mini = table.price_of("gpt-4o-mini-2024-07-18").unwrap();
    assert_eq!((mini.input, mini.output), (dollars("0.15"), dollars("0.60")));
    assert_eq!(table.price_of("gpt-4o-2024-05-13").unwrap().input, dollars("5"));
    assert_eq!(table.price_of("gpt-4o-2024-08-06").unwrap().input, dollars("2.5"));
    // Other kinds of tokens have other prices, and a model at home has its own.
    for unknown in ["gpt-4o-audio-preview", "gpt-4o-mini-tts", "llama-3", ""] {
        assert_eq!(table.price_of(unknown), None, "{unknown}");
    }
    for line in &table.models {
        let cached = line.cached_input.unwrap_or(line.input);
        assert!(cached <= line.input && line.input < line.output, "{}", line.r#match);
    }
}

#[test]
fn a_table_with_mistakes_is_refused() {
    let line =
        |text: &str| format!("date = \"2026-01-01\"\n[[model]]\nmatch = \"m\"\noutput = \"1\"\n{text}\n");
    assert!(PriceTable::parse(&line("input = \"1\"")).is_ok());
    for wrong in ["", "input = 1", "input = 0.15", "input = \"cheap\"", "input = \"1\"\ncached = \"1\""] {
        assert!(PriceTable::parse(&line(wrong)).is_err(), "{wrong}");
    }
}

/// Counted by the rule that a common mock of the service bills by: a quarter of the characters.
#[test]
fn the_estimate_of_english_is_within_a_tenth() {
    let english =
        "The judge reads the prompt, the reply and the rubric; then it says how good the reply is — \
                   from one (“useless”) to five — and why. A naïve reader can't tell the two apart. "
            .repeat(5);
    let counted = english.chars().count() as u64 / 4;
    assert!(estimate_tokens(&english).abs_diff(counted) * 10 <= counted);
    assert_eq!(estimate_tokens(""), 0);
    assert_eq!(estimate_tokens("a"), 1);
    assert_eq!(estimate_tokens("評価は五段階"), 6);
    assert_eq!(estimate_tokens("оценка"), 3);
}

#[test]
fn a_correction_grows_with_what_was_seen() {
    let fresh = Learnt::default();
    assert_eq!(fresh.correct(100), 100);
    assert_eq!(fresh.after(100, 150).correct(100), 105);
    assert_eq!(fresh.after(1_000_000, 1_500_000).correct(100), 150);
    assert_eq!(fresh.after(1_000_000, u64::MAX).correct(100), 400);
    assert_eq!(fresh.after(1_000_000, 0).correct(100), 25);
}

proptest! {
    #[test]
    fn money_and_back(nano in any::<u64>()) {
        prop_assert_eq!(NanoDollars(nano).to_string().parse::<NanoDollars>().unwrap(), NanoDollars(nano));
    }

    #[test]
    fn no_call_costs_more_than_its_reservation(
        input in any::<u32>(), cached in any::<u32>(), most in any::<u32>(), used in 0.0..=1.0_f64, per in 0..100_000_000_u64,
    ) {
        let price = Price {
            input: NanoDollars(per),
            cached_input: Some(NanoDollars(per / 10)),
            output: NanoDollars(per * 4),
        };
        let billed = Billed {
            input_tokens: input.into(),
            cached_input_tokens: cached.into(),
            output_tokens: (f64::from(most) * used) as u64,
        };
        prop_assert!(price.cost(&billed) <= price.reserve(input.into(), most, 1));
    }

    /// Rounding up adds less than a nano-dollar to a call.
    #[test]
    fn a_cost_is_the_exact_sum_rounded_up(input in any::<u32>(), output in any::<u32>(), a in any::<u32>(), b in any::<u32>()) {
        let price = Price { input: NanoDollars(a.into()), cached_input: None, output: NanoDollars(b.into()) };
        let exact = u128::from(input) * u128::from(a) + u128::from(output) * u128::from(b);
        let cost = u128::from(price.cost(&billed(input.into(), output.into())).0);
        prop_assert!(cost * 1_000_000 >= exact && cost * 1_000_000 < exact + 1_000_000);
    }

    #[test]
    fn estimates_never_panic_and_grow_with_the_text(text in ".{0,200}", more in ".{0,50}") {
        let longer = text.clone() + &more;
        prop_assert!(estimate_tokens(&longer) >= estimate_tokens(&text));
    }
}
