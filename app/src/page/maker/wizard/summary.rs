//! *Summary*: the version, the notes, and Deploy.

use super::{Deploy, DiscardRun, before, footer};
use crate::{
    components::{Icon, Intent, MessageBar, TextField, TimeZoneSelect},
    form::Returned,
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    Severity,
    comparison::Comparison,
    stage_run::{RunKind, Timing, Wizard, WizardStep},
};

/// The step. What a refused *Deploy* had entered stands in the fields again.
pub fn step(wizard: &Wizard, returned: &Returned) -> impl IntoView + use<> {
    let run = &wizard.run;
    let version = returned.value("version", run.version.as_str());
    let is_drafted = run.notes.is_empty() && returned.entered("notes").is_none() && !wizard.drafted_notes.is_empty();
    let notes = returned.value("notes", if is_drafted { &wizard.drafted_notes } else { &run.notes });
    let notes_hint = is_drafted
        .then(|| view! { <p class="hint" id="notes-hint">"Drafted from what changes. Edit as you like."</p> });
    let (version_problem, notes_problem) = (returned.error("version"), returned.error("notes"));
    let general = returned
        .problem()
        .filter(|_| version_problem.is_none() && notes_problem.is_none() && !is_about_time(returned))
        .map(ToString::to_string);
    let warnings = run.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    let back = before(&wizard.steps, WizardStep::Summary).map(|step| address::step(run.id, step));
    let publisher = run.publisher.clone();
    let settings_only = run.kind == RunKind::Settings;
    let what_changes = if settings_only {
        "Connections and values only; nothing is imported".to_owned()
    } else {
        wizard.comparison.as_ref().map_or_else(Clone::clone, Comparison::summary)
    };
    let facts = [
        ("Pipeline", run.pipeline_name.clone()),
        ("Stage", format!("{} ({})", run.stage_name, run.target_name)),
        ("Display name", run.solution_display_name.clone()),
        ("Name", run.solution.clone()),
        ("Publisher", publisher.as_ref().map(|publisher| publisher.display_name.clone()).unwrap_or_default()),
        ("Prefix", publisher.map(|publisher| publisher.prefix).unwrap_or_default()),
        ("What will change", what_changes),
        (
            "Findings",
            match warnings {
                0 => "No errors, no warnings".to_owned(),
                1 => "No errors, 1 warning".to_owned(),
                count => format!("No errors, {count} warnings"),
            },
        ),
    ];
    let installed = run
        .previous_version
        .as_ref()
        .map(|version| format!("{} has version {version}; the new one has to be higher.", run.target_name));
    let version_hint = if settings_only {
        format!("The version that {} has stays as it is.", run.target_name)
    } else if run.version_is_fixed {
        "The very artifact that succeeded in the previous stage is deployed.".to_owned()
    } else {
        let development = format!("Version {} in development.", run.development_version);
        installed.map_or_else(|| development.clone(), |installed| format!("{development} {installed}"))
    };
    let fixed = run.version_is_fixed;
    let timing = when(&wizard.timing, settings_only, returned);
    view! {
        <form method="post" action=Deploy::PATH class="wizard-form">
            <input type="hidden" name="run" value=run.id.to_string()/>
            <div class="wizard-content">
                <h2>"Summary"</h2>
                {general.map(|message| view! { <MessageBar intent=Intent::Error>{message}</MessageBar> })}
                <dl class="facts two-columns">
                    {facts
                        .into_iter()
                        .map(|(name, value)| {
                            view! {
                                <div>
                                    <dt>{name}</dt>
                                    <dd>{if value.is_empty() { "–".to_owned() } else { value }}</dd>
                                </div>
                            }
                        })
                        .collect_view()}
                </dl>
                <div class="field">
                    <label for="version">
                        "Version"
                        <span class="star" aria-hidden="true">" *"</span>
                    </label>
                    <input
                        id="version"
                        name="version"
                        type="text"
                        required
                        readonly=fixed
                        maxlength="60"
                        autocomplete="off"
                        value=version
                        aria-invalid=version_problem.is_some().then_some("true")
                        aria-describedby="version-error version-hint"
                    />
                    <p class="hint" id="version-hint">{version_hint}</p>
                    <p class="error" id="version-error">{version_problem}</p>
                </div>
                <div class="field">
                    <label for="notes">"Deployment notes"</label>
                    <textarea
                        id="notes"
                        name="notes"
                        rows="6"
                        maxlength="10000"
                        aria-invalid=notes_problem.is_some().then_some("true")
                        aria-describedby=if is_drafted { "notes-error notes-hint" } else { "notes-error" }
                    >
                        {notes}
                    </textarea>
                    {notes_hint}
                    <p class="error" id="notes-error">{notes_problem}</p>
                </div>
                {timing}
            </div>
            {footer(
                back,
                view! {
                    <button class="button primary" type="submit">
                        <Icon name="rocket"/>
                        {if settings_only { "Apply" } else { "Deploy" }}
                    </button>
                    <button class="button subtle" type="submit" formaction=DiscardRun::PATH formnovalidate>
                        "Cancel deployment"
                    </button>
                },
                run.source,
                &run.solution,
            )}
        </form>
    }
}

/// Whether a refused *Deploy* was refused for its time.
fn is_about_time(returned: &Returned) -> bool {
    returned.error("scheduled").is_some() || returned.error("time_zone").is_some()
}

/// *Deployment schedule*: now or later, and what stands in the way of now.
fn when(timing: &Timing, settings_only: bool, returned: &Returned) -> impl IntoView + use<> {
    let later = returned.entered("when") == Some("later");
    let waits = timing.waits_for.clone().map(|sentence| {
        view! { <MessageBar intent=Intent::Warning title="It would wait now.">{sentence}</MessageBar> }
    });
    let windows = timing.windows.clone().map(|windows| {
        view! { <p class="hint">{format!("This stage is deployed to in its deployment windows: {windows}.")}</p> }
    });
    let (now_words, later_words) = if settings_only { ("Apply now", "Apply later") } else { ("Now", "Later") };
    view! {
        <fieldset class="choices schedule">
            <legend>"Deployment schedule"</legend>
            <label for="when-now">
                <input type="radio" name="when" id="when-now" value="now" checked=!later/>
                <span>{now_words}</span>
            </label>
            <label for="when-later">
                <input type="radio" name="when" id="when-later" value="later" checked=later/>
                <span>{later_words}</span>
            </label>
            <div class="later">
                <TextField
                    name="scheduled"
                    label="Date and time"
                    kind="datetime-local"
                    value=returned.value("scheduled", "")
                    error=returned.error("scheduled")
                />
                <TimeZoneSelect
                    value=returned.value("time_zone", &timing.time_zone)
                    hint="In your account you choose which one is proposed.".to_owned()
                    error=returned.error("time_zone")
                />
            </div>
        </fieldset>
        {windows}
        {waits}
    }
}
