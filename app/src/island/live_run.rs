//! The part of a run's page that moves: status, steps, findings and log, kept up to date by server-sent events.

use crate::components::{Findings, Icon, Moment, StatusBadge};
use leptos::prelude::*;
use model::{
    Timestamp,
    stage_run::{LogEntry, RunUpdate, StageRun, Step, StepStatus},
};

/// A run, live. Rendered whole by the server; in the browser it follows the run until it ends, and catches up without a
/// gap or a repeat after a lost connection, because the stream numbers its entries.
#[island]
pub fn LiveRun(
    /// The run and its log when the page was made.
    initial: RunUpdate,
    /// The server's time when the page was made.
    now: Timestamp,
) -> impl IntoView {
    let run = RwSignal::new(initial.run);
    let log = RwSignal::new(initial.log);
    follow(run, log);

    let status = Memo::new(move |_| run.with(|run| run.status));
    let waiting_for = Memo::new(move |_| run.with(|run| run.waiting_for.clone()));
    let error_message = Memo::new(move |_| run.with(|run| run.error_message.clone()));
    let findings = Memo::new(move |_| run.with(|run| run.findings.clone()));
    let steps = Memo::new(move |_| run.with(|run| run.steps.clone()));

    view! {
        <div class="live-run">
            <p class="live-run-status" role="status">
                {move || view! { <StatusBadge status=status.get()/> }}
                <span class="muted">{waiting_for}</span>
            </p>
            {move || {
                let message = error_message.get();
                (!message.is_empty())
                    .then(|| {
                        view! {
                            <div class="message-bar error" role="alert">
                                <Icon name="error-circle"/>
                                <p>{message}</p>
                            </div>
                        }
                    })
            }}
            <section class="card" aria-labelledby="steps">
                <h2 id="steps">"Steps"</h2>
                <ol class="run-steps">{move || steps.get().into_iter().map(|step| step_row(step, now)).collect_view()}</ol>
            </section>
            {move || {
                let found = findings.get();
                (!found.is_empty())
                    .then(|| {
                        view! {
                            <section class="card" aria-labelledby="findings">
                                <h2 id="findings">"Findings"</h2>
                                <Findings findings=found/>
                            </section>
                        }
                    })
            }}
            <section class="card" aria-labelledby="log">
                <h2 id="log">"Log"</h2>
                <div class="run-log" role="log" tabindex="0" aria-labelledby="log">
                    <ol>
                        <For each=move || log.get() key=|entry| entry.sequence let:entry>
                            <li class=if entry.is_error { "error" } else { "" }>
                                <Moment at=entry.at/>
                                <span>{entry.message}</span>
                            </li>
                        </For>
                    </ol>
                </div>
            </section>
        </div>
    }
}

fn step_row(step: Step, now: Timestamp) -> impl IntoView {
    let (icon, state) = match step.status {
        StepStatus::NotStarted => ("circle", "to-do"),
        StepStatus::Started => ("arrow-sync-circle", "running"),
        StepStatus::Pending => ("clock", "waiting"),
        StepStatus::Succeeded => ("checkmark-circle", "done"),
        StepStatus::Failed => ("error-circle", "failed"),
        StepStatus::Canceled => ("prohibited", "canceled"),
    };
    let label = step.step.label();
    let running = step.status == StepStatus::Started;
    let progress = running.then_some(step.progress).flatten();
    let duration = step.started.zip(step.ended).map(|(started, ended)| duration_text(ended.since(started)));
    view! {
        <li class=format!("run-step {state}")>
            <Icon name=icon/>
            <div>
                <p>
                    <strong>{label}</strong>
                    " "
                    <span class="muted">{step.status.label()}</span>
                </p>
                {(!step.detail.is_empty()).then(|| view! { <p class="run-step-detail">{step.detail}</p> })}
                {progress
                    .map(|percent| {
                        view! {
                            <progress max="100" value=percent.to_string() aria-label=format!("{label}, percent done")>
                                {format!("{percent} %")}
                            </progress>
                        }
                    })}
            </div>
            <p class="run-step-time">
                {step.started.map(|started| view! { <Moment at=started now=now/> })}
                {duration.map(|duration| view! { <span class="muted">{duration}</span> })}
            </p>
        </li>
    }
}

fn duration_text(duration: std::time::Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(not(feature = "hydrate"))]
fn follow(_run: RwSignal<StageRun>, _log: RwSignal<Vec<LogEntry>>) {}

#[cfg(feature = "hydrate")]
fn follow(run: RwSignal<StageRun>, log: RwSignal<Vec<LogEntry>>) {
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    if run.with_untracked(|run| run.status.is_final()) {
        return;
    }
    let id = run.with_untracked(|run| run.id);
    let seen = log.with_untracked(|log| log.last().map_or(0, |entry| entry.sequence));
    let Ok(source) = EventSource::new(&format!("/events/runs/{id}?after={seen}")) else {
        return;
    };
    let update = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(update) = event.data().as_string().and_then(|text| serde_json::from_str::<RunUpdate>(&text).ok())
        else {
            return;
        };
        let seen = log.with_untracked(|log| log.last().map_or(0, |entry| entry.sequence));
        let new: Vec<_> = update.log.into_iter().filter(|entry| entry.sequence > seen).collect();
        if !new.is_empty() {
            log.update(|log| log.extend(new));
        }
        let server_side = |run: &StageRun| (run.status, run.cancellable, run.artifact);
        let changed = run.with_untracked(|run| server_side(run) != server_side(&update.run));
        run.set(update.run);
        if changed {
            // What may be done with the run and what became of it stand in parts of the page that the server renders.
            crate::island::live_region::refresh("run-actions");
            crate::island::live_region::refresh("run-facts");
        }
    });
    let ended = source.clone();
    let end = Closure::<dyn Fn(MessageEvent)>::new(move |_| ended.close());
    let _ = source.add_event_listener_with_callback("update", update.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("end", end.as_ref().unchecked_ref());
    // The page keeps them for as long as it lives.
    update.forget();
    end.forget();
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_duration_reads_in_the_unit_that_fits() {
        for (milliseconds, expected) in [(12, "12 ms"), (1_500, "1 s"), (59_999, "59 s"), (61_000, "1 min 1 s")] {
            assert_eq!(duration_text(Duration::from_millis(milliseconds)), expected);
        }
    }
}
