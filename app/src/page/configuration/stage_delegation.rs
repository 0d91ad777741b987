//! As whom a stage deploys, on the stage's form.

use super::{environment_roles, stage};
use crate::{
    components::{Appearance, Button, Choice, HiddenField, Intent, MessageBar, PostForm, Select},
    context,
    error::AppError,
    form::{self, Form, Returned},
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::{StageId, UserId},
    pipeline::{Delegation, DelegationType, Stage},
    user::Person,
};
use pipelines::{environment_role::MissingRight, stage::delegation};

/// The form of a stage's delegation.
pub const FORM: &str = "delegation";

/// Says as whom a stage deploys.
#[server]
pub async fn save_delegation(
    id: StageId,
    row_version: i32,
    #[server(default)] delegate: String,
) -> Result<(), AppError> {
    let result = async {
        let delegation = read(&delegate)?;
        delegation::delegate(&context::host(), &context::caller()?, id, delegation, row_version).await?;
        form::notify("The delegation was saved.").await
    }
    .await;
    let page = stage::address(id);
    form::answer(Form::new(FORM, &page), &[("delegate", &delegate)], result, |()| page.clone()).await
}

/// As whom, as the form posts it; none for whoever asks.
fn read(posted: &str) -> Result<Option<Delegation>, AppError> {
    let posted = posted.trim();
    if posted.is_empty() {
        return Ok(None);
    }
    let (kind, id) = posted.split_once(':').unwrap_or_default();
    let kind = match kind {
        "owner" => Some(DelegationType::StageOwner),
        "service" => Some(DelegationType::ServicePrincipal),
        _ => None,
    };
    let delegation = kind.zip(id.parse().ok()).map(|(kind, delegate)| Delegation { kind, delegate });
    delegation.map(Some).ok_or_else(|| AppError::field("delegate", "Choose from the list."))
}

fn word(delegation: Delegation) -> String {
    match delegation.kind {
        DelegationType::StageOwner => format!("owner:{}", delegation.delegate),
        DelegationType::ServicePrincipal => format!("service:{}", delegation.delegate),
    }
}

/// Whom a stage can be delegated to by somebody: to themselves, to service identities, and to whom it is delegated
/// already.
fn choices(people: &[Person], me: UserId, stored: Option<Delegation>) -> Vec<Choice> {
    let offered = |person: &&Person| {
        let open = person.enabled && (person.is_service || person.id == me);
        open || stored.is_some_and(|stored| stored.delegate == person.id)
    };
    let choice = |person: &Person| {
        let kind = if person.is_service { DelegationType::ServicePrincipal } else { DelegationType::StageOwner };
        let value = word(Delegation { kind, delegate: person.id });
        Choice::new(value, format!("{}: {}", kind.label(), person.display_name))
    };
    let (services, owners): (Vec<_>, Vec<_>) = people.iter().filter(offered).partition(|person| person.is_service);
    owners.into_iter().chain(services).map(choice).collect()
}

/// The card with the delegation of a stage.
#[component]
pub fn StageDelegation(
    /// The stage.
    stage: Stage,
    /// People and service identities.
    people: Vec<Person>,
    /// Who looks.
    me: UserId,
    /// What the one it deploys as lacks.
    missing: Option<MissingRight>,
    /// What came back.
    entered: Returned,
) -> impl IntoView {
    let stored = stage.delegation.map(word).unwrap_or_default();
    let warning = missing.map(|missing| {
        let roles = (!missing.disabled).then(|| {
            let words = format!("Roles in {}", stage.target_name);
            view! { " "<a href=environment_roles::address(stage.target_environment)>{words}</a> }
        });
        view! {
            <MessageBar intent=Intent::Warning title="Nothing can be deployed here.">
                {format!("{} {}", missing.sentence(), missing.remedy())}
                {roles}
            </MessageBar>
        }
    });
    view! {
        <section class="card record">
            <h2>"Delegated deployment"</h2>
            <p class="hint">
                "A delegated stage deploys as somebody else than who asks: makers need no right in its target, and every run says who asked and as whom it deployed. Without an approval among the gates below, everybody who may use the pipeline deploys with the rights of that identity."
            </p>
            {warning}
            <PostForm name=FORM action=SaveDelegation::PATH entered=entered.clone()>
                <HiddenField name="id" value=stage.id.to_string()/>
                <HiddenField name="row_version" value=stage.row_version.to_string()/>
                <Select
                    name="delegate"
                    label="Deploys as"
                    choices=choices(&people, me, stage.delegation)
                    value=entered.value("delegate", &stored)
                    none="Whoever asks (not delegated)"
                    hint="A person can be chosen by themselves only.".to_owned()
                    error=entered.error("delegate")
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Save delegation"</Button>
                </div>
            </PostForm>
        </section>
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;

    #[test]
    fn a_delegation_is_read_as_it_is_written_and_nothing_else_is_one() {
        let delegate = sample::person(1).id;
        for kind in DelegationType::ALL {
            let delegation = Delegation { kind, delegate };
            assert_eq!(read(&word(delegation)).unwrap(), Some(delegation));
        }
        assert_eq!(read(" ").unwrap(), None);
        for wrong in ["owner:", "service", "person:1", &format!("emperor:{delegate}")] {
            assert!(read(wrong).unwrap_err().0.field("delegate").is_some(), "{wrong}");
        }
    }

    #[test]
    fn nobody_can_choose_another_person_unless_it_is_so_already() {
        let (me, other, mut service) = (sample::person(1), sample::person(2), sample::person(3));
        service.is_service = true;
        let people = [me.clone(), other.clone(), service.clone()];
        let mine = Choice::new(format!("owner:{}", me.id), "Stage Owner: Person 1");
        let services = Choice::new(format!("service:{}", service.id), "Service identity: Person 3");
        assert_eq!(choices(&people, me.id, None), [mine.clone(), services.clone()]);
        let stored = Delegation { kind: DelegationType::StageOwner, delegate: other.id };
        let theirs = Choice::new(format!("owner:{}", other.id), "Stage Owner: Person 2");
        assert_eq!(choices(&people, me.id, Some(stored)), [mine, theirs, services]);
    }
}
