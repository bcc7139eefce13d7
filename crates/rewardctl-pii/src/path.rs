//! Home folders that name their user.

use crate::border::is_word;
use crate::finding::Finding;
use crate::kind::Kind;

/// What stands before the name.
pub(crate) const ROOTS: [&str; 4] = ["/home/", "/Users/", ":\\Users\\", ":\\\\Users\\\\"];
/// Users of systems, machines and manuals.
const NOBODIES: &[&str] = &[
    "admin",
    "administrator",
    "all",
    "app",
    "appuser",
    "circleci",
    "default",
    "demo",
    "dev",
    "docker",
    "ec2-user",
    "example",
    "foo",
    "git",
    "gitlab-runner",
    "guest",
    "home",
    "jenkins",
    "jovyan",
    "linuxbrew",
    "me",
    "myuser",
    "myname",
    "name",
    "node",
    "nonroot",
    "opc",
    "pi",
    "postgres",
    "public",
    "root",
    "runner",
    "runneradmin",
    "shared",
    "test",
    "travis",
    "ubuntu",
    "user",
    "username",
    "vagrant",
    "vscode",
    "web",
    "www",
    "xxx",
    "you",
    "your_name",
    "your_username",
    "yourname",
    "yourusername",
    "youruser",
];
const LONGEST_NAME: usize = 40;

/// Adds the home folder whose root begins at `at` and is `root` bytes long; the finding ends with the user's name.
pub(crate) fn find_home(text: &str, at: usize, root: usize, found: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let name_start = at + root;
    let length = bytes[name_start..]
        .iter()
        .take(LONGEST_NAME + 1)
        .take_while(|b| is_word(**b) || **b == b'-' || **b == b'.');
    let name = text[name_start..name_start + length.count()].trim_end_matches(['.', '-']);
    let has_drive = bytes[at] == b':';
    let drive = has_drive && bytes[..at].last().is_some_and(u8::is_ascii_alphabetic);
    let start = at - usize::from(drive);
    let in_an_address =
        bytes[..start].last().is_some_and(|byte| is_word(*byte) || matches!(byte, b'.' | b'-'));
    let is_somebody = (2..=LONGEST_NAME).contains(&name.len())
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !NOBODIES.contains(&name.to_ascii_lowercase().as_str());
    if is_somebody && !in_an_address && drive == has_drive {
        found.push(Finding::possible(Kind::HomePath, start, name_start + name.len()));
    }
}
