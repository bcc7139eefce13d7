//! Units of measure that texts use, and what they are in a common base.

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    Length,
    Mass,
    Duration,
    Calendar,
    Volume,
    Speed,
    Temperature,
    Data,
    Ratio,
    Angle,
    Energy,
    Dollar,
    Euro,
    Sterling,
    Yen,
    Rupee,
    Clock,
}

/// A unit: `base = (value + offset) * factor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    factor: f64,
    offset: f64,
}

impl Unit {
    /// Returns `value` of this unit in the base of its dimension.
    pub fn base(self, value: f64) -> f64 {
        (value + self.offset) * self.factor
    }

    /// Tells whether it is per cent.
    pub fn is_percent(self) -> bool {
        self.dimension == Dimension::Ratio
    }
}

/// Names, dimension, factor. `in` and `pound` are left out: mostly they are no units, or another.
const UNITS: &[(&[&str], Dimension, f64)] = &[
    (&["mm", "millimeter", "millimetre"], Dimension::Length, 1e-3),
    (&["cm", "centimeter", "centimetre"], Dimension::Length, 1e-2),
    (&["m", "meter", "metre"], Dimension::Length, 1.0),
    (&["km", "kilometer", "kilometre"], Dimension::Length, 1e3),
    (&["inch", "inches"], Dimension::Length, 0.0254),
    (&["ft", "foot", "feet"], Dimension::Length, 0.3048),
    (&["yd", "yard"], Dimension::Length, 0.9144),
    (&["mi", "mile"], Dimension::Length, 1609.344),
    (&["mg", "milligram"], Dimension::Mass, 1e-3),
    (&["g", "gram"], Dimension::Mass, 1.0),
    (&["kg", "kilo", "kilogram"], Dimension::Mass, 1e3),
    (&["tonne"], Dimension::Mass, 1e6),
    (&["oz", "ounce"], Dimension::Mass, 28.349_523_125),
    (&["lb", "lbs"], Dimension::Mass, 453.592_37),
    (&["ms", "millisecond"], Dimension::Duration, 1e-3),
    (&["s", "sec", "second"], Dimension::Duration, 1.0),
    (&["min", "minute"], Dimension::Duration, 60.0),
    (&["h", "hr", "hour"], Dimension::Duration, 3600.0),
    (&["day"], Dimension::Duration, 86_400.0),
    (&["week"], Dimension::Duration, 604_800.0),
    (&["month"], Dimension::Calendar, 1.0),
    (&["year", "yr"], Dimension::Calendar, 12.0),
    (&["decade"], Dimension::Calendar, 120.0),
    (&["century", "centuries"], Dimension::Calendar, 1200.0),
    (&["ml", "milliliter", "millilitre"], Dimension::Volume, 1e-3),
    (&["l", "liter", "litre"], Dimension::Volume, 1.0),
    (&["gal", "gallon"], Dimension::Volume, 3.785_411_784),
    (&["m/s"], Dimension::Speed, 1.0),
    (&["km/h", "kmh", "kph"], Dimension::Speed, 1.0 / 3.6),
    (&["mph"], Dimension::Speed, 0.447_04),
    (&["kb", "kilobyte"], Dimension::Data, 1e3),
    (&["mb", "megabyte"], Dimension::Data, 1e6),
    (&["gb", "gigabyte"], Dimension::Data, 1e9),
    (&["tb", "terabyte"], Dimension::Data, 1e12),
    (&["%", "percent", "pct"], Dimension::Ratio, 0.01),
    (&["°", "degree"], Dimension::Angle, 1.0),
    (&["j", "joule"], Dimension::Energy, 1.0),
    (&["kj", "kilojoule"], Dimension::Energy, 1e3),
    (&["cal"], Dimension::Energy, 4.184),
    (&["kcal", "calorie"], Dimension::Energy, 4184.0),
    (&["kwh"], Dimension::Energy, 3.6e6),
    (&["$", "usd", "dollar"], Dimension::Dollar, 1.0),
    (&["cent"], Dimension::Dollar, 0.01),
    (&["€", "eur", "euro"], Dimension::Euro, 1.0),
    (&["£", "gbp"], Dimension::Sterling, 1.0),
    (&["¥", "jpy", "yen"], Dimension::Yen, 1.0),
    (&["₹", "inr", "rupee"], Dimension::Rupee, 1.0),
];

/// Names, factor and offset to kelvin.
const TEMPERATURES: &[(&[&str], f64, f64)] = &[
    (&["°c", "celsius", "degrees celsius", "degree celsius"], 1.0, 273.15),
    (&["°f", "fahrenheit", "degrees fahrenheit", "degree fahrenheit"], 5.0 / 9.0, 459.67),
    (&["kelvin"], 1.0, 0.0),
];

/// Returns the unit of that name, singular or plural.
pub(crate) fn unit_named(name: &str) -> Option<Unit> {
    let name = name.to_lowercase();
    let singular = name.strip_suffix('s').filter(|singular| singular.len() > 2).unwrap_or(&name);
    let has = |names: &[&str]| names.contains(&name.as_str()) || names.contains(&singular);
    let temperature = TEMPERATURES.iter().find(|(names, ..)| has(names));
    if let Some((_, factor, offset)) = temperature {
        return Some(Unit { dimension: Dimension::Temperature, factor: *factor, offset: *offset });
    }
    let (_, dimension, factor) = UNITS.iter().find(|(names, ..)| has(names))?;
    Some(Unit { dimension: *dimension, factor: *factor, offset: 0.0 })
}

/// Returns the unit of a time of day, in minutes after midnight.
pub(crate) fn time_of_day() -> Unit {
    Unit { dimension: Dimension::Clock, factor: 1.0, offset: 0.0 }
}

/// Returns what a word after a number multiplies it by.
pub(crate) fn scale_named(name: &str) -> Option<f64> {
    match name {
        "k" | "K" | "thousand" => Some(1e3),
        "M" | "mn" | "million" => Some(1e6),
        "B" | "bn" | "billion" => Some(1e9),
        "T" | "trillion" => Some(1e12),
        "hundred" => Some(1e2),
        _ => None,
    }
}
