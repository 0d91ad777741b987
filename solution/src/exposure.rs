//! Finding secrets and addresses in texts.
//!
//! The patterns are narrow on purpose: an expression such as `@parameters('key')` is no key, and a warning that is often
//! wrong is read by nobody.

use crate::naming;
use model::inspection::ExposureKind;
use regex::Regex;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::{fmt, sync::LazyLock};

/// Characters of a secret that are shown.
const SHOWN: usize = 4;
/// Bytes of one step of a path that are shown: the path stands with everything that is found below.
const STEP: usize = 200;

/// Something that was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// What it is.
    pub(crate) kind: ExposureKind,
    /// Where in the document.
    pub(crate) place: String,
    /// What is there, masked.
    pub(crate) masked: String,
}

/// A pattern whose first group is what is given away.
struct Pattern {
    kind: ExposureKind,
    regex: Regex,
}

/// Texts, by what they give away.
const TEXTS: [(ExposureKind, &str); 8] = [
    (ExposureKind::Signature, r"[?&](?:amp;)?sig=([A-Za-z0-9%_\-+/=.]{16,})"),
    (ExposureKind::Key, r"(?i-u:AccountKey|SharedAccessKey|Password|Pwd)=([A-Za-z0-9+/=!$%_\-]{8,})"),
    (ExposureKind::Key, r"[?&](?i-u:code|api[-_]?key|subscription-key)=([A-Za-z0-9%_\-+/=]{16,})"),
    (
        ExposureKind::Token,
        r"(?-u)\b(eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9\-]{20,})",
    ),
    (ExposureKind::Token, r"(?-u)(?:^|\s)(?i-u:Bearer|Basic)\s+([A-Za-z0-9._~+/\-]{16,}=*)\s*$"),
    (
        ExposureKind::Tenant,
        r"(?i-u)(?:login\.microsoftonline\.com/|login\.windows\.net/|tenant(?:id)?=)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
    ),
    (ExposureKind::Mail, r"(?-u)\b([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,12})\b"),
    (
        ExposureKind::EnvironmentUrl,
        r"(?i-u)(https://[a-z0-9\-]+(?:\.api)?\.crm[0-9]*\.(?:dynamics\.com|microsoftdynamics\.us|dynamics\.cn|appsplatform\.us))\b",
    ),
];

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    // A test makes sure that all of them are taken.
    TEXTS.iter().filter_map(|(kind, pattern)| Some(Pattern { kind: *kind, regex: Regex::new(pattern).ok()? })).collect()
});

/// Looks at a text that stands under a name.
fn look(name: &str, text: &str, mut tell: impl FnMut(ExposureKind, String)) {
    for Pattern { kind, regex } in PATTERNS.iter() {
        for captures in regex.captures_iter(text) {
            let Some(found) = captures.get(1).map(|found| found.as_str()) else { continue };
            if *kind == ExposureKind::Mail && !is_address(found) {
                continue;
            }
            tell(*kind, masked(*kind, found));
        }
    }
    if is_secret_name(name) && is_literal_secret(text) {
        tell(ExposureKind::Key, masked(ExposureKind::Key, text));
    } else if name.to_ascii_lowercase().contains("tenant") && is_guid(text) {
        tell(ExposureKind::Tenant, masked(ExposureKind::Tenant, text));
    }
}

/// Annotations such as `field@odata.bind` and pictures for fine screens (`icon@2x.png`) look like addresses.
fn is_address(text: &str) -> bool {
    let Some((_, domain)) = text.split_once('@') else { return false };
    let domain = domain.to_ascii_lowercase();
    let end = domain.rsplit('.').next().unwrap_or_default();
    !["odata.", "microsoft.dynamics.", "mscrm."].iter().any(|start| domain.starts_with(start))
        && !["png", "jpg", "jpeg", "gif", "svg", "js", "css", "json", "xml"].contains(&end)
}

/// Whether a value under this name is meant to be secret.
fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    [
        "apikey",
        "subscriptionkey",
        "accesskey",
        "accountkey",
        "functionskey",
        "clientsecret",
        "secret",
        "password",
        "authorization",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
}

/// Whether a text is a secret itself: no expression, no sentence, no plain word.
fn is_literal_secret(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 8
        && !text.contains('@')
        && !text.contains("://")
        && !text.starts_with('/')
        && !text.contains(char::is_whitespace)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// What may be shown of it.
fn masked(kind: ExposureKind, text: &str) -> String {
    let beginning: String = text.chars().take(SHOWN).collect();
    match kind {
        ExposureKind::EnvironmentUrl => text.to_owned(),
        ExposureKind::Mail => match text.split_once('@') {
            Some((name, domain)) => format!("{}…@{domain}", name.chars().take(1).collect::<String>()),
            None => beginning + "…",
        },
        _ => format!("{beginning}… ({} characters)", text.chars().count()),
    }
}

/// What a single text gives away.
pub(crate) fn of_text(place: &str, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    look("", text, |kind, masked| found.push(Found { kind, place: place.to_owned(), masked }));
    found
}

/// A walk through a document, text by text.
pub(crate) struct Scan {
    most: usize,
    path: Vec<String>,
    pub(crate) found: Vec<Found>,
}

impl Scan {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, path: Vec::new(), found: Vec::new() }
    }

    /// What serde walks with.
    pub(crate) fn visit(&mut self) -> Walk<'_> {
        Walk(self)
    }

    fn text(&mut self, text: &str) {
        let Self { most, path, found } = self;
        let name = path.last().map(String::as_str).unwrap_or_default();
        look(name, text, |kind, masked| {
            if found.len() >= *most {
                return;
            }
            let next = Found { kind, place: naming::cut(path.join(" › ")), masked };
            if found.last() != Some(&next) {
                found.push(next);
            }
        });
    }
}

/// One step of the walk: nothing but the path to it is kept.
pub(crate) struct Walk<'a>(&'a mut Scan);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.text(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Walk(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(mut key) = entries.next_key::<String>()? {
            key.truncate(key.floor_char_boundary(STEP));
            self.0.path.push(key);
            let walked = entries.next_value_seed(Walk(self.0));
            self.0.path.pop();
            walked?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn kinds(name: &str, text: &str) -> Vec<ExposureKind> {
        let mut kinds = Vec::new();
        look(name, text, |kind, _| kinds.push(kind));
        kinds
    }

    #[test]
    fn every_pattern_is_taken() {
        assert_eq!(PATTERNS.len(), TEXTS.len());
    }

    #[test]
    fn what_gives_something_away_is_found_and_what_only_looks_like_it_is_not() {
        use ExposureKind as K;
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";
        for (name, text, expected) in [
            (
                "uri",
                "https://prod.logic.azure.com/triggers/manual/run?sv=1.0&sig=Abcdefghij0123456789xyz",
                &[K::Signature][..],
            ),
            ("uri", "https://x.azurewebsites.net/api/f?code=abcdefghijklmnop1234567890==", &[K::Key]),
            ("text", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abcdEFGH0123456789==;", &[K::Key]),
            ("x-api-key", "a1b2c3d4e5f6a7b8", &[K::Key]),
            ("clientSecret", "Q8~abcDEF123", &[K::Key]),
            ("value", jwt, &[K::Token]),
            ("Authorization", "Bearer abcdefghijklmnop123456", &[K::Token]),
            ("tenantId", "72f988bf-86f1-41af-91ab-2d7cd011db47", &[K::Tenant]),
            ("u", "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2", &[K::Tenant]),
            ("to", "Write to ada@contoso.com.", &[K::Mail]),
            ("organization", "https://contoso.crm4.dynamics.com/api", &[K::EnvironmentUrl]),
            ("secret", "@parameters('Secret (cre06_secret)')", &[]),
            ("secret", "@{body('Parse')?['access_token']}", &[]),
            ("password", "required", &[]),
            ("secret", "/subscriptions/1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/s1", &[]),
            ("uri", "https://x/run?sig=@{variables('signature')}", &[]),
            ("select", "msftcsa_Agent@odata.bind", &[]),
            ("select", "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname", &[]),
            ("icon", "logo@2x.png", &[]),
            ("key", "name", &[]),
            ("id", "72f988bf-86f1-41af-91ab-2d7cd011db47", &[]),
        ] {
            assert_eq!(kinds(name, text), expected, "{name}: {text}");
        }
    }

    #[test]
    fn a_secret_is_masked_and_its_place_is_told() {
        let document = br#"{"actions":{"Call":{"inputs":[{"headers":{"x-api-key":"a1b2c3d4e5f6a7b8"}}]}}}"#;
        let mut scan = Scan::new(10);
        scan.visit().deserialize(&mut serde_json::Deserializer::from_slice(document)).unwrap();
        assert_eq!(
            scan.found,
            [Found {
                kind: ExposureKind::Key,
                place: "actions › Call › inputs › headers › x-api-key".to_owned(),
                masked: "a1b2… (16 characters)".to_owned(),
            }]
        );
        assert_eq!(of_text("value", "ada.lovelace@contoso.com")[0].masked, "a…@contoso.com");
    }
}
