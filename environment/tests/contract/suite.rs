//! The contract: functions over an empty environment and the store its packages lie in.

use crate::package::{Sample, sample};
use bytes::Bytes;
use environment::{
    Environment, EnvironmentError, HostBinding, Import, ImportJob, ImportStatus, NewConnection, NewSolution,
    PackageKind, PackageStore, StoredPackage,
};
use futures::stream;
use model::{
    ErrorCode,
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, ImportJobId},
    package::Publisher,
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
    solution::SolutionContents,
};
use std::time::{Duration, Instant};
use uuid::Uuid;

const MAIL: &str = "/providers/Microsoft.PowerApps/apis/shared_office365";
const SQL: &str = "/providers/Microsoft.PowerApps/apis/shared_sql";

/// Stores a package.
pub async fn store(packages: &PackageStore, sample: &Sample) -> StoredPackage {
    let bytes = Bytes::from(sample.bytes());
    packages.put(stream::iter([Ok(bytes)])).await.expect("storing the package")
}

/// An import with nothing to set.
pub fn import_of(package: StoredPackage) -> Import {
    Import {
        job: ImportJobId(Uuid::new_v4()),
        package,
        settings: DeploymentSettings::default(),
        overwrite_customizations: false,
    }
}

/// Waits until an import has ended.
pub async fn ended(environment: &dyn Environment, job: ImportJobId) -> ImportJob {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let found = environment.import_job(job).await.expect("the import job").expect("an import job");
        if found.status != ImportStatus::Running {
            return found;
        }
        assert!(Instant::now() < deadline, "the import does not come to an end: {found:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Imports a package and waits for the end.
pub async fn import(environment: &dyn Environment, packages: &PackageStore, sample: &Sample) -> ImportJob {
    import_with(environment, packages, sample, DeploymentSettings::default()).await
}

async fn import_with(
    environment: &dyn Environment,
    packages: &PackageStore,
    sample: &Sample,
    settings: DeploymentSettings,
) -> ImportJob {
    let import = Import { settings, ..import_of(store(packages, sample).await) };
    environment.start_import(&import).await.expect("starting the import");
    ended(environment, import.job).await
}

async fn succeed(environment: &dyn Environment, packages: &PackageStore, sample: &Sample) {
    let job = import(environment, packages, sample).await;
    assert_eq!(job.status, ImportStatus::Succeeded, "{job:?}");
}

async fn contents(environment: &dyn Environment, unique_name: &str) -> SolutionContents {
    environment.solution(unique_name).await.unwrap().expect("the solution")
}

fn names(contents: &SolutionContents) -> Vec<&str> {
    contents.components.iter().map(|component| component.name.as_str()).collect()
}

fn code_of<T: std::fmt::Debug>(result: environment::port::Result<T>) -> Option<ErrorCode> {
    result.expect_err("a refusal").code()
}

fn setting(reference: &str, connection: &str) -> DeploymentSettings {
    DeploymentSettings {
        connection_references: vec![ConnectionSetting {
            logical_name: reference.to_owned(),
            connection_id: connection.to_owned(),
            connector_id: String::new(),
        }],
        environment_variables: Vec::new(),
    }
}

/// Runs the whole suite; `empty` opens another empty environment each time.
pub async fn run<F>(packages: &PackageStore, mut empty: impl FnMut() -> F)
where
    F: Future<Output = std::sync::Arc<dyn Environment>>,
{
    an_environment_is_used_by_one_host_record_only(&*empty().await).await;
    an_import_installs_a_solution_that_can_be_read(&*empty().await, packages).await;
    the_same_job_again_is_one_import(&*empty().await, packages).await;
    an_upgrade_removes_what_left_the_solution(&*empty().await, packages).await;
    a_missing_dependency_fails_the_import_and_is_named(&*empty().await, packages).await;
    managed_and_unmanaged_do_not_go_over_each_other(&*empty().await, packages).await;
    another_publisher_cannot_upgrade_a_managed_solution(&*empty().await, packages).await;
    connections_and_values_are_set_by_an_import(&*empty().await, packages).await;
    a_connection_of_another_connector_fails_the_import(&*empty().await, packages).await;
    connections_and_values_are_set_without_an_import(&*empty().await, packages).await;
    an_unmanaged_solution_is_exported_with_its_version_both_ways(&*empty().await, packages).await;
    a_managed_or_missing_solution_is_not_exported(&*empty().await, packages).await;
    a_new_solution_is_empty_and_can_be_exported(&*empty().await, packages).await;
    a_version_does_not_go_down(&*empty().await, packages).await;
    a_solution_that_others_need_stays(&*empty().await, packages).await;
    staging_says_what_the_target_has_and_changes_nothing(&*empty().await, packages).await;
}

async fn an_environment_is_used_by_one_host_record_only(environment: &dyn Environment) {
    let first = HostBinding { record: DeploymentEnvironmentId(Uuid::new_v4()), kind: EnvironmentType::Target };
    let second = HostBinding { record: DeploymentEnvironmentId(Uuid::new_v4()), kind: EnvironmentType::Development };
    assert_eq!(environment.identity().await.unwrap().binding, None);
    environment.bind(first).await.unwrap();
    environment.bind(first).await.unwrap();
    assert!(matches!(environment.bind(second).await, Err(EnvironmentError::Refused { .. })));
    environment.release(second.record).await.unwrap();
    assert_eq!(environment.identity().await.unwrap().binding, Some(first));
    environment.release(first.record).await.unwrap();
    environment.bind(second).await.unwrap();
    assert_eq!(environment.identity().await.unwrap().binding, Some(second));
}

async fn an_import_installs_a_solution_that_can_be_read(environment: &dyn Environment, packages: &PackageStore) {
    assert!(environment.solutions().await.unwrap().is_empty());
    let job = import(environment, packages, &sample("Orders", "1.2.0.3", true, &["new_b", "new_a"])).await;
    assert_eq!(
        (job.status, job.progress, job.solution.as_str(), job.code),
        (ImportStatus::Succeeded, 100, "Orders", None)
    );
    assert!(job.ended.is_some());
    let orders = contents(environment, "oRDERS").await;
    assert_eq!(orders.summary.version.to_string(), "1.2.0.3");
    assert_eq!(orders.summary.display_name, "Orders solution");
    assert!(orders.summary.managed);
    assert_eq!(names(&orders), ["new_a", "new_b"]);
    assert_eq!(environment.solutions().await.unwrap(), [orders.summary]);
    let publishers = environment.publishers().await.unwrap();
    assert_eq!(publishers.iter().map(|publisher| publisher.unique_name.as_str()).collect::<Vec<_>>(), ["Contoso"]);
    assert!(environment.solution("Other").await.unwrap().is_none());
    assert!(environment.import_job(ImportJobId(Uuid::new_v4())).await.unwrap().is_none());
}

async fn the_same_job_again_is_one_import(environment: &dyn Environment, packages: &PackageStore) {
    let first = import_of(store(packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await);
    environment.start_import(&first).await.unwrap();
    environment.start_import(&first).await.unwrap();
    let before = ended(environment, first.job).await;
    succeed(environment, packages, &sample("Orders", "1.1.0.0", true, &["new_a"])).await;
    environment.start_import(&first).await.unwrap();
    assert_eq!(ended(environment, first.job).await, before);
    assert_eq!(contents(environment, "Orders").await.summary.version.to_string(), "1.1.0.0");
}

async fn an_upgrade_removes_what_left_the_solution(environment: &dyn Environment, packages: &PackageStore) {
    let before = sample("Orders", "1.0.0.0", true, &["new_a", "new_b"]).varies("new_Url").refers("new_Mail", MAIL);
    let connection = new_connection(environment, MAIL).await;
    let mut settings = setting("new_Mail", &connection);
    settings.environment_variables.push(VariableSetting { schema_name: "new_Url".to_owned(), value: "old".to_owned() });
    assert_eq!(import_with(environment, packages, &before, settings).await.status, ImportStatus::Succeeded);
    let after = sample("Orders", "1.1.0.0", true, &["new_b", "new_c"]);
    succeed(environment, packages, &after).await;
    let orders = contents(environment, "Orders").await;
    assert_eq!(names(&orders), ["new_b", "new_c"]);
    assert!(orders.environment_variables.is_empty() && orders.connection_references.is_empty());
    // The value left with its variable: when the variable comes back, the old value does not.
    succeed(environment, packages, &before).await;
    let orders = contents(environment, "Orders").await;
    assert_eq!(orders.environment_variables[0].value, None);
    assert_eq!(orders.connection_references[0].connection_id, None);
}

async fn a_missing_dependency_fails_the_import_and_is_named(environment: &dyn Environment, packages: &PackageStore) {
    let orders = sample("Orders", "1.0.0.0", true, &["new_a"]).needs("base_logo", "Active");
    let job = import(environment, packages, &orders).await;
    assert_eq!((job.status, job.code), (ImportStatus::Failed, Some(ErrorCode::MISSING_DEPENDENCIES)), "{job:?}");
    assert!(
        job.message.starts_with("The following solution cannot be imported: Orders. Some dependencies are missing.")
    );
    assert!(job.message.contains("base_logo"), "{}", job.message);
    assert!(environment.solutions().await.unwrap().is_empty());
    succeed(environment, packages, &sample("Base", "1.0.0.0", true, &["BASE_logo"])).await;
    succeed(environment, packages, &orders).await;
}

async fn managed_and_unmanaged_do_not_go_over_each_other(environment: &dyn Environment, packages: &PackageStore) {
    for (name, managed, expected) in
        [("First", true, ErrorCode::UNMANAGED_OVER_MANAGED), ("Second", false, ErrorCode::MANAGED_OVER_UNMANAGED)]
    {
        succeed(environment, packages, &sample(name, "1.0.0.0", managed, &["new_a"])).await;
        let job = import(environment, packages, &sample(name, "1.1.0.0", !managed, &["new_a"])).await;
        assert_eq!((job.status, job.code), (ImportStatus::Failed, Some(expected)), "{job:?}");
        assert_eq!(contents(environment, name).await.summary.version.to_string(), "1.0.0.0");
    }
}

async fn another_publisher_cannot_upgrade_a_managed_solution(environment: &dyn Environment, packages: &PackageStore) {
    succeed(environment, packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
    let foreign = Sample { publisher: "Fabrikam".to_owned(), ..sample("Orders", "1.1.0.0", true, &["new_a"]) };
    let job = import(environment, packages, &foreign).await;
    assert_eq!((job.status, job.code), (ImportStatus::Failed, Some(ErrorCode::WRONG_PUBLISHER)), "{job:?}");
}

async fn new_connection(environment: &dyn Environment, connector: &str) -> String {
    let new = NewConnection {
        connector_id: connector.to_owned(),
        display_name: "Service".to_owned(),
        owner: "Ana".to_owned(),
    };
    environment.create_connection(new).await.expect("a connection").id
}

async fn connections_and_values_are_set_by_an_import(environment: &dyn Environment, packages: &PackageStore) {
    let connection = new_connection(environment, &MAIL.to_uppercase()).await;
    let found = environment.connections().await.unwrap();
    assert_eq!((found.len(), found[0].id.as_str(), found[0].usable), (1, connection.as_str(), true));
    let orders = sample("Orders", "1.0.0.0", true, &["new_a"]).refers("new_Mail", MAIL).varies("new_Url");
    let mut settings = setting("NEW_mail", &connection);
    settings
        .environment_variables
        .push(VariableSetting { schema_name: "NEW_url".to_owned(), value: "https://x".to_owned() });
    assert_eq!(import_with(environment, packages, &orders, settings).await.status, ImportStatus::Succeeded);
    let bound = |contents: &SolutionContents| {
        (contents.connection_references[0].connection_id.clone(), contents.environment_variables[0].value.clone())
    };
    let expected = (Some(connection), Some("https://x".to_owned()));
    assert_eq!(bound(&contents(environment, "Orders").await), expected);
    // An upgrade that sets nothing leaves both.
    succeed(environment, packages, &Sample { version: "1.1.0.0".to_owned(), ..orders }).await;
    assert_eq!(bound(&contents(environment, "Orders").await), expected);
}

async fn a_connection_of_another_connector_fails_the_import(environment: &dyn Environment, packages: &PackageStore) {
    let connection = new_connection(environment, SQL).await;
    let orders = sample("Orders", "1.0.0.0", true, &["new_a"]).refers("new_Mail", MAIL);
    for chosen in [connection.as_str(), "gone"] {
        let job = import_with(environment, packages, &orders, setting("new_Mail", chosen)).await;
        assert_eq!(job.status, ImportStatus::Failed, "{job:?}");
        assert!(job.message.contains("new_Mail"), "{}", job.message);
    }
    assert!(environment.solutions().await.unwrap().is_empty());
}

async fn connections_and_values_are_set_without_an_import(environment: &dyn Environment, packages: &PackageStore) {
    let (first, second) = (new_connection(environment, MAIL).await, new_connection(environment, MAIL).await);
    let other = new_connection(environment, SQL).await;
    let orders = sample("Orders", "1.0.0.0", true, &["new_a"]).refers("new_Mail", MAIL).varies("new_Url");
    assert!(environment.reconfigure("Orders", &setting("new_Mail", &first)).await.is_err(), "nothing is installed");
    assert_eq!(
        import_with(environment, packages, &orders, setting("new_Mail", &first)).await.status,
        ImportStatus::Succeeded
    );
    let set = async |reference: &str, connection: &str, value: &str| {
        let mut settings = setting(reference, connection);
        let value = VariableSetting { schema_name: "NEW_url".to_owned(), value: value.to_owned() };
        let elsewhere = VariableSetting { schema_name: "new_Other".to_owned(), value: "x".to_owned() };
        settings.environment_variables.extend([value, elsewhere]);
        environment.reconfigure("ORDERS", &settings).await
    };
    let found = async || {
        let orders = contents(environment, "Orders").await;
        (orders.connection_references[0].connection_id.clone(), orders.environment_variables[0].value.clone())
    };
    for value in ["https://x", "https://y", "https://y"] {
        set("NEW_mail", &second, value).await.unwrap();
        assert_eq!(found().await, (Some(second.clone()), Some(value.to_owned())));
    }
    // What is empty stays, and a connection that does not fit changes nothing.
    set("new_Mail", "", "").await.unwrap();
    for wrong in [other.as_str(), "gone"] {
        let refused = set("new_Mail", wrong, "https://z").await.expect_err("a refusal");
        assert!(
            matches!(&refused, EnvironmentError::Refused { .. }) && refused.to_string().contains("new_Mail"),
            "{refused}"
        );
    }
    assert_eq!(found().await, (Some(second), Some("https://y".to_owned())));
    assert_eq!(contents(environment, "Orders").await.summary.version.to_string(), "1.0.0.0");
}

async fn an_unmanaged_solution_is_exported_with_its_version_both_ways(
    environment: &dyn Environment,
    packages: &PackageStore,
) {
    let package = store(packages, &sample("Orders", "1.0.0.0", false, &["new_a"])).await;
    let import = import_of(package.clone());
    environment.start_import(&import).await.unwrap();
    assert_eq!(ended(environment, import.job).await.status, ImportStatus::Succeeded);
    assert_eq!(environment.export("Orders", PackageKind::Unmanaged).await.unwrap(), package);
    environment.set_version("orders", &"1.0.0.7".parse().unwrap()).await.unwrap();
    for (kind, managed) in [(PackageKind::Managed, true), (PackageKind::Unmanaged, false)] {
        let exported = environment.export("orders", kind).await.unwrap();
        assert_eq!(exported, environment.export("Orders", kind).await.unwrap(), "the same bytes each time");
        let facts = packages.facts(&exported).await.unwrap();
        assert_eq!((facts.managed, facts.version.as_str()), (managed, "1.0.0.7"));
        assert_eq!(facts.components, packages.facts(&package).await.unwrap().components);
    }
}

async fn a_managed_or_missing_solution_is_not_exported(environment: &dyn Environment, packages: &PackageStore) {
    succeed(environment, packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
    assert_eq!(code_of(environment.export("Orders", PackageKind::Managed).await), Some(ErrorCode::EXPORT_MANAGED));
    let missing = environment.export("Other", PackageKind::Managed).await;
    assert_eq!(code_of(missing), Some(ErrorCode::EXPORT_MISSING_SOLUTION));
}

fn new_solution(unique_name: &str) -> NewSolution {
    NewSolution {
        unique_name: unique_name.to_owned(),
        display_name: "Order taking".to_owned(),
        description: "Takes orders".to_owned(),
        version: "1.0.0.0".parse().unwrap(),
        publisher: Publisher {
            unique_name: "fabrikam".to_owned(),
            display_name: "Fabrikam Inc".to_owned(),
            prefix: "fab".to_owned(),
            option_value_prefix: 20_000,
        },
    }
}

async fn a_new_solution_is_empty_and_can_be_exported(environment: &dyn Environment, packages: &PackageStore) {
    let created = environment.create_solution(new_solution("Orders")).await.unwrap();
    assert_eq!((created.unique_name.as_str(), created.managed), ("Orders", false));
    let orders = contents(environment, "Orders").await;
    assert_eq!(orders.summary, created);
    assert_eq!(orders.description, "Takes orders");
    let exported = environment.export("Orders", PackageKind::Unmanaged).await.unwrap();
    let facts = packages.facts(&exported).await.unwrap();
    assert_eq!(
        (facts.display_name.as_str(), facts.publisher.as_str(), facts.managed),
        ("Order taking", "fabrikam", false)
    );
    assert!(matches!(environment.create_solution(new_solution("ORDERS")).await, Err(EnvironmentError::Refused { .. })));
    assert_eq!(
        code_of(environment.create_solution(new_solution("1 Orders")).await),
        Some(ErrorCode::INVALID_UNIQUE_NAME)
    );
    // A publisher that is there already is taken as it is.
    let mut second = new_solution("Invoices");
    second.publisher = Publisher { unique_name: "FABRIKAM".to_owned(), prefix: String::new(), ..second.publisher };
    assert_eq!(environment.create_solution(second).await.unwrap().publisher, created.publisher);
    assert_eq!(environment.publishers().await.unwrap(), [created.publisher]);
    for prefix in ["", "x", "1ab", "toolongprefix", "mscrmx", "a b"] {
        let mut new = new_solution("Returns");
        new.publisher = Publisher { unique_name: "another".to_owned(), prefix: prefix.to_owned(), ..new.publisher };
        assert!(matches!(environment.create_solution(new).await, Err(EnvironmentError::Refused { .. })), "{prefix}");
    }
}

async fn a_version_does_not_go_down(environment: &dyn Environment, packages: &PackageStore) {
    environment.create_solution(new_solution("Orders")).await.unwrap();
    let set = async |name: &str, version: &str| environment.set_version(name, &version.parse().unwrap()).await;
    set("Orders", "1.0.0.9").await.unwrap();
    set("Orders", "1.0.0.9").await.unwrap();
    assert_eq!(code_of(set("Orders", "1.0.0.8").await), Some(ErrorCode::INVALID_VERSION));
    assert_eq!(contents(environment, "Orders").await.summary.version.to_string(), "1.0.0.9");
    assert!(set("Other", "2.0.0.0").await.is_err());
    succeed(environment, packages, &sample("Base", "1.0.0.0", true, &["new_a"])).await;
    assert!(matches!(set("Base", "2.0.0.0").await, Err(EnvironmentError::Refused { .. })));
}

async fn a_solution_that_others_need_stays(environment: &dyn Environment, packages: &PackageStore) {
    succeed(environment, packages, &sample("Base", "1.0.0.0", true, &["base_logo"])).await;
    succeed(environment, packages, &sample("Orders", "1.0.0.0", true, &["new_a"]).needs("base_logo", "Base (1.0.0.0)"))
        .await;
    let refused = environment.uninstall("base").await.expect_err("a refusal");
    assert_eq!(refused.code(), Some(ErrorCode::DEPENDENCIES_EXIST));
    let message = refused.to_string();
    assert!(message.contains("base_logo") && message.contains("Orders"), "{message}");
    environment.uninstall("Orders").await.unwrap();
    environment.uninstall("Base").await.unwrap();
    environment.uninstall("Base").await.unwrap();
    assert!(environment.solutions().await.unwrap().is_empty());
}

async fn staging_says_what_the_target_has_and_changes_nothing(environment: &dyn Environment, packages: &PackageStore) {
    succeed(environment, packages, &sample("Base", "1.0.0.0", true, &["base_logo"])).await;
    succeed(environment, packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
    let next = sample("Orders", "1.1.0.0", true, &["new_b"]).needs("base_logo", "Active").needs("base_icon", "Active");
    let staged = environment.stage(&store(packages, &next).await).await.unwrap();
    let previous = staged.previous.expect("the version that is there");
    assert_eq!((previous.summary.version.as_str(), names(&previous)), ("1.0.0.0", vec!["new_a"]));
    let unmet: Vec<_> = staged.unmet.iter().map(|unmet| unmet.dependency.required.name.as_str()).collect();
    assert_eq!(unmet, ["base_icon"]);
    assert_eq!(staged.solutions.len(), 2);
    assert_eq!(staged.running_operation, None);
    assert_eq!(contents(environment, "Orders").await.summary.version.to_string(), "1.0.0.0");
}
