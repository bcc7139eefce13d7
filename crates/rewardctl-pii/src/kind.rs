//! What can be found, and how much harm it does.

/// The two classes of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Gives access to something: a key, a token, a password.
    Secret,
    /// Says who or where somebody is, or how they pay.
    Personal,
}

/// One kind of datum that the detector knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An AWS access key id: `AKIA` or `ASIA` and 16 more characters.
    AwsAccessKey,
    /// An OpenAI API key.
    OpenAiKey,
    /// An Anthropic API key.
    AnthropicKey,
    /// A GitHub token, classic or fine-grained.
    GithubToken,
    /// A Slack token.
    SlackToken,
    /// A secret or restricted live Stripe key.
    StripeKey,
    /// A Google API key.
    GoogleApiKey,
    /// A Hugging Face token.
    HuggingFaceToken,
    /// An npm token.
    NpmToken,
    /// A PEM block with a private key.
    PrivateKey,
    /// A signed JSON web token.
    Jwt,
    /// A URL with a password in it, such as that of a database.
    UrlWithPassword,
    /// An email address; those of examples count too.
    Email,
    /// A phone number written with a plus or with separators.
    Phone,
    /// A payment card number: issuer range, length and Luhn digit agree.
    CreditCard,
    /// An IBAN: country, length and check digits agree.
    Iban,
    /// A US social security number written with separators.
    UsSsn,
    /// A public IPv4 or IPv6 address.
    IpAddress,
}

impl Kind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 18] = [
        Self::AwsAccessKey,
        Self::OpenAiKey,
        Self::AnthropicKey,
        Self::GithubToken,
        Self::SlackToken,
        Self::StripeKey,
        Self::GoogleApiKey,
        Self::HuggingFaceToken,
        Self::NpmToken,
        Self::PrivateKey,
        Self::Jwt,
        Self::UrlWithPassword,
        Self::Email,
        Self::Phone,
        Self::CreditCard,
        Self::Iban,
        Self::UsSsn,
        Self::IpAddress,
    ];

    /// Returns the name, as reports and settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AwsAccessKey => "aws-access-key",
            Self::OpenAiKey => "openai-key",
            Self::AnthropicKey => "anthropic-key",
            Self::GithubToken => "github-token",
            Self::SlackToken => "slack-token",
            Self::StripeKey => "stripe-key",
            Self::GoogleApiKey => "google-api-key",
            Self::HuggingFaceToken => "hugging-face-token",
            Self::NpmToken => "npm-token",
            Self::PrivateKey => "private-key",
            Self::Jwt => "jwt",
            Self::UrlWithPassword => "url-with-password",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::CreditCard => "credit-card",
            Self::Iban => "iban",
            Self::UsSsn => "us-ssn",
            Self::IpAddress => "ip-address",
        }
    }

    /// Returns the kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the class.
    pub fn class(self) -> Class {
        if self <= Self::UrlWithPassword { Class::Secret } else { Class::Personal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("name"), None);
    }

    #[test]
    fn keys_are_secrets_and_people_are_personal() {
        let secrets = Kind::ALL.into_iter().filter(|kind| kind.class() == Class::Secret).count();
        assert_eq!(secrets, 12);
        assert_eq!(Kind::Email.class(), Class::Personal);
    }
}
