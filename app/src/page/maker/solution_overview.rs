//! What a solution is and what is in it.

use super::address;
use crate::{
    components::{
        Breadcrumb, Card, Column, CommandBar, CommandLink, Crumb, DescriptionList, Fact, Grid, Intent, MessageBar,
        Moment,
    },
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::{
    Component,
    environment::{EnvironmentChoice, EnvironmentType},
    id::EnvironmentId,
    package::MissingDependency,
    solution::{BoundReference, CurrentVariable, SolutionContents},
    variable::VariableType,
};
use pipelines::{deployment_environment, solution};
use std::collections::BTreeMap;

const MANAGED: &str =
    "A managed solution cannot be deployed: a pipeline takes the unmanaged solution of a development environment.";
const TARGET: &str = "Deployments start in a development environment. This is a target environment.";

/// The page of a solution.
#[component]
pub fn SolutionOverview() -> impl IntoView {
    let environment = page::parameter::<EnvironmentId>("environment");
    let name = page::parameter::<String>("solution");
    page::load(
        area(&environment, &name),
        async move {
            let (environment, name) = (environment?, name?);
            let (host, caller) = (context::host(), context::caller()?);
            let choice = deployment_environment::require_choice(&host, &caller, environment).await?;
            let contents = solution::get(&host, &caller, environment, &name).await?;
            Ok::<_, AppError>((choice, contents))
        },
        |(choice, contents)| show(&choice, contents),
    )
}

/// The area of a page of a solution.
pub fn area(environment: &Result<EnvironmentId, AppError>, solution: &Result<String, AppError>) -> Area {
    match (environment, solution) {
        (Ok(environment), Ok(solution)) => Area::Solution { environment: *environment, solution: solution.clone() },
        (Ok(environment), Err(_)) => Area::Environment(*environment),
        _ => Area::General,
    }
}

/// Why a solution cannot be deployed; none when it can.
fn obstacle(choice: &EnvironmentChoice, contents: &SolutionContents) -> Option<String> {
    if contents.summary.managed {
        Some(MANAGED.to_owned())
    } else if choice.kind == EnvironmentType::Target {
        Some(TARGET.to_owned())
    } else {
        None
    }
}

fn show(choice: &EnvironmentChoice, contents: SolutionContents) -> impl IntoView + use<> {
    let obstacle = obstacle(choice, &contents);
    let list = address::solutions(choice.id);
    let SolutionContents {
        summary,
        description,
        components,
        connection_references,
        environment_variables,
        missing_dependencies,
    } = contents;
    let address = address::solution(choice.id, &summary.unique_name);
    let title = summary.display_name.clone();
    let deploy = format!("{address}/deploy");
    let disabled = obstacle.is_some().then(|| "Not possible, see below.".to_owned());
    let counts = component_counts(&components, &address);
    view! {
        <CommandBar>
            <CommandLink icon="rocket" href=deploy disabled>
                "Deploy"
            </CommandLink>
        </CommandBar>
        <Breadcrumb crumbs=vec![Crumb::new("Solutions", list)] current=title.clone()/>
        <PageHeader title/>
        {obstacle.map(|reason| view! { <MessageBar intent=Intent::Information>{reason}</MessageBar> })}
        <div class="sections">
            <Card title="Details">
                <DescriptionList>
                    <Fact label="Display name">{summary.display_name}</Fact>
                    <Fact label="Name">{summary.unique_name}</Fact>
                    <Fact label="Version">{summary.version.to_string()}</Fact>
                    <Fact label="Type">{if summary.managed { "Managed" } else { "Unmanaged" }}</Fact>
                    <Fact label="Publisher">{summary.publisher.display_name}</Fact>
                    <Fact label="Prefix">{summary.publisher.prefix}</Fact>
                    <Fact label="Installed"><Moment at=summary.installed/></Fact>
                    <Fact label="Modified"><Moment at=summary.modified/></Fact>
                    {(!description.is_empty()).then(|| view! { <Fact label="Description">{description}</Fact> })}
                </DescriptionList>
            </Card>
            {counts}
            {references(connection_references)}
            {variables(environment_variables)}
            {dependencies(missing_dependencies)}
        </div>
    }
}

/// How many components of each type there are, by the type's words.
pub fn counts(components: &[Component]) -> BTreeMap<String, (String, usize)> {
    let mut counts = BTreeMap::new();
    for component in components {
        let (_, count) = counts.entry(component.kind.label()).or_insert_with(|| (component.kind.to_string(), 0));
        *count += 1;
    }
    counts
}

fn component_counts(components: &[Component], address: &str) -> impl IntoView + use<> {
    let rows = counts(components)
        .into_iter()
        .map(|(label, (kind, count))| {
            let href = format!("{address}/objects?type={kind}");
            view! { <tr><th scope="row"><a href=href>{label}</a></th><td class="numeric">{count}</td></tr> }.into_any()
        })
        .collect();
    let columns = vec![Column::new("Type"), Column::new("Number").numeric()];
    view! {
        <Card title=format!("Components ({})", components.len())>
            <Grid caption="Components by type" hide_caption=true columns rows empty="There are no components in this solution yet."/>
        </Card>
    }
}

fn references(references: Vec<BoundReference>) -> impl IntoView {
    let rows = references
        .into_iter()
        .map(|bound| {
            let connector = bound.reference.connector_name().to_owned();
            view! {
                <tr>
                    <th scope="row">{bound.reference.display_name}</th>
                    <td>{bound.reference.logical_name}</td>
                    <td>{connector}</td>
                    <td>{bound.connection_id.unwrap_or_else(|| "Not connected".to_owned())}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = ["Display name", "Name", "Connector", "Connection"].map(Column::new).to_vec();
    view! {
        <Card title="Connection references">
            <Grid caption="Connection references" hide_caption=true columns rows empty="This solution has no connection references."/>
        </Card>
    }
}

fn variables(variables: Vec<CurrentVariable>) -> impl IntoView {
    let rows = variables
        .into_iter()
        .map(|variable| {
            let definition = variable.definition;
            let secret = definition.kind == VariableType::Secret;
            let shown = |value: Option<String>| match value {
                Some(_) if secret => "••••••".to_owned(),
                Some(value) => value,
                None => "None".to_owned(),
            };
            view! {
                <tr>
                    <th scope="row">{definition.display_name}</th>
                    <td>{definition.schema_name}</td>
                    <td>{definition.kind.label()}</td>
                    <td>{shown(definition.default_value)}</td>
                    <td>{shown(variable.value)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = ["Display name", "Name", "Type", "Default value", "Current value"].map(Column::new).to_vec();
    view! {
        <Card title="Environment variables">
            <Grid caption="Environment variables" hide_caption=true columns rows empty="This solution has no environment variables."/>
        </Card>
    }
}

fn dependencies(dependencies: Vec<MissingDependency>) -> impl IntoView {
    let rows = dependencies
        .into_iter()
        .map(|dependency| {
            view! {
                <tr>
                    <th scope="row">{dependency.required.label().to_owned()}</th>
                    <td>{dependency.required.kind.label()}</td>
                    <td>{dependency.required_solution.text()}</td>
                    <td>{dependency.dependent.label().to_owned()}" ("{dependency.dependent.kind.label()}")"</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let columns = ["Required component", "Type", "Solution", "Needed by"].map(Column::new).to_vec();
    view! {
        <Card title="Dependencies">
            <Grid caption="Dependencies" hide_caption=true columns rows empty="This solution needs nothing from other solutions."/>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ComponentType;

    #[test]
    fn components_are_counted_by_the_words_for_their_type() {
        let component = |kind: ComponentType, name: &str| Component::new(kind, name);
        let components = [
            component(ComponentType::ENTITY, "a"),
            component(ComponentType::ENTITY, "b"),
            component(ComponentType::WORKFLOW, "c"),
        ];
        let counts: Vec<_> = counts(&components).into_iter().map(|(label, (_, count))| (label, count)).collect();
        assert_eq!(counts, [("Process".to_owned(), 1), ("Table".to_owned(), 2)]);
    }
}
