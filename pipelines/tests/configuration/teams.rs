use crate::common::{TestHost, assert_changed, assert_forbidden, assert_not_found, message_at, refusal, sign_in};
use model::{
    id::TeamId,
    team::Membership,
    user::{Role, Roles},
};
use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use slipway_pipelines::{
    Caller,
    team::{self, TeamForm},
    user::{self, NewUser},
};
use testbed::each_database;

fn form(name: &str, roles: impl Into<Roles>) -> TeamForm {
    TeamForm {
        name: name.to_owned(),
        description: String::new(),
        administrator: None,
        roles: roles.into(),
        membership: Membership::Local,
    }
}

fn group(name: &str, group: &str) -> TeamForm {
    let membership = Membership::Group { provider: "entra".to_owned(), group_id: group.to_owned() };
    TeamForm { membership, ..form(name, Role::PipelineUser) }
}

async fn somebody(test: &TestHost) -> Caller {
    let new = NewUser { user_name: "lynne".to_owned(), display_name: "Lynne".to_owned(), roles: Roles::NONE };
    let (person, _) = user::create(&test.host, &test.administrator, &new).await.unwrap();
    again(test, person.id).await
}

async fn again(test: &TestHost, id: model::id::UserId) -> Caller {
    user::visitor(&test.host, id).await.unwrap().unwrap().0
}

#[tokio::test]
async fn the_platforms_teams_are_there_with_their_roles() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let teams = team::list(&test.host, &test.administrator).await.unwrap();
        let told: Vec<_> = teams.iter().map(|team| (team.name.as_str(), team.roles, team.members)).collect();
        assert_eq!(
            told,
            [
                ("Deployment Pipeline Administrators", Role::PipelineAdministrator.into(), 0),
                ("Deployment Pipeline Makers", Role::PipelineDefault.into(), 0),
                ("Deployment Pipeline Users", Roles::USER, 0),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn members_have_the_roles_of_their_teams_as_long_as_they_are_members() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, adele) = (&test.host, &test.administrator);
        let lynne = somebody(&test).await;
        assert!(lynne.roles.is_empty() && lynne.teams.is_empty());
        let makers = team::create(host, adele, &form("Makers", Role::PipelineDefault)).await.unwrap();
        let users = team::create(host, adele, &form("Users", Role::PipelineUser)).await.unwrap();
        for id in [makers, users, makers] {
            team::add_member(host, adele, id, lynne.user).await.unwrap();
        }
        let lynne = again(&test, lynne.user).await;
        assert_eq!(lynne.roles, Roles::USER.with(Role::PipelineDefault));
        assert_eq!(lynne.teams.iter().copied().collect::<std::collections::BTreeSet<_>>(), [makers, users].into());
        let (person, through_teams) = user::get(host, adele, lynne.user).await.unwrap();
        assert_eq!((person.roles, through_teams), (Roles::NONE, lynne.roles));

        team::remove_member(host, adele, makers, lynne.user).await.unwrap();
        team::update(host, adele, users, &form("Users", Roles::NONE), 1).await.unwrap();
        assert!(again(&test, lynne.user).await.roles.is_empty());
        assert_changed(team::update(host, adele, users, &form("Users", Roles::NONE), 1).await);
        message_at("name", team::create(host, adele, &form("uSeRs", Roles::NONE)).await);
        team::delete(host, adele, users).await.unwrap();
        assert_not_found(team::get(host, adele, users).await);
    })
    .await;
}

#[tokio::test]
async fn a_provider_says_who_is_in_its_groups_and_nobody_else_does() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, adele) = (&test.host, &test.administrator);
        let lynne = somebody(&test).await;
        let makers = team::create(host, adele, &group("Makers", "g-1")).await.unwrap();
        let testers = team::create(host, adele, &group("Testers", "g-2")).await.unwrap();
        let local = team::create(host, adele, &form("Local", Roles::NONE)).await.unwrap();
        team::add_member(host, adele, local, lynne.user).await.unwrap();
        refusal(team::add_member(host, adele, makers, lynne.user).await);
        let told = async |provider: &str, groups: &[&str]| {
            let groups: Vec<_> = groups.iter().map(|group| (*group).to_owned()).collect();
            // As the host begins one: it waits for whoever is writing.
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            let transaction = test.database.begin_with_options(options).await.unwrap();
            let changed = team::set_group_memberships(host, &transaction, &lynne, provider, &groups).await.unwrap();
            transaction.commit().await.unwrap();
            (changed, again(&test, lynne.user).await.teams.to_vec())
        };
        let sorted = |mut teams: Vec<TeamId>| {
            teams.sort();
            teams
        };
        assert_eq!(told("entra", &["g-1", "g-9"]).await, (true, sorted(vec![makers, local])));
        assert_eq!(told("entra", &["g-1"]).await, (false, sorted(vec![makers, local])));
        // Another provider's group of the same id is another group.
        assert_eq!(told("other", &["g-2"]).await, (false, sorted(vec![makers, local])));
        assert_eq!(told("entra", &["g-2"]).await, (true, sorted(vec![testers, local])));
        assert_eq!(told("entra", &[]).await, (true, vec![local]));
    })
    .await;
}

#[tokio::test]
async fn the_administrator_of_a_team_looks_after_its_members_and_nothing_else() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, adele, lynne) = (&test.host, &test.administrator, somebody(&test).await);
        let hers = TeamForm { administrator: Some(lynne.user), ..form("Hers", Roles::NONE) };
        let hers = team::create(host, adele, &hers).await.unwrap();
        let others = team::create(host, adele, &form("Others", Role::PipelineUser)).await.unwrap();
        team::add_member(host, &lynne, hers, test.user.user).await.unwrap();
        assert_eq!(team::get(host, &lynne, hers).await.unwrap().members.len(), 1);
        assert_eq!(team::administered(host, &lynne).await.unwrap(), [(hers, "Hers".to_owned())]);
        team::remove_member(host, &lynne, hers, test.user.user).await.unwrap();
        assert_forbidden(team::update(host, &lynne, hers, &form("Hers", Roles::ADMINISTRATOR), 1).await);
        assert_forbidden(team::delete(host, &lynne, hers).await);
        assert_forbidden(team::create(host, &lynne, &form("More", Roles::NONE)).await);
        assert_forbidden(team::list(host, &lynne).await);
        assert_not_found(team::add_member(host, &lynne, others, lynne.user).await);
        assert_not_found(team::get(host, &lynne, others).await);
    })
    .await;
}

#[tokio::test]
async fn a_service_identity_never_signs_in() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let service = user::create_service(&test.host, &test.administrator, "deployer", "Deployer").await.unwrap();
        assert!(service.is_service);
        for password in ["", "deployer"] {
            message_at("password", sign_in(&test.host, "deployer", password).await);
        }
        refusal(user::reset_password(&test.host, &test.administrator, service.id).await);
        assert!(user::visitor(&test.host, service.id).await.unwrap().is_none());
        assert_forbidden(user::create_service(&test.host, &test.user, "other", "Other").await);
    })
    .await;
}
