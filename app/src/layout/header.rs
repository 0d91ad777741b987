//! The bar at the top.

use super::Area;
use crate::{
    components::{Icon, PersonaInitials},
    context::{self, Theme},
    page::maker::address,
};
use leptos::prelude::*;
use model::{
    environment::{EnvironmentChoice, EnvironmentType},
    user::Person,
};

/// The bar at the top: where one is, which environment, who one is.
#[component]
pub fn Header(
    /// The area of the page.
    area: Area,
    /// Who looks.
    person: Option<Person>,
    /// The environments that person may choose.
    choices: Vec<EnvironmentChoice>,
) -> impl IntoView {
    let has_navigation = !matches!(area, Area::Public | Area::General);
    let app = (area == Area::Configuration)
        .then(|| view! { <span class="app-name">"Deployment Pipeline Configuration"</span> });
    let signed_in = person.is_some();
    view! {
        <header class="app-header">
            {has_navigation.then(|| view! {
                <button type="button" class="navigation-button" popovertarget="navigation" aria-label="Navigation">
                    <Icon name="navigation"/>
                </button>
            })}
            <a class="product" href="/"><Icon name="rocket"/><span>"Slipway"</span></a>
            {app}
            <div class="spacer"></div>
            {signed_in.then(|| environment_picker(&area, choices))}
            {person.map(person_menu)}
        </header>
    }
    .into_any()
}

fn environment_picker(area: &Area, choices: Vec<EnvironmentChoice>) -> impl IntoView + use<> {
    let current = area.environment();
    let name = choices.iter().find(|choice| Some(choice.id) == current).map(|choice| choice.name.clone());
    let shown = name.unwrap_or_else(|| "Choose".to_owned());
    let group = |kind: EnvironmentType, heading: &'static str| {
        let items: Vec<_> = choices
            .iter()
            .filter(|choice| choice.kind == kind)
            .map(|choice| {
                let is_current = (Some(choice.id) == current).then_some("true");
                let href = address::solutions(choice.id);
                view! { <li><a href=href aria-current=is_current>{choice.name.clone()}</a></li> }
            })
            .collect();
        let id = format!("environments-{}", kind.name());
        (!items.is_empty())
            .then(|| view! { <p class="menu-heading" id=id.clone()>{heading}</p><ul aria-labelledby=id>{items}</ul> })
    };
    let development = group(EnvironmentType::Development, "Development environments");
    let target = group(EnvironmentType::Target, "Target environments");
    let none =
        choices.is_empty().then(|| view! { <p class="menu-text">"There is no environment you may use yet."</p> });
    view! {
        <button type="button" class="header-button" popovertarget="environment-menu">
            <Icon name="globe"/>
            <span class="stacked"><small>"Environment"</small>" "<span>{shown}</span></span>
        </button>
        <nav class="menu" popover="auto" id="environment-menu" aria-label="Environments">{none}{development}{target}</nav>
    }
}

fn person_menu(person: Person) -> impl IntoView {
    view! {
        <button
            type="button"
            class="header-button"
            popovertarget="person-menu"
            aria-label=format!("Account of {}", person.display_name)
        >
            <PersonaInitials name=person.display_name.clone()/>
        </button>
        <div class="menu" popover="auto" id="person-menu">
            <p class="menu-text"><strong>{person.display_name}</strong><br/>{person.roles.label()}</p>
            <ul>
                <li><a href="/account">"Change password"</a></li>
                <li><a href="/account/sessions">"Sessions"</a></li>
                <li><a href="/account/tokens">"API tokens"</a></li>
            </ul>
            {theme_choice()}
            <form method="post" action="/sign-out"><button type="submit" class="button">"Sign out"</button></form>
        </div>
    }
}

fn theme_choice() -> impl IntoView {
    let current = context::theme();
    let buttons = Theme::ALL.map(|theme| {
        let pressed = if theme == current { "true" } else { "false" };
        view! {
            <button type="submit" class="button small" name="theme" value=theme.name() aria-pressed=pressed>
                {theme.label()}
            </button>
        }
    });
    view! {
        <form method="post" action="/theme">
            <fieldset class="choices"><legend>"Colours"</legend>{buttons.collect_view()}</fieldset>
        </form>
    }
}
