//! What pre-flight found.

use super::{Badge, Icon, badge::Intent};
use leptos::prelude::*;
use model::{Action, Component, Finding, Severity, stage_run::SolutionAtHand};

/// Components of one finding that are shown right away.
const SHOWN: usize = 10;

/// Where a page leads to what makes findings go away. Without an address there is no link.
#[derive(Clone, Debug, Default)]
pub struct Remedies {
    /// Where connections are chosen.
    pub connections: Option<String>,
    /// Where values are given.
    pub variables: Option<String>,
    /// Where the solutions are that could be deployed first.
    pub solutions: Option<String>,
    /// Solutions that can be deployed first right away, each with the address where that is done.
    pub at_hand: Vec<(SolutionAtHand, String)>,
}

impl Remedies {
    /// The words of a link, and where it leads.
    fn link(&self, action: Action) -> Option<(String, String)> {
        if let Action::DeploySolution { unique_name } = &action
            && let Some((solution, address)) =
                self.at_hand.iter().find(|(solution, _)| solution.unique_name.eq_ignore_ascii_case(unique_name))
        {
            return Some((format!("Deploy {} first", solution.display_name), address.clone()));
        }
        let (words, address) = match action {
            Action::BindConnection { .. } => ("Choose a connection".to_owned(), &self.connections),
            Action::EnterValue { .. } => ("Enter a value".to_owned(), &self.variables),
            Action::DeploySolution { unique_name } => (format!("Look for {unique_name}"), &self.solutions),
        };
        Some((words, address.clone()?))
    }
}

/// Findings, grouped and counted by severity, errors first.
#[component]
pub fn Findings(
    /// The findings.
    findings: Vec<Finding>,
    /// Where their links lead.
    #[prop(optional)]
    remedies: Remedies,
) -> impl IntoView {
    let groups = [Severity::Error, Severity::Warning, Severity::Information].into_iter().filter_map(|severity| {
        let found: Vec<Finding> = findings.iter().filter(|finding| finding.severity == severity).cloned().collect();
        (!found.is_empty()).then(|| group(severity, found, &remedies))
    });
    view! { <div class="findings">{groups.collect_view()}</div> }.into_any()
}

fn group(severity: Severity, findings: Vec<Finding>, remedies: &Remedies) -> impl IntoView + use<> {
    let count = findings.len();
    let heading = match (severity, count) {
        (Severity::Error, 1) => "1 error".to_owned(),
        (Severity::Error, _) => format!("{count} errors"),
        (Severity::Warning, 1) => "1 warning".to_owned(),
        (Severity::Warning, _) => format!("{count} warnings"),
        (Severity::Information, 1) => "1 note".to_owned(),
        (Severity::Information, _) => format!("{count} notes"),
    };
    let items = findings.into_iter().map(|found| finding(found, remedies)).collect_view();
    view! {
        <section class="finding-group">
            <h3><Badge intent=Intent::from(severity)>{heading}</Badge></h3>
            <ul>{items}</ul>
        </section>
    }
}

fn finding(finding: Finding, remedies: &Remedies) -> impl IntoView + use<> {
    let link = finding.action.clone().and_then(|action| remedies.link(action));
    let link = link.map(|(words, address)| view! { <p><a class="button" href=address>{words}</a></p> });
    let intent = Intent::from(finding.severity);
    let remedy = (!finding.remedy.is_empty()).then(|| view! { <p class="remedy">{finding.remedy}</p> });
    let mut shown = finding.components;
    let more = shown.split_off(shown.len().min(SHOWN));
    view! {
        <li class=format!("finding {}", intent.name())>
            <p class="title">
                <Icon name=intent.icon()/>
                <strong>{finding.title}</strong>
                {finding.code.map(|code| view! { " "<code title=code.symbol()>{code.to_string()}</code> })}
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
            {link}
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
