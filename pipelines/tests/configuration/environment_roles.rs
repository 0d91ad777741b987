use crate::common::{TestHost, assert_forbidden, assert_not_found, message_at};
use model::{
    access::{EnvironmentRight, EnvironmentRole, Principal},
    audit::AuditFilter,
    environment_access::EnvironmentGround,
    id::{EnvironmentId, UserId},
    team::Membership,
    user::{Role, Roles},
};
use slipway_pipelines::{
    Caller, Host, audit, environment_role, solution,
    solution::NewSolutionForm,
    team::{self, TeamForm},
    user,
};
use std::collections::BTreeSet;
use testbed::each_database;
use uuid::Uuid;

fn set<const N: usize>(roles: [EnvironmentRole; N]) -> BTreeSet<EnvironmentRole> {
    roles.into()
}

/// What a person may do in an environment, and through what.
async fn rights(test: &TestHost, environment: EnvironmentId, person: UserId) -> (Vec<EnvironmentRight>, Vec<String>) {
    let access = environment_role::access(&test.host, &test.administrator, environment).await.unwrap();
    let found = access.people.into_iter().find(|found| found.person.principal == Principal::Person(person));
    found.map(|found| (found.rights, found.grounds.iter().map(EnvironmentGround::label).collect())).unwrap_or_default()
}

#[tokio::test]
async fn roles_are_given_changed_and_taken_away_and_the_audit_log_tells_of_it() {
    use EnvironmentRight::{Create, Export, Import};
    use EnvironmentRole::{BasicUser, EnvironmentMaker, SystemCustomizer};
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let environment = test.built_in("Contoso Dev").await;
        let lynne = test.another_user().await;
        let to = Principal::Person(lynne.user);
        assert_eq!(rights(&test, environment, lynne.user).await, (vec![], vec![]));
        // Whoever creates an environment administers it, and administrators do so anyway.
        assert_eq!(
            rights(&test, environment, admin.user).await,
            (
                vec![Create, Export, Import],
                vec!["Deployment Pipeline Administrator".to_owned(), "System Administrator".to_owned()]
            )
        );

        environment_role::give(host, admin, environment, to, &set([EnvironmentMaker, BasicUser])).await.unwrap();
        assert_eq!(
            rights(&test, environment, lynne.user).await,
            (vec![Create, Export], vec!["Environment Maker".to_owned(), "Basic User".to_owned()])
        );
        environment_role::give(host, admin, environment, to, &set([SystemCustomizer, BasicUser])).await.unwrap();
        environment_role::give(host, admin, environment, to, &set([SystemCustomizer, BasicUser])).await.unwrap();
        assert_eq!(rights(&test, environment, lynne.user).await.0, [Create, Export, Import]);
        environment_role::take_away(host, admin, environment, to).await.unwrap();
        assert_eq!(rights(&test, environment, lynne.user).await.0, []);
        let form = TeamForm {
            name: "Makers".to_owned(),
            description: String::new(),
            administrator: None,
            roles: Role::PipelineUser.into(),
            membership: Membership::Local,
        };
        let makers = team::create(host, admin, &form).await.unwrap();
        team::add_member(host, admin, makers, lynne.user).await.unwrap();
        let team = Principal::Team(makers);
        environment_role::give(host, admin, environment, team, &set([EnvironmentMaker])).await.unwrap();
        let through = "Environment Maker through the team Makers".to_owned();
        assert_eq!(rights(&test, environment, lynne.user).await, (vec![Create, Export], vec![through]));

        let log = audit::list(host, admin, &AuditFilter::default(), 1).await.unwrap();
        let told: Vec<_> = log
            .rows
            .iter()
            .filter(|entry| entry.action.name() == "set-roles")
            .map(|entry| {
                let change = |field: &str| entry.changes.iter().find(|change| change.field == field).unwrap();
                let roles = change("roles");
                (
                    change("to").after.clone().unwrap(),
                    roles.before.clone().unwrap_or_default(),
                    roles.after.clone().unwrap_or_default(),
                )
            })
            .rev()
            .collect();
        let line = |to: &str, before: &str, after: &str| (to.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(
            told,
            [
                line("Nestor Wilke", "", "environment-maker basic-user"),
                line("Nestor Wilke", "environment-maker basic-user", "system-customizer basic-user"),
                line("Nestor Wilke", "system-customizer basic-user", ""),
                line("Makers", "", "environment-maker"),
            ],
            "and nothing of what changed nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn only_administrators_give_roles_and_only_to_somebody_in_something() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let environment = test.built_in("Contoso Dev").await;
        let (to, nobody) = (Principal::Person(test.user.user), Principal::Person(UserId(Uuid::from_u128(404))));
        let roles = set([EnvironmentRole::SystemAdministrator]);
        // Not even System Administrators of the environment, and not System Administrators of the host.
        environment_role::give(host, admin, environment, to, &roles).await.unwrap();
        for caller in [&test.user, &Caller::new(test.user.user, "Miguel", Role::SystemAdministrator.into())] {
            assert_forbidden(environment_role::give(host, caller, environment, to, &roles).await);
            assert_forbidden(environment_role::take_away(host, caller, environment, to).await);
            assert_forbidden(environment_role::access(host, caller, environment).await);
        }
        message_at("principal", environment_role::give(host, admin, environment, nobody, &roles).await);
        message_at("roles", environment_role::give(host, admin, environment, to, &set([])).await);
        let nothing = EnvironmentId(Uuid::from_u128(404));
        assert_not_found(environment_role::give(host, admin, nothing, to, &roles).await);
        assert_not_found(environment_role::take_away(host, admin, nothing, to).await);
        assert_not_found(environment_role::access(host, admin, nothing).await);
    })
    .await;
}

#[tokio::test]
async fn what_is_done_by_hand_in_an_environment_needs_its_right_there() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, user) = (&test.host, &test.user);
        let development = contoso.development.environment_id;
        let form = |name: &str| NewSolutionForm {
            display_name: name.to_owned(),
            unique_name: name.to_owned(),
            publisher_display_name: name.to_owned(),
            publisher_unique_name: name.to_owned(),
            publisher_prefix: "con".to_owned(),
            version: "1.0.0.0".to_owned(),
            ..NewSolutionForm::default()
        };
        let connect = async |name: &str| solution::create_connection(host, user, development, "/mail", name).await;
        let stored = package(host).await;
        let import = async || solution::import(host, user, development, stored.clone()).await;

        test.role(&contoso.development, user, EnvironmentRole::BasicUser).await;
        let error = solution::create(host, user, development, &form("Refused")).await.unwrap_err().to_string();
        assert_eq!(
            error,
            "You may not create solutions and connections in Contoso Dev (prvCreateSolution). Ask an administrator for the \
             role Environment Maker, System Customizer or System Administrator there."
        );
        assert_forbidden(connect("Refused").await);
        assert_forbidden(import().await);
        assert!(solution::list(host, user, development, "").await.unwrap().is_empty(), "to look is free");

        test.role(&contoso.development, user, EnvironmentRole::EnvironmentMaker).await;
        solution::create(host, user, development, &form("Created")).await.unwrap();
        connect("Created").await.unwrap();
        assert_forbidden(import().await);

        test.role(&contoso.development, user, EnvironmentRole::SystemCustomizer).await;
        import().await.unwrap();
        // An administrator needs no role there.
        let administrator = &test.administrator;
        environment_role::take_away(host, administrator, development, Principal::Person(administrator.user))
            .await
            .unwrap();
        solution::create(host, administrator, development, &form("Administered")).await.unwrap();
    })
    .await;
}

/// A small package in the store.
async fn package(host: &Host) -> environment::StoredPackage {
    let new = ::solution::NewPackage {
        unique_name: "Imported".to_owned(),
        display_name: "Imported".to_owned(),
        description: String::new(),
        version: "1.0.0.0".parse().unwrap(),
        publisher: model::package::Publisher {
            unique_name: "contoso".to_owned(),
            display_name: "Contoso".to_owned(),
            prefix: "con".to_owned(),
            option_value_prefix: 10_000,
        },
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    ::solution::write_new(&new, &mut bytes).unwrap();
    let bytes = bytes.into_inner();
    host.packages().put(futures::stream::iter([Ok::<_, std::io::Error>(bytes.into())])).await.unwrap()
}

#[tokio::test]
async fn a_role_counts_for_service_identities_as_well() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let environment = test.built_in("Contoso Test").await;
        let service = user::create_service(host, admin, "deployer", "Deployer").await.unwrap();
        assert!(service.is_service && service.roles == Roles::NONE);
        let to = Principal::Person(service.id);
        environment_role::give(host, admin, environment, to, &set([EnvironmentRole::SystemCustomizer])).await.unwrap();
        assert_eq!(rights(&test, environment, service.id).await.0, EnvironmentRight::ALL);
        user::set_enabled(host, admin, service.id, false).await.unwrap();
        assert_eq!(rights(&test, environment, service.id).await.0, [], "a disabled account may do nothing");
    })
    .await;
}
