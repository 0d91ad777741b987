//! Tables of records.

use super::Icon;
use leptos::prelude::*;

/// A column of a grid.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    numeric: bool,
    hidden: bool,
    sort: Option<Sort>,
}

#[derive(Clone, Debug)]
struct Sort {
    href: String,
    /// How the grid is sorted by this column now: ascending, descending, or not at all.
    ascending: Option<bool>,
}

impl Column {
    /// A column.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: false, hidden: false, sort: None }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numeric(self) -> Self {
        Self { numeric: true, ..self }
    }

    /// A column whose heading is for screen readers only, such as that of buttons.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    /// A column whose heading sorts by it. `ascending` tells how the grid is sorted by it now, if it is.
    #[must_use]
    pub fn sorted(self, href: impl Into<String>, ascending: Option<bool>) -> Self {
        Self { sort: Some(Sort { href: href.into(), ascending }), ..self }
    }

    fn into_view(self) -> impl IntoView + use<> {
        let direction = self.sort.as_ref().and_then(|sort| sort.ascending);
        let aria_sort = direction.map(|ascending| if ascending { "ascending" } else { "descending" });
        let arrow = direction.map(|ascending| if ascending { "arrow-up" } else { "arrow-down" });
        let label = match (self.sort, self.hidden) {
            (Some(sort), _) => view! {
                <a href=sort.href>{self.label}{arrow.map(|name| view! { <Icon name/> })}</a>
            }
            .into_any(),
            (None, true) => view! { <span class="visually-hidden">{self.label}</span> }.into_any(),
            (None, false) => self.label.into_any(),
        };
        view! { <th scope="col" class=self.numeric.then_some("numeric") aria-sort=aria_sort>{label}</th> }
    }
}

/// A table of records. Its rows are `<tr>` elements with a cell for each column; the first cell of a row is best a
/// `<th scope="row">`. Cells of numbers have the class `numeric`.
#[component]
pub fn Grid(
    /// What the records are.
    #[prop(into)]
    caption: String,
    /// Whether the caption is for screen readers only, because a heading says the same.
    #[prop(optional)]
    hide_caption: bool,
    /// The columns.
    columns: Vec<Column>,
    /// The rows.
    rows: Vec<AnyView>,
    /// What to say when there are no rows.
    #[prop(into)]
    empty: String,
) -> impl IntoView {
    let count = columns.len();
    let label = caption.clone();
    let body = if rows.is_empty() {
        view! { <tr class="empty"><td colspan=count.to_string()>{empty}</td></tr> }.into_any()
    } else {
        rows.into_any()
    };
    view! {
        // Wide tables scroll by themselves; the keyboard reaches that, too.
        <div class="grid-frame" tabindex="0" role="group" aria-label=label>
            <table class="grid">
                <caption class=hide_caption.then_some("visually-hidden")>{caption}</caption>
                <thead>
                    <tr>{columns.into_iter().map(Column::into_view).collect_view()}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}
