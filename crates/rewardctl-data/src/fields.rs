//! Which field of a row means what, where the user says so; names that are given override detection.

/// The most bytes that one row may have, unless the user says otherwise: longer than any context window's text.
pub const DEFAULT_MAX_ROW_BYTES: usize = 16 << 20;

/// How files are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSettings {
    /// The names that the user gives.
    pub fields: FieldMap,
    /// The most bytes that one row may have, after decompression; a longer one is a row error.
    pub max_row_bytes: usize,
    /// What a row must hold to be of use.
    pub expect: Expect,
}

/// What a row must hold to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// A prompt with at least one response.
    Responses,
    /// A prompt; the responses are yet to come, and a row may have some already.
    Prompts,
}

/// The names that the user gives to fields; a dotted path such as `doc.question` reaches into objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldMap {
    /// Holds the prompt: a text or a list of messages.
    pub prompt: Option<String>,
    /// Holds one response: a text, a message, or a list of messages.
    pub response: Option<String>,
    /// Holds a list of responses.
    pub responses: Option<String>,
    /// Holds a conversation whose last turn is the response.
    pub messages: Option<String>,
    /// Holds the response that was preferred.
    pub chosen: Option<String>,
    /// Holds the response that was not preferred.
    pub rejected: Option<String>,
    /// Holds the answer that a checkable response should reach.
    pub reference: Option<String>,
    /// Holds the texts that a response should be grounded in.
    pub documents: Option<String>,
    /// Holds the name of the model that wrote the response.
    pub generator: Option<String>,
    /// Holds the user's own id.
    pub id: Option<String>,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The prompt.
    Prompt,
    /// One response.
    Response,
    /// A list of responses.
    Responses,
    /// A conversation whose last turn is the response.
    Messages,
    /// The response that was preferred.
    Chosen,
    /// The response that was not preferred.
    Rejected,
    /// The expected answer.
    Reference,
    /// The texts to be grounded in.
    Documents,
    /// The model that wrote the response.
    Generator,
    /// The user's own id.
    Id,
}

impl Role {
    /// All of them, the main ones first.
    pub(crate) const ALL: [Role; 10] = [
        Role::Prompt,
        Role::Response,
        Role::Responses,
        Role::Messages,
        Role::Chosen,
        Role::Rejected,
        Role::Reference,
        Role::Documents,
        Role::Generator,
        Role::Id,
    ];

    /// Returns the flag that names the field, as the binary spells it.
    pub fn flag(self) -> &'static str {
        match self {
            Role::Prompt => "--prompt-field",
            Role::Response => "--response-field",
            Role::Responses => "--responses-field",
            Role::Messages => "--messages-field",
            Role::Chosen => "--chosen-field",
            Role::Rejected => "--rejected-field",
            Role::Reference => "--reference-field",
            Role::Documents => "--documents-field",
            Role::Generator => "--generator-field",
            Role::Id => "--id-field",
        }
    }
}

impl Default for ReadSettings {
    fn default() -> Self {
        Self { fields: FieldMap::default(), max_row_bytes: DEFAULT_MAX_ROW_BYTES, expect: Expect::Responses }
    }
}

impl FieldMap {
    /// Returns the name given for `role`, if one was given.
    pub fn get(&self, role: Role) -> Option<&str> {
        let name = match role {
            Role::Prompt => &self.prompt,
            Role::Response => &self.response,
            Role::Responses => &self.responses,
            Role::Messages => &self.messages,
            Role::Chosen => &self.chosen,
            Role::Rejected => &self.rejected,
            Role::Reference => &self.reference,
            Role::Documents => &self.documents,
            Role::Generator => &self.generator,
            Role::Id => &self.id,
        };
        name.as_deref()
    }
}
