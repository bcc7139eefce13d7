//! What each trainer and service wants, as data.

mod hosted;
mod trainers;

/// A trainer or a service with the shape of data that it reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The name by which people ask for it, such as `trl-dpo`.
    pub name: &'static str,
    /// Who reads the files.
    pub reader: Reader,
    /// The columns that every row must have.
    pub needs: &'static [Need],
    /// The other columns that a row may have; None where any may be there.
    pub takes: Option<&'static [&'static str]>,
    /// The keys that a message may have; None where any may be there.
    pub message_keys: Option<&'static [&'static str]>,
    /// The roles that messages may have, and whether turns must alternate.
    pub turns: Turns,
    /// Columns whose number of messages must be odd or even, a leading system turn not counted.
    pub parity: &'static [(&'static str, Parity)],
    /// What the file may be called.
    pub names: Names,
    /// Columns whose names mean something else to the trainer, with what.
    pub reserved: &'static [(&'static str, &'static str)],
    /// Whether the trainer finds answers by text search in the rendered template.
    pub searches_answers: bool,
    /// Whether the trainer reads the second message of each side, whatever it is.
    pub reads_second: bool,
}

/// Who reads the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The `datasets` library, which guesses types by column.
    Datasets,
    /// A reader that takes each line for itself.
    Lines,
    /// A service.
    Service,
}

/// A column that must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Its name; `a.b` reaches into objects.
    pub column: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A list of messages.
    Messages,
    /// One message.
    Message,
    /// A list of exactly one message.
    OneMessage,
    /// A string, a message or a list of messages.
    Said,
    /// A string or a list of messages.
    TextOrMessages,
    /// A list of strings.
    Texts,
    /// True or false.
    Bool,
    /// A list of true and false.
    Bools,
    /// An object.
    Object,
    /// A list.
    List,
}

/// Which roles may speak, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    /// The roles; empty where any is fine.
    pub roles: &'static [&'static str],
    /// Whether user and assistant must alternate after a leading system turn.
    pub alternate: bool,
    /// Whether the first turn after a system turn must be the user's.
    pub user_first: bool,
}

/// Odd or even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// 1, 3, 5 ...
    Odd,
    /// 2, 4, 6 ...
    Even,
}

/// What a file may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Anything.
    Any,
    /// One of these.
    Exactly(&'static [&'static str]),
    /// Anything with one of these ends.
    EndsWith(&'static [&'static str]),
}

/// Returns every target, in the order in which help lists them.
pub fn all() -> impl Iterator<Item = &'static Target> {
    trainers::ALL.iter().chain(hosted::ALL)
}

/// Returns the target of this name.
pub fn by_name(name: &str) -> Option<&'static Target> {
    all().find(|target| target.name == name)
}

const fn need(column: &'static str, kind: Kind) -> Need {
    Need { column, kind }
}

const ANY_TURNS: Turns = Turns { roles: &[], alternate: false, user_first: false };

/// A target that wants nothing; each names what it wants on top.
const PLAIN: Target = Target {
    name: "",
    reader: Reader::Datasets,
    needs: &[],
    takes: None,
    message_keys: None,
    turns: ANY_TURNS,
    parity: &[],
    names: Names::Any,
    reserved: &[],
    searches_answers: false,
    reads_second: false,
};
