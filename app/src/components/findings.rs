//! What pre-flight found.

use super::{Badge, Icon, badge::Intent};
use leptos::prelude::*;
use model::{Component, Finding, Severity};

/// Components of one finding that are shown right away.
const SHOWN: usize = 10;

/// Findings, grouped and counted by severity, errors first.
#[component]
pub fn Findings(
    /// The findings.
    findings: Vec<Finding>,
) -> impl IntoView {
    let groups = [Severity::Error, Severity::Warning, Severity::Information].into_iter().filter_map(|severity| {
        let found: Vec<Finding> = findings.iter().filter(|finding| finding.severity == severity).cloned().collect();
        (!found.is_empty()).then(|| group(severity, found))
    });
    view! { <div class="findings">{groups.collect_view()}</div> }.into_any()
}

fn group(severity: Severity, findings: Vec<Finding>) -> impl IntoView {
    let count = findings.len();
    let heading = match (severity, count) {
        (Severity::Error, 1) => "1 error".to_owned(),
        (Severity::Error, _) => format!("{count} errors"),
        (Severity::Warning, 1) => "1 warning".to_owned(),
        (Severity::Warning, _) => format!("{count} warnings"),
        (Severity::Information, 1) => "1 note".to_owned(),
        (Severity::Information, _) => format!("{count} notes"),
    };
    view! {
        <section class="finding-group">
            <h3><Badge intent=Intent::from(severity)>{heading}</Badge></h3>
            <ul>{findings.into_iter().map(finding).collect_view()}</ul>
        </section>
    }
}

fn finding(finding: Finding) -> impl IntoView {
    let intent = Intent::from(finding.severity);
    let remedy = (!finding.remedy.is_empty()).then(|| view! { <p class="remedy">{finding.remedy}</p> });
    let mut shown = finding.components;
    let more = shown.split_off(shown.len().min(SHOWN));
    view! {
        <li class=format!("finding {}", intent.name())>
            <p class="title">
                <Icon name=intent.icon()/>
                <strong>{finding.title}</strong>
                {finding.code.map(|code| view! { " "<code>{code.to_string()}</code> })}
            </p>
            <p>{finding.message}</p>
            {components(shown)}
            {(!more.is_empty()).then(|| view! {
                <details>
                    <summary>{format!("{} more", more.len())}</summary>
                    {components(more)}
                </details>
            })}
            {remedy}
        </li>
    }
}

fn components(components: Vec<Component>) -> impl IntoView {
    (!components.is_empty()).then(|| {
        let items = components.into_iter().map(|component| {
            let parent = component.parent.clone().map(|parent| format!(" of {parent}"));
            let label = component.label().to_owned();
            let name = (label != component.name).then(|| view! { " "<code>{component.name.clone()}</code> });
            view! { <li>{component.kind.label()}" "<strong>{label}</strong>{name}{parent}</li> }
        });
        view! { <ul class="components">{items.collect_view()}</ul> }
    })
}
