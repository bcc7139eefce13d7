//! A gate's findings as GitHub's workflow commands: `::error file=…,line=…,title=…::message`.

use rewardctl_core::gate::Ruling;
use rewardctl_pipeline::gate::check::Place;
use rewardctl_pipeline::gate::report::{CheckReport, GateReport};

use crate::report::gate::{line, word};
use crate::show::inert;
use rewardctl_core::hidden::is_hidden;

/// GitHub shows ten errors of a step, and drops the rest.
const MOST: usize = 10;

/// Returns the commands, one a line; nothing where all passes.
pub fn annotations(report: &GateReport) -> Vec<String> {
    let failing: Vec<&CheckReport> =
        report.checks.iter().filter(|check| check.ruling != Ruling::Pass).collect();
    let mut commands: Vec<String> = failing.iter().map(|check| of_check(check)).collect();
    for check in failing {
        commands.extend(
            check.places.iter().filter(|place| place.file.is_some()).map(|place| of_place(check, place)),
        );
    }
    commands.truncate(MOST);
    commands.extend(
        report.warnings.iter().map(|warning| format!("::warning title=rewardctl gate::{}", data(warning))),
    );
    commands
}

fn of_check(check: &CheckReport) -> String {
    let title = format!("{}: {}", check.title(), word(check.ruling));
    format!("::error title={}::{}", property(&title), data(&check.why))
}

fn of_place(check: &CheckReport, place: &Place) -> String {
    let file = place.file.as_deref().unwrap_or_default();
    let at = place.line.map_or(String::new(), |line| format!(",line={line}"));
    let message = line(&Place { file: None, line: None, ..place.clone() });
    format!("::error file={}{at},title={}::{}", property(file), property(&check.title()), data(&message))
}

/// Escapes a message.
fn data(text: &str) -> String {
    let text: String =
        inert(text).chars().map(|c| if is_hidden(c) && c != '\r' && c != '\n' { '·' } else { c }).collect();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a value of the list before the message.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_the_command() {
        assert_eq!(property("a:b,c%\n::d"), "a%3Ab%2Cc%25%0A%3A%3Ad");
        assert_eq!(data("x ##[error]y"), "x ##·[error]y");
        assert_eq!(data("50 %: x,\r\n::error::y"), "50 %25: x,%0D%0A::error::y");
    }
}
