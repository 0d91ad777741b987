//! *Share*: with whom a pipeline is shared, what they may do with it, and who owns it.

use super::{address, check_access};
use crate::{
    components::{
        Appearance, Badge, Button, Checkbox, Choice, Column, CommandBar, CommandLink, Grid, HiddenField, Intent,
        MessageBar, PostForm, Select,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page::{
        self,
        configuration::record::{RecordHeader, RecordState, Refusal},
    },
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    access::{AccessRight, AccessRights, NamedPrincipal, Principal},
    id::PipelineId,
    pipeline::{Share, Sharing},
};
use pipelines::pipeline::share;

const SHARE: &str = "share-pipeline";
const ASSIGN: &str = "assign-pipeline";

/// Address of the page.
pub fn sharing_address(id: PipelineId) -> String {
    format!("{}/share", address(id))
}

fn principal(posted: &str) -> Result<Principal, AppError> {
    posted.parse().map_err(|_| AppError::field("principal", "Choose a person or a team."))
}

fn rights(posted: &[String]) -> Result<AccessRights, AppError> {
    let right = |name: &String| {
        let right = AccessRight::ALL.into_iter().find(|right| right.name() == name);
        right.ok_or_else(|| AppError::field("rights", "Choose among these rights."))
    };
    posted.iter().map(right).collect()
}

/// Shares a pipeline.
#[server]
pub async fn share_pipeline(
    id: PipelineId,
    #[server(default)] principal: String,
    #[server(default)] rights: Vec<String>,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let (with, rights) = (self::principal(&principal)?, self::rights(&rights)?);
        share::share(&context::host(), &caller, id, with, rights).await?;
        form::notify("The pipeline was shared.").await
    }
    .await;
    let ticked: Vec<_> = rights.iter().map(|right| format!("right:{right}")).collect();
    let mut entered = vec![("principal", principal.as_str())];
    entered.extend(ticked.iter().map(|right| (right.as_str(), "yes")));
    let page = sharing_address(id);
    form::answer(Form::new(SHARE, &page), &entered, result, |()| page.clone()).await
}

/// Takes a share back.
#[server]
pub async fn unshare_pipeline(id: PipelineId, #[server(default)] principal: String) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        share::unshare(&context::host(), &caller, id, self::principal(&principal)?).await?;
        form::notify("The share was taken back.").await
    }
    .await;
    let page = sharing_address(id);
    form::answer(Form::new(SHARE, &page), &[], result, |()| page.clone()).await
}

/// Gives a pipeline another owner.
#[server]
pub async fn assign_pipeline(id: PipelineId, #[server(default)] principal: String) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        share::assign(&context::host(), &caller, id, self::principal(&principal)?).await?;
        form::notify("The pipeline has another owner.").await
    }
    .await;
    let page = sharing_address(id);
    // Whoever gave the pipeline away may not see this page any more; who may do what shows either way.
    let then = check_access::check_access_address(id);
    form::answer(Form::new(ASSIGN, &page), &[("principal", &principal)], result, |()| then).await
}

/// `/configuration/pipelines/{id}/share`
#[component]
pub fn SharePage() -> impl IntoView {
    let id = page::parameter::<PipelineId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            let sharing = share::sharing(&host, &caller, id?).await?;
            let returned = (form::returned(SHARE).await, form::returned(ASSIGN).await);
            Ok::<_, AppError>((sharing, returned, caller.is_administrator()))
        },
        |(sharing, (shared, assigned), administrator)| show(sharing, shared, assigned, administrator),
    )
}

fn show(sharing: Sharing, shared: Returned, assigned: Returned, administrator: bool) -> impl IntoView {
    let id = sharing.pipeline;
    let record =
        administrator.then(|| view! { <CommandLink icon="arrow-left" href=address(id)>"Pipeline"</CommandLink> });
    let may_share = sharing.rights.has(AccessRight::Share);
    let columns =
        vec![Column::new("Shared with"), Column::new("Kind"), Column::new("May"), Column::new("Commands").hidden()];
    let rows = sharing.shares.iter().map(|share| row(id, share, may_share)).collect();
    let sharing_form = (may_share && !sharing.personal).then(
        || view! { <ShareForm id rights=sharing.rights principals=sharing.principals.clone() entered=shared.clone()/> },
    );
    let assign_form = (sharing.rights.has(AccessRight::Assign) && !sharing.personal).then(|| {
        view! { <AssignForm id owner=sharing.owner.principal principals=sharing.principals.clone() entered=assigned/> }
    });
    let personal = sharing.personal.then(|| {
        view! { <MessageBar intent=Intent::Information>"This is a personal pipeline. It cannot be shared."</MessageBar> }
    });
    view! {
        <CommandBar>
            {record}
            <CommandLink icon="key" href=check_access::check_access_address(id)>"Check access"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=sharing_address(id)>"Refresh"</CommandLink>
        </CommandBar>
        <RecordHeader title=format!("Share {}", sharing.name) kind="Deployment Pipeline" state=RecordState::Active/>
        <Refusal returned=shared/>
        {personal}
        <section class="card">
            <h2>"Shared with"</h2>
            <p>{format!("Owner: {}", sharing.owner.name)}</p>
            <Grid
                caption="Shared with"
                hide_caption=true
                columns
                rows
                empty="The pipeline is shared with nobody. Its owner and administrators can use it."
            />
        </section>
        {sharing_form}
        {assign_form}
    }
}

fn kind(principal: Principal) -> &'static str {
    match principal {
        Principal::Person(_) => "Person",
        Principal::Team(_) => "Team",
    }
}

fn row(id: PipelineId, share: &Share, may_share: bool) -> AnyView {
    let rights = share.rights.iter().map(|right| view! { <Badge>{right.label()}</Badge>" " }).collect_view();
    let command = may_share.then(|| {
        view! {
            <form method="post" action=UnsharePipeline::PATH>
                <HiddenField name="id" value=id.to_string()/>
                <HiddenField name="principal" value=share.principal.to_string()/>
                <button class="button subtle small" type="submit" aria-label=format!("Stop sharing with {}", share.name)>
                    "Stop sharing"
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">{share.name.clone()}</th>
            <td>{kind(share.principal)}</td>
            <td>{rights}</td>
            <td class="commands">{command}</td>
        </tr>
    }
    .into_any()
}

fn choices(principals: Vec<NamedPrincipal>) -> Vec<Choice> {
    let words = |known: &NamedPrincipal| match known.principal {
        Principal::Person(_) => known.name.clone(),
        Principal::Team(_) => format!("{} (team)", known.name),
    };
    principals.iter().map(|known| Choice::new(known.principal, words(known))).collect()
}

#[component]
fn ShareForm(
    id: PipelineId,
    rights: AccessRights,
    principals: Vec<NamedPrincipal>,
    entered: Returned,
) -> impl IntoView {
    // Nobody gives rights they do not have.
    let boxes = rights
        .iter()
        .map(|right| {
            let checked = entered.checked(&format!("right:{}", right.name()), right == AccessRight::Read);
            view! {
                <Checkbox
                    name="rights[]"
                    id=format!("right-{}", right.name())
                    label=right.label()
                    value=right.name()
                    checked
                    hint=right.description().to_owned()
                />
            }
        })
        .collect_view();
    let wrong = entered.error("rights").map(|error| view! { <p class="error">{error}</p> });
    view! {
        <section class="card record">
            <h2>"Share"</h2>
            <p class="hint">
                "Whoever deploys also needs the right to export in the source and to import in the targets that are not delegated."
            </p>
            <PostForm name=SHARE action=SharePipeline::PATH entered=entered.clone()>
                <HiddenField name="id" value=id.to_string()/>
                <Select
                    name="principal"
                    id="share-with"
                    label="Share with"
                    choices=choices(principals)
                    value=entered.value("principal", "")
                    none="Choose a person or a team"
                    required=true
                    error=entered.error("principal")
                />
                <fieldset class="field choices">
                    <legend>"Rights"</legend>
                    {boxes}
                    {wrong}
                </fieldset>
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Share"</Button>
                </div>
            </PostForm>
        </section>
    }
}

#[component]
fn AssignForm(id: PipelineId, owner: Principal, principals: Vec<NamedPrincipal>, entered: Returned) -> impl IntoView {
    view! {
        <section class="card record">
            <h2>"Assign"</h2>
            <PostForm name=ASSIGN action=AssignPipeline::PATH entered=entered.clone()>
                <HiddenField name="id" value=id.to_string()/>
                <Select
                    name="principal"
                    id="assign-to"
                    label="Owner"
                    choices=choices(principals)
                    value=entered.value("principal", &owner.to_string())
                    required=true
                    error=entered.error("principal")
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Assign"</Button>
                </div>
            </PostForm>
        </section>
    }
}
