//! Fields of forms: a label, the control, a hint, and what is wrong.

use super::Icon;
use leptos::prelude::*;

/// The ids with which a control and its texts refer to each other.
struct Ids {
    control: String,
    hint: Option<String>,
    error: Option<String>,
}

impl Ids {
    /// `id` is for pages on which two forms have a field of the same name.
    fn new(name: &str, id: Option<String>, hint: bool, error: bool) -> Self {
        let plain = |text: &str| {
            text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect::<String>()
        };
        let control = id.unwrap_or_else(|| format!("field-{}", plain(name)));
        let hint = hint.then(|| format!("{control}-hint"));
        let error = error.then(|| format!("{control}-error"));
        Self { control, hint, error }
    }

    fn described_by(&self) -> Option<String> {
        match (&self.error, &self.hint) {
            (Some(error), Some(hint)) => Some(format!("{error} {hint}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }
}

fn frame(
    ids: Ids,
    label: String,
    required: bool,
    hint: Option<String>,
    error: Option<String>,
    control: AnyView,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=ids.control class=required.then_some("required")>{label}</label>
            {control}
            {texts(ids.hint, hint, ids.error, error)}
        </div>
    }
}

fn texts(
    hint_id: Option<String>,
    hint: Option<String>,
    error_id: Option<String>,
    error: Option<String>,
) -> impl IntoView {
    view! {
        {error.map(|error| view! { <p class="error" id=error_id><Icon name="error-circle"/><span>{error}</span></p> })}
        {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
    }
}

/// A line of text.
#[component]
pub fn TextField(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// Label.
    #[prop(into)]
    label: String,
    /// The text in it.
    #[prop(optional, into)]
    value: String,
    /// What the browser takes it for: `text`, `password`, `number`, `date` …
    #[prop(default = "text")]
    kind: &'static str,
    /// Whether it has to be filled in.
    #[prop(optional)]
    required: bool,
    /// What to enter.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// What browsers and password managers may fill in: `username`, `current-password`, `off` …
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Characters at most.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Whether it has the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// Id, when another form of the page has a field of the same name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let ids = Ids::new(&name, id, hint.is_some(), error.is_some());
    let control = view! {
        <input
            type=kind
            id=ids.control.clone()
            name=name
            value=value
            required=required
            autocomplete=autocomplete
            maxlength=maxlength.map(|length| length.to_string())
            autofocus=autofocus
            aria-invalid=ids.invalid()
            aria-describedby=ids.described_by()
        />
    };
    frame(ids, label, required, hint, error, control.into_any()).into_any()
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// Label.
    #[prop(into)]
    label: String,
    /// The text in it.
    #[prop(optional, into)]
    value: String,
    /// Lines shown.
    #[prop(default = 4)]
    rows: u32,
    /// Whether it has to be filled in.
    #[prop(optional)]
    required: bool,
    /// What to enter.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Characters at most.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Id, when another form of the page has a field of the same name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let ids = Ids::new(&name, id, hint.is_some(), error.is_some());
    // Browsers drop one line break after the opening tag; a text that begins with one keeps it this way.
    let value = if value.starts_with('\n') { format!("\n{value}") } else { value };
    let control = view! {
        <textarea
            id=ids.control.clone()
            name=name
            rows=rows.to_string()
            required=required
            maxlength=maxlength.map(|length| length.to_string())
            aria-invalid=ids.invalid()
            aria-describedby=ids.described_by()
        >
            {value}
        </textarea>
    };
    frame(ids, label, required, hint, error, control.into_any()).into_any()
}

/// One choice of a [`Select`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    value: String,
    label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into() }
    }
}

/// One of several choices.
#[component]
pub fn Select(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// Label.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// Value of the chosen one.
    #[prop(optional, into)]
    value: String,
    /// The words of a first choice with an empty value: *Choose an environment*, *All*.
    #[prop(optional, into)]
    none: Option<String>,
    /// Whether something has to be chosen.
    #[prop(optional)]
    required: bool,
    /// What to choose.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Id, when another form of the page has a field of the same name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let ids = Ids::new(&name, id, hint.is_some(), error.is_some());
    let options = choices.into_iter().map(|choice| {
        let selected = choice.value == value;
        view! { <option value=choice.value selected=selected>{choice.label}</option> }
    });
    let control = view! {
        <select
            id=ids.control.clone()
            name=name
            required=required
            aria-invalid=ids.invalid()
            aria-describedby=ids.described_by()
        >
            {none.map(|none| view! { <option value="">{none}</option> })}
            {options.collect_view()}
        </select>
    };
    frame(ids, label, required, hint, error, control.into_any()).into_any()
}

/// A box to tick.
#[component]
pub fn Checkbox(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// Label.
    #[prop(into)]
    label: String,
    /// Whether it is ticked.
    #[prop(optional)]
    checked: bool,
    /// The value posted when it is ticked.
    #[prop(default = "yes".to_owned(), into)]
    value: String,
    /// What it does.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Id, when another form of the page has a field of the same name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let ids = Ids::new(&name, id, hint.is_some(), error.is_some());
    view! {
        <div class="field checkbox">
            <input
                type="checkbox"
                id=ids.control.clone()
                name=name
                value=value
                checked=checked
                aria-invalid=ids.invalid()
                aria-describedby=ids.described_by()
            />
            <label for=ids.control>{label}</label>
            {texts(ids.hint, hint, ids.error, error)}
        </div>
    }
    .into_any()
}

/// A value of a record that cannot be changed. It looks like a field with a lock and is not posted.
#[component]
pub fn LockedField(
    /// Label.
    #[prop(into)]
    label: String,
    /// The value; a dash stands for an empty one.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let id = crate::context::element_id("locked");
    let value = if value.is_empty() { "---".to_owned() } else { value };
    view! {
        <div class="field locked">
            <label for=id.clone()>{label}<Icon name="lock-closed"/></label>
            <output id=id>{value}</output>
        </div>
    }
    .into_any()
}

/// A value that a form posts without showing it.
#[component]
pub fn HiddenField(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// The value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }.into_any()
}
