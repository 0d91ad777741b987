//! The navigation at the left. On a narrow screen the button in the header opens it.

use super::Area;
use crate::{
    components::Icon,
    context,
    page::{approvals, maker::address},
};
use leptos::prelude::*;
use model::user::{Person, Role, Roles};

/// The navigation of an area.
#[component]
pub fn Navigation(
    /// The area.
    area: Area,
    /// Who looks.
    person: Option<Person>,
    /// Runs that wait for the approval of that person.
    pending: u64,
) -> impl IntoView {
    let inbox = item("Approvals", "checkmark-circle", approvals::PATH).with_badge(pending);
    let roles = person.map(|person| person.roles).unwrap_or_default();
    let configures = roles.has(Role::PipelineAdministrator) || roles.has(Role::SystemAdministrator);
    let (label, groups) = match area {
        Area::Public | Area::General => return ().into_any(),
        Area::Configuration if !configures => return ().into_any(),
        Area::Environment(environment) => {
            let mut groups =
                vec![Group::new(None, vec![item("Solutions", "box", address::solutions(environment)), inbox])];
            if configures {
                groups.push(Group::new(
                    Some("Administration"),
                    vec![item("Configuration", "settings", "/configuration")],
                ));
            }
            ("Environment", groups)
        }
        Area::Solution { environment, solution } => {
            let list = address::solutions(environment);
            let overview = address::solution(environment, &solution);
            let groups = vec![
                Group::new(None, vec![item("Back to solutions", "arrow-left", list).never_current()]),
                Group::new(
                    None,
                    vec![
                        item("Overview", "document", overview.clone()).exactly(),
                        item("Objects", "text-bullet-list-tree", format!("{overview}/objects")),
                        item("Pipelines", "rocket", format!("{overview}/pipelines"))
                            .also(format!("{overview}/deploy"))
                            .also(format!("{overview}/settings/"))
                            .also(format!("{overview}/drift/"))
                            .also("/runs/"),
                        inbox,
                    ],
                ),
            ];
            ("Solution", groups)
        }
        Area::Configuration => ("Configuration", configuration(roles, inbox)),
    };
    let path = context::path();
    view! {
        <nav class="navigation" id="navigation" popover="auto" aria-label=label>
            {groups.into_iter().map(|group| group.into_view(&path)).collect_view()}
        </nav>
    }
    .into_any()
}

fn configuration(roles: Roles, inbox: Item) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut settings = Vec::new();
    if roles.has(Role::PipelineAdministrator) {
        groups.extend([
            Group::new(
                Some("Overview"),
                vec![
                    item("Dashboard", "board", "/configuration").exactly(),
                    item("Installations", "checkmark-circle", "/configuration/installations"),
                    item("Delivery", "arrow-up", "/configuration/delivery"),
                ],
            ),
            Group::new(
                Some("Pipeline Setup"),
                vec![
                    item("Environments", "globe", "/configuration/environments"),
                    item("Pipelines", "rocket", "/configuration/pipelines").also("/configuration/stages/"),
                ],
            ),
            Group::new(
                Some("Deployments"),
                vec![
                    item("Queue", "clock", "/configuration/queue"),
                    item("Run history", "history", "/configuration/run-history"),
                    item("Solution artifacts", "box", "/configuration/solution-artifacts"),
                    inbox,
                ],
            ),
        ]);
        settings.push(item("Built-in environments", "database", "/configuration/built-in-environments"));
        settings.push(item("Dataverse connections", "plug-connected", "/configuration/dataverse-connections"));
        settings.push(item("Webhooks", "send", "/configuration/webhooks"));
    }
    if roles.has(Role::SystemAdministrator) {
        settings.push(item("People", "person", "/configuration/people"));
        settings.push(item("Service identities", "plug-connected", "/configuration/service-identities"));
    }
    settings.push(item("Security Teams", "people", "/configuration/teams"));
    if roles.has(Role::SystemAdministrator) {
        settings.push(item("Audit log", "history", "/configuration/audit"));
    }
    groups.push(Group::new(Some("Settings"), settings));
    groups
}

struct Group {
    heading: Option<&'static str>,
    items: Vec<Item>,
}

impl Group {
    fn new(heading: Option<&'static str>, items: Vec<Item>) -> Self {
        Self { heading, items }
    }

    fn into_view(self, path: &str) -> impl IntoView + use<> {
        let id = self.heading.map(|_| context::element_id("navigation-group"));
        let items: Vec<_> = self.items.into_iter().map(|item| item.into_view(path)).collect();
        view! {
            {self.heading.map(|heading| view! { <p class="navigation-heading" id=id.clone()>{heading}</p> })}
            <ul aria-labelledby=id>{items}</ul>
        }
    }
}

struct Item {
    label: &'static str,
    icon: &'static str,
    href: String,
    current: Current,
    also: Vec<String>,
    /// How much waits there.
    badge: u64,
}

/// For which pages an item is the current one.
#[derive(Clone, Copy)]
enum Current {
    /// Its own page and those below.
    Below,
    /// Its own page.
    Exactly,
    /// None.
    Never,
}

fn item(label: &'static str, icon: &'static str, href: impl Into<String>) -> Item {
    Item { label, icon, href: href.into(), current: Current::Below, also: Vec::new(), badge: 0 }
}

impl Item {
    fn exactly(self) -> Self {
        Self { current: Current::Exactly, ..self }
    }

    fn never_current(self) -> Self {
        Self { current: Current::Never, ..self }
    }

    /// Shows how much waits there.
    fn with_badge(self, badge: u64) -> Self {
        Self { badge, ..self }
    }

    /// Is current for the pages below another path, too.
    fn also(mut self, path: impl Into<String>) -> Self {
        self.also.push(path.into());
        self
    }

    fn is_current(&self, path: &str) -> bool {
        let below = path.strip_prefix(&self.href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match self.current {
            Current::Below => below || self.also.iter().any(|also| path.starts_with(also.as_str())),
            Current::Exactly => path == self.href,
            Current::Never => false,
        }
    }

    fn into_view(self, path: &str) -> impl IntoView + use<> {
        let current = self.is_current(path).then_some("page");
        let badge = (self.badge > 0).then(|| {
            view! {
                <span class="navigation-badge">{self.badge}<span class="visually-hidden">" pending"</span></span>
            }
        });
        view! { <li><a href=self.href aria-current=current><Icon name=self.icon/><span>{self.label}</span>{badge}</a></li> }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_current_for_its_own_page_and_those_below() {
        let pipelines = item("Pipelines", "rocket", "/configuration/pipelines").also("/configuration/stages/");
        assert!(pipelines.is_current("/configuration/pipelines"));
        assert!(pipelines.is_current("/configuration/pipelines/1"));
        assert!(pipelines.is_current("/configuration/stages/1"));
        assert!(!pipelines.is_current("/configuration/pipelines-of-others"));
        let dashboard = item("Dashboard", "board", "/configuration").exactly();
        assert!(dashboard.is_current("/configuration"));
        assert!(!dashboard.is_current("/configuration/pipelines"));
    }
}
