//! The demo of a first start: Contoso with three built-in environments, a pipeline over them, and a solution small
//! enough to read.

use crate::{
    Caller, Error, Host, Result, deployment_environment, deployment_environment::NewDeploymentEnvironment,
    environment_role, pipeline, pipeline::NewPipeline, stage, stage::NewStage, team, team::TeamForm, user,
    user::OneTimePassword,
};
use environment::{Import, ImportStatus, NewConnection, PackageStoreError, StoredPackage};
use model::{
    access::{AccessRight, EnvironmentRole, Principal},
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId, ImportJobId, StageId, TeamId},
    pipeline::{Delegation, DelegationType},
    settings::DeploymentSettings,
    team::Membership,
    user::{Role, Roles},
};
use std::{collections::BTreeSet, fs::File, time::Duration};

/// The people of the demo, with the passwords they sign in with once.
#[derive(Debug)]
pub struct DemoAccounts {
    /// User name of the administrator.
    pub administrator: String,
    /// Their password.
    pub administrator_password: OneTimePassword,
    /// User name of the maker.
    pub maker: String,
    /// Their password.
    pub maker_password: OneTimePassword,
}

const DEVELOPMENT: &str = "Contoso Dev";
const TEST: &str = "Contoso Test";
const PRODUCTION: &str = "Contoso Production";
const PIPELINE: &str = "Contoso Standard Deployment Pipeline";

/// The team that the demo's pipeline is shared with.
const TEAM: &str = "Makers";

/// User name and display name of the service identity that the demo deploys to production as.
const SERVICE: (&str, &str) = ("contoso-deployment", "Contoso Deployment");

/// Milliseconds an import takes for each component: slow enough to be watched, fast enough to be waited for.
const PACE: u32 = 60;

/// Unique name of the demo's solution.
pub const SOLUTION: &str = "ContosoExpenses";

/// The connector that the solution's flow sends mail with.
const MAIL: &str = "/providers/Microsoft.PowerApps/apis/shared_office365";

/// How long the solution may take to come into the development environment.
const DEADLINE: Duration = Duration::from_mins(1);

/// The files of the demo's solution.
const FILES: [(&str, &[u8]); 7] = [
    ("[Content_Types].xml", include_bytes!("../demo/[Content_Types].xml")),
    ("solution.xml", include_bytes!("../demo/solution.xml")),
    ("customizations.xml", include_bytes!("../demo/customizations.xml")),
    (
        "Workflows/Remindtheapproverofexpenses-6D0F1F0A-3C53-4C9E-9A34-1F4F2AB65E01.json",
        include_bytes!("../demo/Workflows/Remindtheapproverofexpenses-6D0F1F0A-3C53-4C9E-9A34-1F4F2AB65E01.json"),
    ),
    (
        "WebResources/contoso_iconsexpense5B0D9C1E-77F4-4E57-8C0B-2D1B6F3A9E44",
        include_bytes!("../demo/WebResources/contoso_iconsexpense5B0D9C1E-77F4-4E57-8C0B-2D1B6F3A9E44"),
    ),
    (
        "environmentvariabledefinitions/contoso_ApproverMail/environmentvariabledefinition.xml",
        include_bytes!("../demo/environmentvariabledefinitions/contoso_ApproverMail/environmentvariabledefinition.xml"),
    ),
    (
        "environmentvariabledefinitions/contoso_ApprovalLimit/environmentvariabledefinition.xml",
        include_bytes!(
            "../demo/environmentvariabledefinitions/contoso_ApprovalLimit/environmentvariabledefinition.xml"
        ),
    ),
];

/// Creates the demo; none when the host has people already. The people come last but for what needs an owner, so that a
/// start that is cut off is made up for by the next one.
pub async fn create(host: &Host) -> Result<Option<DemoAccounts>> {
    if user::count(host).await? > 0 {
        return Ok(None);
    }
    let development = environment(host, DEVELOPMENT, 0).await?;
    import(host, development).await?;
    host.built_in.update(development, DEVELOPMENT, PACE).await?;
    let mut targets = Vec::new();
    for name in [TEST, PRODUCTION] {
        let target = environment(host, name, PACE).await?;
        connect(host, target).await?;
        targets.push((name, target));
    }

    let (administrator, administrator_password) =
        user::create_first(host, "admin", "Adele Vance", Roles::ADMINISTRATOR).await?;
    let (maker, maker_password) = user::create_first(host, "maker", "Miguel Silva", Roles::NONE).await?;
    let caller = Caller::new(administrator.id, administrator.display_name, Roles::ADMINISTRATOR);

    let team = makers(host, &caller).await?;
    team::add_member(host, &caller, team, maker.id).await?;
    let makers = Principal::Team(team);
    let give = async |to: Principal, environment: EnvironmentId, role: EnvironmentRole| {
        environment_role::give(host, &caller, environment, to, &BTreeSet::from([role])).await
    };
    give(makers, development, EnvironmentRole::SystemCustomizer).await?;
    // Makers import into test by themselves. Production is delegated: there they make connections, and nothing else.
    let service = user::create_service(host, &caller, SERVICE.0, SERVICE.1).await?;
    for (name, target) in &targets {
        if *name == PRODUCTION {
            give(makers, *target, EnvironmentRole::EnvironmentMaker).await?;
            give(Principal::Person(service.id), *target, EnvironmentRole::SystemCustomizer).await?;
        } else {
            give(makers, *target, EnvironmentRole::SystemCustomizer).await?;
        }
    }

    let record = Record { host, caller: &caller };
    let development = record.add(DEVELOPMENT, EnvironmentType::Development, development).await?;
    let mut records = Vec::new();
    for (name, target) in targets {
        records.push((name, record.add(name, EnvironmentType::Target, target).await?));
    }
    deployment_environment::validate_pending(host).await?;

    let description = "Brings solutions from development over test to production.".to_owned();
    let new = NewPipeline { name: PIPELINE.to_owned(), description, owner: caller.user };
    let pipeline = pipeline::create(host, &caller, &new).await?;
    pipeline::link_environment(host, &caller, pipeline, development).await?;
    let mut previous: Option<StageId> = None;
    for (target_name, target) in records {
        let name = target_name.trim_start_matches("Contoso ").to_owned();
        let new = NewStage { pipeline, name, description: String::new(), previous, target: Some(target) };
        let stage = stage::create(host, &caller, &new).await?;
        if target_name == PRODUCTION {
            let delegation = Delegation { kind: DelegationType::ServicePrincipal, delegate: service.id };
            stage::delegation::delegate(host, &caller, stage, Some(delegation), 1).await?;
        }
        previous = Some(stage);
    }
    pipeline::share::share(host, &caller, pipeline, makers, AccessRight::Read.into()).await?;
    Ok(Some(DemoAccounts {
        administrator: administrator.user_name,
        administrator_password,
        maker: maker.user_name,
        maker_password,
    }))
}

async fn makers(host: &Host, caller: &Caller) -> Result<TeamId> {
    let team = TeamForm {
        name: TEAM.to_owned(),
        description: "Makers of Contoso. The pipeline of the demo is shared with them.".to_owned(),
        administrator: Some(caller.user),
        roles: Role::PipelineUser.into(),
        membership: Membership::Local,
    };
    team::create(host, caller, &team).await
}

async fn environment(host: &Host, name: &str, pace: u32) -> Result<EnvironmentId> {
    if let Some(there) = host.built_in.list().await?.into_iter().find(|environment| environment.name == name) {
        return Ok(there.id);
    }
    let id = EnvironmentId(host.ids.next());
    host.built_in.create(id, name, pace).await?;
    Ok(id)
}

/// Puts the demo's solution into the package store.
pub(crate) async fn package(host: &Host) -> Result<StoredPackage> {
    let pack = |file: &mut File| -> Result<(), PackageStoreError> { Ok(solution::pack(&FILES, file)?) };
    Ok(host.packages.put_with(pack).await?)
}

async fn import(host: &Host, development: EnvironmentId) -> Result<()> {
    let environment = host.environments.open(development).await?;
    if environment.solution(SOLUTION).await?.is_some() {
        return Ok(());
    }
    let import = Import {
        job: ImportJobId(host.ids.next()),
        package: package(host).await?,
        settings: DeploymentSettings::default(),
        overwrite_customizations: false,
    };
    environment.start_import(&import).await?;
    let ended = async {
        loop {
            match environment.import_job(import.job).await? {
                Some(job) if job.status == ImportStatus::Succeeded => return Ok(()),
                Some(job) if job.status == ImportStatus::Failed => {
                    return Err(Error::Internal(format!("The demo's solution could not be imported. {}", job.message)));
                }
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    tokio::time::timeout(DEADLINE, ended)
        .await
        .map_err(|_| Error::Internal("The demo's solution took too long to be imported.".to_owned()))?
}

/// Makes connections, so that the wizard has something to choose.
async fn connect(host: &Host, target: EnvironmentId) -> Result<()> {
    let environment = host.environments.open(target).await?;
    if !environment.connections().await?.is_empty() {
        return Ok(());
    }
    for (display_name, owner) in [("expenses@contoso.com", "Contoso"), ("miguel.silva@contoso.com", "Miguel Silva")] {
        let new = NewConnection {
            connector_id: MAIL.to_owned(),
            display_name: display_name.to_owned(),
            owner: owner.to_owned(),
        };
        environment.create_connection(new).await?;
    }
    Ok(())
}

struct Record<'a> {
    host: &'a Host,
    caller: &'a Caller,
}

impl Record<'_> {
    async fn add(&self, name: &str, kind: EnvironmentType, id: EnvironmentId) -> Result<DeploymentEnvironmentId> {
        let new = NewDeploymentEnvironment {
            name: name.to_owned(),
            description: "Kept by Slipway itself, to try things out.".to_owned(),
            owner: self.caller.user,
            kind,
            environment_id: id.to_string(),
        };
        deployment_environment::create(self.host, self.caller, &new).await
    }
}
