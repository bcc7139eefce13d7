//! Numbers in texts: `1,234.5`, `2.5M`, `20 %`, `3/4`, `1 1/2`, `$5 million`, `-3 °C`.

use regex::{Captures, Regex};

use crate::rules::accuracy::number_match::unit::{Unit, scale_named, time_of_day, unit_named};

/// A number with its unit, as a text writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantity {
    /// The value, scaled but not converted.
    pub value: f64,
    /// What it counts, if that is a known unit.
    pub unit: Option<Unit>,
    /// How many digits it is written with.
    pub digits: usize,
    /// Half of what the last digit stands for.
    pub half_step: f64,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// The pattern, compiled.
#[derive(Debug)]
pub(crate) struct QuantityReader(Regex);

const PATTERN: &str = concat!(
    r"(?P<money>[$€£¥₹] ?)?(?P<sign>[-−])?(?P<money2>[$€£¥₹])?",
    r"(?P<whole>[0-9]{1,3}(?:[,\u{a0}\u{202f}][0-9]{3})+(?-u:\b)|[0-9]+)(?:\.(?P<decimals>[0-9]+))?(?:[eE](?P<exponent>[+-]?[0-9]{1,3})(?-u:\b))?",
    r"(?:(?: (?P<numerator>[0-9]{1,4}))?/(?P<denominator>[0-9]{1,4})(?-u:\b))?",
    r"(?::(?P<minutes>[0-5][0-9])(?-u:\b))?",
    r"(?P<first>[ \u{a0}-]?(?:%|°[CcFf]?|[A-Za-z]+(?:/[a-z]+)?))?(?P<second>[ \u{a0}-]?[A-Za-z]+)?",
);

impl QuantityReader {
    /// Compiles the pattern.
    pub fn new() -> Self {
        Self(Regex::new(PATTERN).expect("a test compiles the pattern"))
    }

    /// Returns the first numbers of `text`, at most `most`.
    pub fn read(&self, text: &str, most: usize) -> Vec<Quantity> {
        let mut numbers = Vec::new();
        let mut at = 0;
        while numbers.len() < most {
            let Some(found) = self.0.captures_at(text, at) else { break };
            let number = quantity(text, &found);
            at = match &number {
                // The words after a number may belong to the next.
                Some(number) => number.end,
                None => found.get_match().end(),
            };
            numbers.extend(number);
        }
        numbers
    }
}

impl Quantity {
    /// Returns the value with per cent taken for hundredths.
    pub fn fraction(&self) -> f64 {
        self.unit.filter(|unit| unit.is_percent()).map_or(self.value, |unit| unit.base(self.value))
    }
}

fn quantity(text: &str, found: &Captures<'_>) -> Option<Quantity> {
    let group = |name| found.name(name).map_or("", |part| part.as_str());
    let whole = found.name("whole")?;
    let start = found.get_match().start();
    let before = text[..start].chars().next_back();
    let inside_a_word = before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let has_sign = !group("sign").is_empty();
    // In `3-5` and `x-5` the dash is none of the number's.
    if inside_a_word && !has_sign && group("money").is_empty() {
        return None;
    }
    let sign = if has_sign && !inside_a_word { -1.0 } else { 1.0 };
    let plain: String = whole.as_str().chars().filter(char::is_ascii_digit).collect();
    let decimals = group("decimals");
    let exponent = if group("exponent").is_empty() { "0" } else { group("exponent") };
    let mut value: f64 = format!("{plain}.{decimals}0e{exponent}").parse().ok()?;
    if let Ok(denominator) = group("denominator").parse::<f64>() {
        value = fraction(value, group("numerator"), denominator)?;
    }
    if let Some(minutes) = found.name("minutes") {
        let value = 60.0 * value + minutes.as_str().parse::<f64>().ok()?;
        let (unit, end) = (Some(time_of_day()), minutes.end());
        return Some(Quantity { value, unit, digits: 4, half_step: 0.0, start, end });
    }
    let last_number = ["whole", "decimals", "exponent", "denominator"];
    let mut end = last_number.iter().filter_map(|name| found.name(name)).map(|part| part.end()).max()?;
    let scale = scale(found, &mut end);
    let unit = unit(found, scale.is_some(), &mut end);
    let scale = scale.unwrap_or(1.0);
    let exponent: i32 = exponent.parse().ok()?;
    let step = 10_f64.powi(exponent - decimals.len() as i32);
    let digits = plain.trim_start_matches('0').len() + decimals.len();
    let half_step = if group("denominator").is_empty() { 0.5 * step * scale } else { 0.0 };
    Some(Quantity { value: sign * value * scale, unit, digits, half_step, start, end })
        .filter(|quantity| quantity.value.is_finite())
}

fn fraction(whole: f64, numerator: &str, denominator: f64) -> Option<f64> {
    let value = match numerator.parse::<f64>() {
        Ok(numerator) => whole + numerator / denominator,
        Err(_) => whole / denominator,
    };
    value.is_finite().then_some(value)
}

/// Returns the scale, and moves `end` past it.
fn scale(found: &Captures<'_>, end: &mut usize) -> Option<f64> {
    let first = found.name("first")?;
    let word = first.as_str().trim_start_matches([' ', '\u{a0}', '-']);
    let joined = word.len() == first.len();
    // `5 K` and `5 M` are something else than `5K` and `5M`.
    let scale = scale_named(word).filter(|_| joined || word.len() > 1)?;
    *end = first.end();
    Some(scale)
}

/// Returns the unit, and moves `end` past it.
fn unit(found: &Captures<'_>, is_scaled: bool, end: &mut usize) -> Option<Unit> {
    let money = found.name("money").or(found.name("money2"));
    if let Some(money) = money {
        return unit_named(money.as_str().trim());
    }
    let name = |part: regex::Match<'_>| part.as_str().trim_start_matches([' ', '\u{a0}', '-']).to_owned();
    let (first, second) = (found.name("first"), found.name("second"));
    let both = first.zip(second).map(|(a, b)| (format!("{} {}", name(a), name(b)), b.end()));
    let one = if is_scaled { second } else { first }.map(|part| (name(part), part.end()));
    let (unit, unit_end) =
        both.into_iter().chain(one).find_map(|(name, at)| Some((unit_named(&name)?, at)))?;
    *end = unit_end;
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[f64]) {
        let values: Vec<f64> =
            QuantityReader::new().read(text, 100).iter().map(|number| number.value).collect();
        assert_eq!(values.len(), expected.len(), "in {text:?}: {values:?}");
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-9, "in {text:?}: {value} is not {expected}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        check("1,234.5 and 1\u{a0}000", &[1234.5, 1000.0]);
        check("2.5M, 3 million, 1.2bn, 5k", &[2.5e6, 3e6, 1.2e9, 5e3]);
        check("3/4 of 1 1/2", &[0.75, 1.5]);
        check("-5, 3-5, (−2), x5, 6e3", &[-5.0, 3.0, 5.0, -2.0, 6000.0]);
        check("$5 million or -$3", &[5e6, -3.0]);
        check("1/0 and 1e999", &[]);
        check("02:25", &[145.0]);
    }

    #[test]
    fn units_are_part_of_the_number() {
        let text = "5 km, 20 %, 37°C, 3 apples, 98.6 degrees Fahrenheit, 2 million dollars";
        let written: Vec<&str> = QuantityReader::new()
            .read(text, 100)
            .iter()
            .map(|number| &text[number.start..number.end])
            .collect();
        let expected = ["5 km", "20 %", "37°C", "3", "98.6 degrees Fahrenheit", "2 million dollars"];
        assert_eq!(written, expected);
    }
}
