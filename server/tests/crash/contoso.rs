//! What is deployed while servers die: several pipelines of a test and a production stage, each with solutions of its
//! own.

use environment::{Import, ImportStatus, PackageStoreError};
use model::{
    access::{AccessRight, EnvironmentRole, Principal},
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId, ImportJobId, PipelineId, StageId},
    settings::DeploymentSettings,
    user::Roles,
};
use pipelines::{
    Caller, Host, built_in,
    deployment_environment::{self, NewDeploymentEnvironment},
    environment_role,
    pipeline::{self, NewPipeline},
    stage::{self, NewStage},
    user,
};
use slipway_server::host::Opened;
use std::{collections::BTreeSet, fmt::Write as _, fs::File, time::Duration};
use uuid::Uuid;

/// Milliseconds that an import takes for each of the components, of which a package has [`COMPONENTS`].
const PACE: u32 = 40;
const COMPONENTS: usize = 12;

/// A pipeline.
pub struct Pipeline {
    pub development: EnvironmentId,
    pub stages: [StageId; 2],
    pub targets: [EnvironmentId; 2],
    pub solutions: Vec<String>,
}

/// The people who configure and deploy.
pub struct People {
    pub administrator: Caller,
    pub maker: Caller,
}

impl People {
    pub async fn new(host: &Host) -> Self {
        let caller = async |name: &str, roles| {
            let (person, _) = user::create_first(host, name, name, roles).await.unwrap();
            user::visitor(host, person.id).await.unwrap().unwrap().0
        };
        Self { administrator: caller("ada", Roles::ADMINISTRATOR).await, maker: caller("mia", Roles::USER).await }
    }
}

impl Pipeline {
    /// A pipeline with solutions in its development environment.
    pub async fn new(opened: &Opened, people: &People, number: usize, solutions: usize) -> Self {
        let (host, ada) = (&opened.host, &people.administrator);
        let development = environment(host, people, &format!("Dev {number}"), EnvironmentType::Development, 0).await;
        let test = environment(host, people, &format!("Test {number}"), EnvironmentType::Target, PACE).await;
        let production =
            environment(host, people, &format!("Production {number}"), EnvironmentType::Target, PACE).await;
        let name = format!("Pipeline {number}");
        let new = NewPipeline { name, description: String::new(), owner: ada.user };
        let pipeline = pipeline::create(host, ada, &new).await.unwrap();
        pipeline::link_environment(host, ada, pipeline, development.1).await.unwrap();
        pipeline::share::share(host, ada, pipeline, Principal::Person(people.maker.user), AccessRight::Read.into())
            .await
            .unwrap();
        let first = stage(host, ada, pipeline, "Test", None, test.1).await;
        let second = stage(host, ada, pipeline, "Production", Some(first), production.1).await;
        let mut names = Vec::new();
        for solution in 0..solutions {
            let name = format!("Solution{number}x{solution}");
            import(opened, development.0, &name).await;
            names.push(name);
        }
        Self { development: development.0, stages: [first, second], targets: [test.0, production.0], solutions: names }
    }
}

async fn stage(
    host: &Host,
    ada: &Caller,
    pipeline: PipelineId,
    name: &str,
    previous: Option<StageId>,
    target: DeploymentEnvironmentId,
) -> StageId {
    let description = String::new();
    let new = NewStage { pipeline, name: name.to_owned(), description, previous, target: Some(target) };
    stage::create(host, ada, &new).await.unwrap()
}

async fn environment(
    host: &Host,
    people: &People,
    name: &str,
    kind: EnvironmentType,
    pace: u32,
) -> (EnvironmentId, DeploymentEnvironmentId) {
    let ada = &people.administrator;
    let id = built_in::create(host, ada, name, pace).await.unwrap();
    let new = NewDeploymentEnvironment {
        name: name.to_owned(),
        description: String::new(),
        owner: ada.user,
        kind,
        environment_id: id.to_string(),
    };
    let record = deployment_environment::create(host, ada, &new).await.unwrap();
    deployment_environment::validate_pending(host).await.unwrap();
    let customizer = BTreeSet::from([EnvironmentRole::SystemCustomizer]);
    environment_role::give(host, ada, id, Principal::Person(people.maker.user), &customizer).await.unwrap();
    (id, record)
}

/// Brings a solution of some choices into an environment.
async fn import(opened: &Opened, environment: EnvironmentId, name: &str) {
    let choices: Vec<String> = (0..COMPONENTS).map(|number| format!("con_{}_{number}", name.to_lowercase())).collect();
    let (mut roots, mut sets) = (String::new(), String::new());
    for choice in &choices {
        let _ = write!(roots, r#"<RootComponent type="9" schemaName="{choice}" behavior="0" />"#);
        let _ = write!(
            sets,
            r#"<optionset Name="{choice}" localizedName="{choice}"><OptionSetType>picklist</OptionSetType><options /></optionset>"#
        );
    }
    let manifest = format!(
        r#"<ImportExportXml version="9.2" SolutionPackageVersion="9.2" languagecode="1033"><SolutionManifest>
        <UniqueName>{name}</UniqueName><LocalizedNames><LocalizedName description="{name}" languagecode="1033" /></LocalizedNames>
        <Descriptions /><Version>1.0.0.0</Version><Managed>0</Managed><Publisher><UniqueName>contoso</UniqueName>
        <LocalizedNames><LocalizedName description="Contoso" languagecode="1033" /></LocalizedNames>
        <CustomizationPrefix>con</CustomizationPrefix><CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix>
        </Publisher><RootComponents>{roots}</RootComponents><MissingDependencies /></SolutionManifest></ImportExportXml>"#
    );
    let customizations = format!("<ImportExportXml><optionsets>{sets}</optionsets></ImportExportXml>");
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="text/xml" /></Types>"#;
    let pack = move |file: &mut File| -> Result<(), PackageStoreError> {
        let files = [
            ("solution.xml", manifest.as_bytes()),
            ("customizations.xml", customizations.as_bytes()),
            ("[Content_Types].xml", types.as_bytes()),
        ];
        Ok(solution::pack(&files, file)?)
    };
    let package = opened.host.packages().put_with(pack).await.unwrap();
    let job = ImportJobId(Uuid::new_v4());
    let import = Import { job, package, settings: DeploymentSettings::default(), overwrite_customizations: false };
    let environment = opened.environments.open(environment).await.unwrap();
    environment.start_import(&import).await.unwrap();
    loop {
        let job = environment.import_job(job).await.unwrap().expect("the import");
        match job.status {
            ImportStatus::Running => tokio::time::sleep(Duration::from_millis(5)).await,
            ImportStatus::Succeeded => return,
            ImportStatus::Failed => panic!("{}", job.message),
        }
    }
}
