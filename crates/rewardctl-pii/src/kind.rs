//! What can be found, how it is checked, and how much harm it does.

/// The two classes of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Gives access to something: a key, a token, a password.
    Secret,
    /// Says who or where somebody is, or how they pay.
    Personal,
}

/// One kind of datum that the scanner knows; [`Kind::checked_by`] says how each is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An AWS access key id.
    AwsAccessKey,
    /// An OpenAI API key.
    OpenAiKey,
    /// An Anthropic API key.
    AnthropicKey,
    /// A GitHub token, classic or fine-grained.
    GithubToken,
    /// A GitLab token.
    GitlabToken,
    /// A Slack token or webhook.
    SlackToken,
    /// A secret or restricted live Stripe key.
    StripeKey,
    /// A Google API key.
    GoogleApiKey,
    /// A Hugging Face token.
    HuggingFaceToken,
    /// An npm token.
    NpmToken,
    /// A PyPI token.
    PypiToken,
    /// A SendGrid API key.
    SendgridKey,
    /// An Azure account or shared access key.
    AzureKey,
    /// A PEM block with a private key.
    PrivateKey,
    /// A signed JSON web token.
    Jwt,
    /// A URL with a password in it, such as that of a database.
    UrlWithPassword,
    /// The value given to a name such as `DB_PASSWORD` or `api_key`.
    AssignedSecret,
    /// A random-looking token without any other sign; only where the scanner is told to look for it.
    HighEntropy,
    /// An email address; those of examples count too.
    Email,
    /// A phone number.
    Phone,
    /// A payment card number.
    CreditCard,
    /// An IBAN.
    Iban,
    /// A US social security number.
    UsSsn,
    /// A US individual taxpayer identification number.
    UsItin,
    /// A US bank routing number (ABA).
    UsRoutingNumber,
    /// A US national provider identifier.
    UsNpi,
    /// A British NHS number.
    UkNhs,
    /// A British national insurance number.
    UkNino,
    /// A German tax identification number.
    DeTaxId,
    /// A French social security number (NIR).
    FrNir,
    /// An Italian codice fiscale.
    ItCodiceFiscale,
    /// A Spanish NIF or NIE.
    EsNif,
    /// A Dutch citizen service number.
    NlBsn,
    /// A Polish PESEL.
    PlPesel,
    /// A Brazilian CPF.
    BrCpf,
    /// A Brazilian CNPJ, of digits.
    BrCnpj,
    /// An Indian Aadhaar number.
    InAadhaar,
    /// A Canadian social insurance number.
    CaSin,
    /// A Singaporean NRIC or FIN.
    SgNric,
    /// A Bitcoin address.
    BitcoinAddress,
    /// An Ethereum address.
    EthereumAddress,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// A MAC address.
    MacAddress,
    /// A device number of a phone (IMEI).
    Imei,
    /// A date that the text calls a date of birth.
    BirthDate,
    /// A home folder with the name of its user.
    HomePath,
    /// The name of a person; only where the scanner is told to look for it.
    PersonName,
    /// A postal address; only where the scanner is told to look for it.
    PostalAddress,
}

/// Every kind with its name and what confirms it, in the order of declaration.
const TABLE: &[(Kind, &str, &str)] = &[
    (Kind::AwsAccessKey, "aws-access-key", "prefix, alphabet, length"),
    (Kind::OpenAiKey, "openai-key", "prefix, alphabet, length"),
    (Kind::AnthropicKey, "anthropic-key", "prefix, alphabet, length"),
    (Kind::GithubToken, "github-token", "prefix, alphabet, length; CRC-32 raises the certainty"),
    (Kind::GitlabToken, "gitlab-token", "prefix, alphabet, length"),
    (Kind::SlackToken, "slack-token", "prefix, alphabet, length"),
    (Kind::StripeKey, "stripe-key", "prefix, alphabet, length"),
    (Kind::GoogleApiKey, "google-api-key", "prefix, alphabet, length"),
    (Kind::HuggingFaceToken, "hugging-face-token", "prefix, alphabet, length"),
    (Kind::NpmToken, "npm-token", "prefix, alphabet, length; CRC-32 raises the certainty"),
    (Kind::PypiToken, "pypi-token", "prefix, alphabet, length"),
    (Kind::SendgridKey, "sendgrid-key", "prefix, alphabet, lengths of its parts"),
    (Kind::AzureKey, "azure-key", "name before it, alphabet, length"),
    (Kind::PrivateKey, "private-key", "header, and a body that can be a key"),
    (Kind::Jwt, "jwt", "its header decodes to JSON with `alg`"),
    (Kind::UrlWithPassword, "url-with-password", "scheme, user and password before a host"),
    (Kind::AssignedSecret, "assigned-secret", "name before it, characters that vary"),
    (Kind::HighEntropy, "high-entropy", "entropy alone; off unless asked for"),
    (Kind::Email, "email", "syntax, a top-level domain that people have mail in"),
    (Kind::Phone, "phone", "plus and calling code, a country's shape, or a word before it"),
    (Kind::CreditCard, "credit-card", "issuer range, length, Luhn digit"),
    (Kind::Iban, "iban", "country, length, mod 97"),
    (Kind::UsSsn, "us-ssn", "area, group and serial that can have been issued; dashes or a word near it"),
    (Kind::UsItin, "us-itin", "9, a group that can have been issued; dashes or a word near it"),
    (Kind::UsRoutingNumber, "us-routing-number", "district, weights 3-7-1, a word near it"),
    (Kind::UsNpi, "us-npi", "Luhn digit over 80840, a word near it"),
    (Kind::UkNhs, "uk-nhs-number", "mod 11, a word near it"),
    (Kind::UkNino, "uk-nino", "prefixes that are issued; spaces or a word near it"),
    (Kind::DeTaxId, "de-tax-id", "digits that repeat as they must, ISO 7064 mod 11,10, a word near it"),
    (Kind::FrNir, "fr-nir", "sex, month, mod 97"),
    (Kind::ItCodiceFiscale, "it-codice-fiscale", "shape, month, day, check letter"),
    (Kind::EsNif, "es-nif", "check letter (mod 23)"),
    (Kind::NlBsn, "nl-bsn", "eleven test, a word near it"),
    (Kind::PlPesel, "pl-pesel", "date, check digit, a word near it"),
    (Kind::BrCpf, "br-cpf", "two check digits; punctuation or a word near it"),
    (Kind::BrCnpj, "br-cnpj", "two check digits; punctuation or a word near it"),
    (Kind::InAadhaar, "in-aadhaar", "Verhoeff digit; groups of four or a word near it"),
    (Kind::CaSin, "ca-sin", "Luhn digit; dashes or a word near it"),
    (Kind::SgNric, "sg-nric", "check letter"),
    (Kind::BitcoinAddress, "bitcoin-address", "Base58Check, or the Bech32 checksum"),
    (Kind::EthereumAddress, "ethereum-address", "EIP-55, or one case and a word near it"),
    (Kind::IpAddress, "ip-address", "parsed; not local, nor everyone's; private ones are weak"),
    (Kind::MacAddress, "mac-address", "six pairs, a vendor's prefix; others are weak"),
    (Kind::Imei, "imei", "Luhn digit; dashes or a word near it"),
    (Kind::BirthDate, "birth-date", "a date that exists, a word before it"),
    (Kind::HomePath, "home-path", "a user's name that is no system's; weak"),
    (Kind::PersonName, "person-name", "a title, a phrase or a common first name; off unless asked for"),
    (Kind::PostalAddress, "postal-address", "a number and a word for street; off unless asked for"),
];

impl Kind {
    /// Returns every kind, in the order of declaration.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(kind, ..)| *kind)
    }

    /// Returns the name, as reports and settings write it.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// Returns what confirms a finding of this kind, in a few words.
    pub fn checked_by(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// Returns the kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    /// Returns the class.
    pub fn class(self) -> Class {
        if self <= Self::HighEntropy { Class::Secret } else { Class::Personal }
    }

    /// Tells whether it names one person, or moves their money: a number of a card, an account, a tax or health office.
    pub fn is_identifying_number(self) -> bool {
        let is_public = matches!(self, Self::UsRoutingNumber | Self::UsNpi | Self::BrCnpj);
        (Self::CreditCard..=Self::SgNric).contains(&self) && !is_public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for (at, kind) in Kind::all().enumerate() {
            assert_eq!(kind as usize, at, "{kind:?} stands in its place of the table");
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("name"), None);
    }

    #[test]
    fn keys_are_secrets_and_people_are_personal() {
        assert_eq!(Kind::all().filter(|kind| kind.class() == Class::Secret).count(), 18);
        assert_eq!(Kind::Email.class(), Class::Personal);
        assert!(Kind::InAadhaar.is_identifying_number() && !Kind::IpAddress.is_identifying_number());
    }
}
