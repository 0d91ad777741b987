//! The form of a record, as model-driven apps show it: commands above, the record's name and kind, its fields.

use crate::{
    components::{
        Appearance, Button, Command, CommandLink, Dialog, DialogButton, HiddenField, Intent, MessageBar, Tab, Tabs,
    },
    form::Returned,
    layout::DocumentTitle,
};
use leptos::prelude::*;

/// How a record stands to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// Not saved yet.
    New,
    /// Saved and in use.
    Active,
    /// Saved and out of use.
    Inactive,
}

impl RecordState {
    /// The state of a record that is saved.
    pub fn saved(active: bool) -> Self {
        if active { Self::Active } else { Self::Inactive }
    }

    fn label(self) -> &'static str {
        match self {
            Self::New => "- Unsaved",
            Self::Active => "- Saved",
            Self::Inactive => "- Saved (inactive)",
        }
    }
}

/// Name, state and kind of a record, with the tabs of its form.
#[component]
pub fn RecordHeader(
    /// Name of the record.
    #[prop(into)]
    title: String,
    /// Kind of the record: *Deployment Pipeline*.
    kind: &'static str,
    /// How it stands to the database.
    state: RecordState,
    /// The tabs of its form.
    #[prop(optional)]
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = (!tabs.is_empty()).then(|| view! { <Tabs label=format!("Parts of {title}") tabs/> });
    view! {
        <DocumentTitle text=title.clone()/>
        <div class="record-header">
            <h1>{title}</h1>
            <span class="record-state">{state.label()}</span>
            <p class="subtitle">{kind}</p>
            {tabs}
        </div>
    }
}

/// *Save* and *Save & Close* for a form by its name, and *New* and *Refresh* where there is something to refresh.
#[component]
pub fn SaveCommands(
    /// Name of the form.
    form: &'static str,
    /// The page for a new record of this kind.
    #[prop(into)]
    new: String,
    /// The record's own page; none for a new record.
    #[prop(optional, into)]
    refresh: Option<String>,
) -> impl IntoView {
    let id = format!("form-{form}");
    let others = refresh.map(|refresh| {
        view! {
            <CommandLink icon="add" href=new>"New"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=refresh>"Refresh"</CommandLink>
        }
    });
    view! {
        <Command icon="save" form=id.clone()>"Save"</Command>
        <Command icon="save-arrow-right" form=id name="then" value="close">"Save & Close"</Command>
        {others}
    }
}

/// A command that posts a form of its own.
#[component]
pub fn PostCommand(
    /// Path of the server function.
    action: &'static str,
    /// Icon before the text.
    icon: &'static str,
    /// What it posts.
    fields: Vec<(&'static str, String)>,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" action=action>
            {hidden(fields)}
            <Command icon>{children()}</Command>
        </form>
    }
}

/// A command that asks before it does what cannot be undone.
#[component]
pub fn ConfirmedCommand(
    /// Path of the server function.
    action: &'static str,
    /// What it does, in a word: *Delete*.
    verb: &'static str,
    /// Icon before the word.
    #[prop(default = "delete")]
    icon: &'static str,
    /// What it does it to: *the stage Test*.
    #[prop(into)]
    what: String,
    /// What would come of it, in a sentence.
    #[prop(into)]
    consequence: String,
    /// What it posts.
    fields: Vec<(&'static str, String)>,
    /// How the button that asks looks. In a row of a grid it names what it is about to screen readers.
    #[prop(optional)]
    button: DialogButton,
) -> impl IntoView {
    let label = if button == DialogButton::Subtle { format!("{verb} {what}") } else { verb.to_owned() };
    view! {
        <Dialog trigger=verb trigger_label=label icon button title=format!("{verb} {what}?")>
            <p>{consequence}</p>
            <form method="post" action=action>
                {hidden(fields)}
                <Button appearance=Appearance::Primary>{verb}</Button>
            </form>
        </Dialog>
    }
}

/// Why a command that has no form of its own on the page was not done.
#[component]
pub fn Refusal(
    /// What came back.
    returned: Returned,
) -> impl IntoView {
    let problem = returned.problem().map(ToString::to_string);
    problem.map(|problem| view! { <MessageBar intent=Intent::Error>{problem}</MessageBar> })
}

fn hidden(fields: Vec<(&'static str, String)>) -> impl IntoView {
    fields.into_iter().map(|(name, value)| view! { <HiddenField name value/> }).collect_view()
}

/// Where *Save* leads: back to the list with *Save & Close*, else to the record.
pub fn after_saving(then: &str, list: &str, record: String) -> String {
    if then == "close" { list.to_owned() } else { record }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saving_stays_with_the_record_unless_it_is_closed() {
        assert_eq!(after_saving("", "/list", "/list/1".to_owned()), "/list/1");
        assert_eq!(after_saving("close", "/list", "/list/1".to_owned()), "/list");
        assert_eq!(after_saving("//evil.example", "/list", "/list/1".to_owned()), "/list/1");
    }

    #[test]
    fn names_of_people_stay_text_in_a_record() {
        let hostile = "</h1><script>alert(1)</script>\"'";
        let html = Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            view! {
                <RecordHeader title=hostile kind="Deployment Stage" state=RecordState::Active tabs=vec![Tab::new(hostile, "/x", true)]/>
                <ConfirmedCommand action="/x" verb="Delete" what=hostile consequence=hostile fields=vec![("id", hostile.to_owned())]/>
            }
            .to_html()
        });
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;/h1&gt;&lt;script&gt;alert(1)"), "{html}");
    }
}
