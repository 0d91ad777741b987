//! People.

use leptos::prelude::*;

/// The first letters of a person's name, in a circle.
#[component]
pub fn PersonaInitials(
    /// The name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! { <span class="persona" aria-hidden="true">{initials(&name)}</span> }.into_any()
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Ada King Lovelace", "AL"),
            ("  ", ""),
            ("(Ada) lovelace", "AL"),
            ("Ünal Ørsted", "ÜØ"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }
}
