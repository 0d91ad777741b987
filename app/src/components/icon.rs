//! Icons.

use leptos::prelude::*;

/// The icons of the sprite, by their names in Fluent System Icons; a name that ends in `-filled` is the filled variant.
/// `style/icons.mjs` makes the sprite from this list.
pub const ICONS: &[&str] = &[
    "add",
    "add-circle",
    "arrow-clockwise",
    "arrow-down",
    "arrow-import",
    "arrow-left",
    "arrow-right",
    "arrow-sync",
    "arrow-sync-circle",
    "arrow-undo",
    "arrow-up",
    "board",
    "box",
    "checkmark",
    "checkmark-circle",
    "chevron-left",
    "chevron-right",
    "circle",
    "clock",
    "database",
    "delete",
    "dismiss",
    "document",
    "edit",
    "error-circle",
    "filter",
    "globe",
    "history",
    "info",
    "key",
    "link",
    "lock-closed",
    "navigation",
    "open",
    "people",
    "person",
    "person-clock",
    "plug-connected",
    "prohibited",
    "rocket",
    "save",
    "save-arrow-right",
    "search",
    "send",
    "settings",
    "subtract-circle",
    "text-bullet-list-tree",
    "arrow-download",
    "arrow-reset",
    "warning",
];

/// An icon of the sprite. It says nothing to screen readers: the text next to it does.
#[component]
pub fn Icon(
    /// Its name, one of [`ICONS`].
    name: &'static str,
) -> impl IntoView {
    debug_assert!(ICONS.contains(&name), "{name} is not among the icons of the sprite");
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use_ href=format!("/icons.svg#{name}")></use_>
        </svg>
    }
}
