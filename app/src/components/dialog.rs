//! Questions before something that cannot be undone. A popover of the browser: it opens and closes without scripting.

use super::Icon;
use crate::context;
use leptos::prelude::*;

/// How the button that opens a dialog looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogButton {
    /// As a command of the command bar.
    #[default]
    Command,
    /// As a button.
    Button,
    /// As a link in a row of a grid.
    Subtle,
}

impl DialogButton {
    fn class(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Button => "button",
            Self::Subtle => "button subtle small",
        }
    }
}

/// A button and the dialog it opens. The dialog asks the question and holds a form with the buttons to go on;
/// *Close* leaves everything as it is.
#[component]
pub fn Dialog(
    /// The text of the button.
    #[prop(into)]
    trigger: String,
    /// The full text of the button for screen readers, where the short one is not clear by itself: *Delete stage Test*.
    #[prop(optional, into)]
    trigger_label: Option<String>,
    /// Icon of the button.
    icon: &'static str,
    /// How the button looks.
    #[prop(optional)]
    button: DialogButton,
    /// The question: *Delete the pipeline Contoso?*
    #[prop(into)]
    title: String,
    /// What would happen, and the form with the button that does it.
    children: Children,
) -> impl IntoView {
    let id = context::element_id("dialog");
    let heading = format!("{id}-title");
    view! {
        <button type="button" class=button.class() popovertarget=id.clone() aria-haspopup="dialog" aria-label=trigger_label>
            <Icon name=icon/>
            <span>{trigger}</span>
        </button>
        <div class="dialog" popover="auto" role="dialog" id=id.clone() aria-labelledby=heading.clone()>
            <h2 id=heading.clone()>{title}</h2>
            {children()}
            <button type="button" class="button subtle close" popovertarget=id.clone() popovertargetaction="hide">
                <Icon name="dismiss"/>
                <span>"Close"</span>
            </button>
        </div>
    }
    .into_any()
}
