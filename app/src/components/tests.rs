//! What the components write.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::{context::ElementIds, form::Returned};
use leptos::{prelude::*, reactive::owner::Owner};
use model::{Component, ComponentType, ErrorCode, Finding, Severity, Timestamp, stage_run::StageRunStatus};

/// A text that would leave any place it is not escaped for.
const HOSTILE: &str = r#""'></textarea></option></title><script>alert(1)</script><!--&amp;"#;

/// The HTML of a view, without the comments that mark its parts.
fn html<V: IntoView + 'static>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(ElementIds::default());
        view().into_any().to_html()
    });
    html.replace("<!>", "")
}

#[track_caller]
fn assert_harmless(html: &str) {
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("</textarea></option>"), "{html}");
    assert!(!html.contains(r#""'>"#), "{html}");
    assert!(!html.contains("<!--&amp;amp;") || html.contains("&lt;!--"), "{html}");
}

#[test]
fn text_that_people_enter_stays_text_in_every_field() {
    let hostile = || HOSTILE.to_owned();
    for html in [
        html(move || view! { <TextArea name="notes" label=hostile() value=hostile() hint=hostile() error=hostile()/> }),
        html(
            move || view! { <TextField name=hostile() label=hostile() value=hostile() hint=hostile() error=hostile()/> },
        ),
        html(move || {
            view! {
                <Select name="stage" label=hostile() choices=vec![Choice::new(HOSTILE, HOSTILE)] value=hostile() none=hostile()/>
            }
        }),
        html(move || view! { <Checkbox name=hostile() label=hostile() value=hostile()/> }),
        html(move || view! { <LockedField label=hostile() value=hostile()/> }),
        html(move || view! { <HiddenField name=hostile() value=hostile()/> }),
        html(move || view! { <Button name=hostile() value=hostile() disabled=hostile()>{hostile()}</Button> }),
        html(move || view! { <LinkButton href=hostile()>{hostile()}</LinkButton> }),
        html(move || view! { <MessageBar title=hostile()>{hostile()}</MessageBar> }),
        html(move || view! { <Breadcrumb crumbs=vec![Crumb::new(HOSTILE, HOSTILE)] current=hostile()/> }),
        html(move || view! { <Tabs label=hostile() tabs=vec![Tab::new(HOSTILE, HOSTILE, true)]/> }),
        html(move || view! { <SearchBox action=hostile() label=hostile() value=hostile()/> }),
        html(move || view! { <Dialog trigger=hostile() icon="delete" title=hostile()>{hostile()}</Dialog> }),
        html(move || view! { <Card title=hostile()>{hostile()}</Card> }),
        html(move || view! { <Fact label=hostile()>{hostile()}</Fact> }),
        html(move || view! { <Stepper steps=vec![StepItem::new(HOSTILE, StepState::Done, Some(hostile()))]/> }),
        html(
            move || view! { <Grid caption=hostile() columns=vec![Column::new(HOSTILE)] rows=vec![] empty=hostile()/> },
        ),
    ] {
        assert_harmless(&html);
        assert!(html.contains("&lt;script&gt;") || html.contains("%3Cscript"), "the text is there: {html}");
    }
}

#[test]
fn a_text_area_keeps_its_text_to_the_letter() {
    let html = html(|| view! { <TextArea name="notes" label="Notes" value="\n  two\nlines "/> });
    assert!(html.contains(">\n\n  two\nlines </textarea>"), "the first line break is the one browsers drop: {html}");
}

#[test]
fn a_field_is_tied_to_its_label_its_hint_and_its_error() {
    let html = html(|| {
        view! {
            <TextField name="connection:cr_mail" label="Mail" required=true hint="A hint.".to_owned() error="Choose one.".to_owned()/>
        }
    });
    assert!(html.contains(r#"for="field-connection-cr-mail""#), "{html}");
    assert!(html.contains(r#"id="field-connection-cr-mail""#), "{html}");
    assert!(html.contains(r#"name="connection:cr_mail""#), "{html}");
    assert!(html.contains(r#"aria-invalid="true""#), "{html}");
    assert!(
        html.contains(r#"aria-describedby="field-connection-cr-mail-error field-connection-cr-mail-hint""#),
        "{html}"
    );
    assert!(html.contains(r#"id="field-connection-cr-mail-error""#), "{html}");
    assert!(html.contains(" required"), "{html}");
}

#[test]
fn a_field_without_trouble_says_so() {
    let html = html(|| view! { <TextField name="name" label="Name" error=Returned::default().error("name")/> });
    assert!(!html.contains("aria-invalid"), "{html}");
    assert!(!html.contains("aria-describedby"), "{html}");
}

#[test]
fn the_chosen_choice_is_selected_and_no_other() {
    let choices = vec![Choice::new("a", "A"), Choice::new("b", "B")];
    let html = html(move || view! { <Select name="x" label="X" choices value="b" none="None"/> });
    assert_eq!(html.matches(" selected").count(), 1, "{html}");
    assert!(html.contains(r#"<option value="b" selected>B"#), "{html}");
}

#[test]
fn a_button_that_cannot_be_pressed_says_why() {
    let disabled =
        html(|| view! { <Button icon="rocket" disabled="Deploy it to Test first.".to_owned()>"Deploy here"</Button> });
    assert!(disabled.contains(" disabled"), "{disabled}");
    assert!(disabled.contains(r#"aria-describedby="reason-1""#), "{disabled}");
    assert!(disabled.contains(r#"id="reason-1""#) && disabled.contains(">Deploy it to Test first.<"), "{disabled}");
    let enabled = html(|| view! { <Button disabled=Returned::default().error("none")>"Deploy here"</Button> });
    assert!(!enabled.contains("disabled"), "{enabled}");
}

#[test]
fn a_link_that_cannot_be_followed_is_no_link() {
    let html = html(
        || view! { <CommandLink href="/deploy" icon="rocket" disabled="It is managed.".to_owned()>"Deploy"</CommandLink> },
    );
    assert!(!html.contains("<a "), "{html}");
    assert!(html.contains("It is managed."), "{html}");
}

#[test]
fn a_dialog_opens_and_closes_by_the_browser_alone() {
    let html = html(|| view! { <Dialog trigger="Delete" icon="delete" title="Delete the stage?">"Really."</Dialog> });
    assert_eq!(html.matches(r#"popovertarget="dialog-1""#).count(), 2, "{html}");
    assert!(html.contains(r#"id="dialog-1""#) && html.contains(r#"popover="auto""#), "{html}");
    assert!(html.contains(r#"aria-labelledby="dialog-1-title""#), "{html}");
}

#[test]
fn a_grid_tells_how_it_is_sorted_and_when_it_is_empty() {
    let html = html(|| {
        view! {
            <Grid
                caption="Runs"
                columns=vec![Column::new("Started").sorted("?sort=requested", Some(false)), Column::new("Size").numeric()]
                rows=vec![]
                empty="No runs."
            />
        }
    });
    assert!(html.contains(r#"aria-sort="descending""#), "{html}");
    assert!(html.contains(r#"href="?sort=requested""#), "{html}");
    assert!(html.contains(r#"<td colspan="2">No runs.</td>"#), "{html}");
    assert_eq!(html.matches(r#"scope="col""#).count(), 2, "{html}");
}

#[test]
fn findings_are_counted_by_severity_errors_first() {
    let finding = |severity, title: &str| Finding {
        severity,
        code: Some(ErrorCode::MISSING_DEPENDENCIES),
        rule: "missing-dependency".to_owned(),
        title: title.to_owned(),
        message: HOSTILE.to_owned(),
        components: (0..12).map(|number| Component::new(ComponentType::ENTITY, format!("table{number}"))).collect(),
        remedy: "Deploy the other solution first.".to_owned(),
        action: None,
    };
    let findings = vec![finding(Severity::Warning, "w"), finding(Severity::Error, "e"), finding(Severity::Error, "f")];
    let html = html(move || view! { <Findings findings/> });
    assert_harmless(&html);
    assert!(html.find("2 errors").unwrap() < html.find("1 warning").unwrap(), "{html}");
    assert!(html.contains("0x8004801D"), "{html}");
    assert!(html.contains("2 more"), "the eleventh and twelfth component are folded away: {html}");
}

#[test]
fn a_moment_is_readable_by_people_and_machines() {
    let html = html(|| view! { <Moment at=Timestamp(1_761_328_000_000) now=Timestamp(1_761_335_200_000)/> });
    assert!(html.contains(r#"datetime="2025-10-24T17:46:40Z""#), "{html}");
    assert!(html.contains("Oct 24, 2025 5:46 PM UTC (2 hours ago)"), "{html}");
}

#[test]
fn the_pages_of_a_list_lead_to_their_neighbours() {
    let middle = html(|| view! { <Pager number=2 last=3 label="Runs" href=|page| format!("?page={page}")/> });
    assert!(middle.contains(r#"href="?page=1""#) && middle.contains(r#"href="?page=3""#), "{middle}");
    let only = html(|| view! { <Pager number=1 last=1 label="Runs" href=|page| format!("?page={page}")/> });
    assert!(!only.contains("<nav"), "{only}");
}

#[test]
fn every_status_has_words_and_an_icon_of_the_sprite() {
    for status in StageRunStatus::ALL.iter().copied() {
        let html = html(move || view! { <StatusBadge status/> });
        assert!(html.contains(status.label()), "{html}");
    }
}

#[test]
fn the_current_step_is_marked() {
    let steps = vec![
        StepItem::new("Destination", StepState::Done, Some("/d".to_owned())),
        StepItem::new("Summary", StepState::Current, None),
    ];
    let html = html(move || view! { <Stepper steps/> });
    assert_eq!(html.matches(r#"aria-current="step""#).count(), 1, "{html}");
    assert!(html.contains("(done)"), "{html}");
}

#[test]
fn a_form_that_nobody_posted_has_no_message() {
    let html = html(|| view! { <PostForm name="x" action="/api/x" entered=Returned::default()>"fields"</PostForm> });
    assert!(html.contains(r#"method="post""#) && html.contains(r#"id="form-x""#), "{html}");
    assert!(!html.contains("alert"), "{html}");
}
