//! Reads recipes: TOML over the defaults, then single settings from the command line.

use rewardctl_core::dataset::recipe::Recipe;
use serde::Deserialize;
use toml::{Table, Value};

use crate::dataset::error::Error;

/// Reads a recipe: `toml`, of the file called `name`, and settings such as `models.min-probability=0.9`, over the defaults.
pub fn read(name: &str, toml: &str, settings: &[String]) -> Result<Recipe, Error> {
    let mut table = defaults();
    let known = keys(&table);
    let wrong = |source| Error::ParseRecipe { recipe: name.into(), source: Box::new(source) };
    let given: Table = toml.parse().map_err(wrong)?;
    merge(&mut table, given, "", name, &known)?;
    for setting in settings {
        let (key, value) =
            setting.split_once('=').ok_or_else(|| Error::Setting { setting: setting.clone() })?;
        merge(&mut table, nested(key.trim(), value.trim()), "", "--set", &known)?;
    }
    // Without the text there is no place to point at, but the message names the key.
    let recipe = Recipe::deserialize(Value::Table(table)).map_err(wrong)?;
    recipe.check().map_err(|source| Error::Recipe { recipe: name.into(), source })?;
    Ok(recipe)
}

/// Returns every key of a recipe with its default, in the order of the tables.
pub fn every_setting() -> Vec<(String, String)> {
    let table = defaults();
    let value = |key: &String| {
        let mut steps = key.split('.');
        let first = steps.next().and_then(|step| table.get(step));
        steps.fold(first, |value, step| value?.get(step)).map(ToString::to_string)
    };
    keys(&table).iter().filter_map(|key| Some((key.clone(), value(key)?))).collect()
}

fn defaults() -> Table {
    Table::try_from(Recipe::default()).expect("a recipe is tables of plain values")
}

fn keys(table: &Table) -> Vec<String> {
    let mut keys = vec![];
    for (name, value) in table {
        match value {
            Value::Table(inner) => keys.extend(inner.keys().map(|key| format!("{name}.{key}"))),
            _ => keys.push(name.clone()),
        }
    }
    keys
}

fn merge(into: &mut Table, given: Table, prefix: &str, recipe: &str, known: &[String]) -> Result<(), Error> {
    for (name, value) in given {
        let key = format!("{prefix}{name}");
        match (into.get_mut(&name), value) {
            (Some(Value::Table(inner)), Value::Table(given)) => {
                merge(inner, given, &format!("{key}."), recipe, known)?;
            }
            // A whole number stands for itself also where a fraction could.
            (Some(Value::Float(old)), Value::Integer(new)) => *old = new as f64,
            (Some(old), value) if !old.is_table() => *old = value,
            _ => return Err(Error::UnknownSetting { recipe: recipe.into(), key, known: known.to_vec() }),
        }
    }
    Ok(())
}

/// Returns `a.b = value` as tables; what is no TOML value is a text.
fn nested(key: &str, value: &str) -> Table {
    let parsed = format!("value = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    let mut value = parsed.unwrap_or_else(|| Value::String(value.into()));
    let mut steps: Vec<&str> = key.split('.').collect();
    let first = steps.remove(0);
    for step in steps.into_iter().rev() {
        value = Value::Table(Table::from_iter([(step.to_owned(), value)]));
    }
    Table::from_iter([(first.to_owned(), value)])
}

#[cfg(test)]
mod tests {
    use rewardctl_core::dataset::recipe::Rejected;

    use super::*;

    #[test]
    fn what_is_given_replaces_the_default() {
        let toml = "[models]\nrejected = \"best-vs-worst\"\n[gates]\nmin-positive = 3\n";
        let settings = ["models.min-probability=0.9", "people.adjudicators=[\"eva\"]", "kto.balance=drop"];
        let recipe = read("r.toml", toml, &settings.map(String::from)).unwrap();
        assert_eq!((recipe.models.rejected, recipe.models.min_probability), (Rejected::BestVsWorst, 0.9));
        assert_eq!((recipe.gates.min_positive, recipe.gates.min_negative), (3, 500));
        assert_eq!(recipe.people.adjudicators, ["eva"]);
        assert_eq!(read("", "", &["sft.min-probability=1".into()]).unwrap().sft.min_probability, 1.0);
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        let unknown = read("r.toml", "[models]\nmin-probabilty = 0.9\n", &[]);
        assert!(matches!(unknown, Err(Error::UnknownSetting { key, .. }) if key == "models.min-probabilty"));
        assert!(matches!(read("r", "", &["x".into()]), Err(Error::Setting { .. })));
        assert!(matches!(read("r", "kto.desirable = 2.0", &[]), Err(Error::Recipe { .. })));
        assert!(matches!(read("r", "kto.desirable = \"x\"", &[]), Err(Error::ParseRecipe { .. })));
    }

    #[test]
    fn every_setting_is_documented_with_its_default() {
        let page = include_str!("../../../../docs/datasets.md");
        for (key, default) in every_setting() {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
            let row = row.unwrap_or_else(|| panic!("docs/datasets.md lacks `{key}`"));
            assert!(row.contains(&format!("| `{default}` |")), "{row} has not the default {default}");
        }
    }
}
