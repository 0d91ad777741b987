//! Secrets that packages carry, kept out of comparisons: they are shown, exported and kept with runs.

use model::comparison::Difference;

/// What stands in place of a secret.
const MASK: &str = "••••••••";

/// Parts of names after which a secret stands.
const NAMES: [&str; 11] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "subscription-key",
    "connectionstring",
];

/// What stands before a secret within a value.
const MARKS: [&str; 7] =
    ["sig=", "accountkey=", "sharedaccesskey=", "password=", "client_secret=", "subscription-key=", "bearer "];

/// Takes secrets out of a difference; all of its values where it is a secret as a whole.
pub(super) fn hide(difference: &mut Difference, is_secret: bool) {
    let is_secret = is_secret || is_secret_name(&difference.name) || is_secret_name(&difference.property);
    if is_secret {
        for value in [&mut difference.before, &mut difference.after].into_iter().flatten() {
            MASK.clone_into(value);
        }
        difference.rows.clear();
        return;
    }
    for value in [&mut difference.before, &mut difference.after].into_iter().flatten() {
        without_secrets(value);
    }
    for row in &mut difference.rows {
        for line in [&mut row.before, &mut row.after].into_iter().flatten() {
            without_secrets(&mut line.text);
        }
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// Masks what follows a mark, up to the end of the word.
fn without_secrets(text: &mut String) {
    for mark in MARKS {
        let mut from = 0;
        // In ASCII lower case every byte keeps its place.
        while let Some(at) = text.to_ascii_lowercase().get(from..).and_then(|rest| rest.find(mark)) {
            let start = from + at + mark.len();
            let ends = |character: char| {
                character.is_whitespace() || matches!(character, '&' | ';' | '"' | '\'' | '<' | ',' | ')' | '}' | '\\')
            };
            let rest = text.get(start..).unwrap_or_default();
            let end = start + rest.find(ends).unwrap_or(rest.len());
            // An expression that fetches the secret is none.
            if end - start >= 8 && !rest.starts_with(['@', '{', '$', '•']) {
                text.replace_range(start..end, MASK);
            }
            from = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut text = text.to_owned();
        without_secrets(&mut text);
        text
    }

    #[test]
    fn keys_in_addresses_and_connection_strings_are_masked() {
        assert_eq!(masked("https://x/y?sp=1&sig=abcdefghij&sv=1"), "https://x/y?sp=1&sig=••••••••&sv=1");
        assert_eq!(masked("AccountKey=abcdefgh==;Endpoint=x"), "AccountKey=••••••••;Endpoint=x");
        assert_eq!(masked("\"Bearer abcdefghij\""), "\"Bearer ••••••••\"");
        assert_eq!(masked("Bearer @{variables('token')}"), "Bearer @{variables('token')}");
        assert_eq!(masked("ÄÖ sig=ß sig=abcdefghijk"), "ÄÖ sig=ß sig=••••••••");
    }

    #[test]
    fn names_tell_secrets() {
        assert!(is_secret_name("Client Secret (new_ClientSecret)"));
        assert!(!is_secret_name("Mailbox"));
    }
}
