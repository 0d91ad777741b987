use crate::common::{TestHost, assert_forbidden, sign_in};
use futures::TryStreamExt;
use model::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditOutcome, AuditSubject, FieldChange},
    user::{Role, Roles},
};
use sea_orm::ConnectionTrait;
use slipway_pipelines::{
    Caller, Origin,
    audit::{self, Entry},
    user::{self, NewUser},
};
use testbed::each_database;

async fn log(test: &TestHost, filter: AuditFilter) -> Vec<AuditEntry> {
    audit::list(&test.host, &test.administrator, &filter, 1).await.unwrap().rows
}

#[tokio::test]
async fn what_was_written_can_neither_be_changed_nor_deleted() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let before = log(&test, AuditFilter::default()).await;
        assert!(!before.is_empty());
        for sql in ["UPDATE audit_entry SET actor_name = 'Nobody'", "DELETE FROM audit_entry"] {
            let error = test.database.execute_unprepared(sql).await.unwrap_err();
            assert!(error.to_string().contains("append-only"), "{sql}: {error}");
        }
        if test.database.get_database_backend() == sea_orm::DbBackend::Postgres {
            test.database.execute_unprepared("TRUNCATE audit_entry").await.unwrap_err();
        }
        assert_eq!(log(&test, AuditFilter::default()).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_change_is_written_with_who_when_from_where_and_from_what_to_what() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let origin = Origin {
            remote_address: Some("203.0.113.9".parse().unwrap()),
            request_id: Some("request-1".to_owned()),
            ..Origin::system()
        };
        let adele = test.administrator.clone().from(origin);
        let roles = Roles::USER.with(Role::PipelineDefault);
        user::set_roles(&test.host, &adele, test.user.user, roles).await.unwrap();
        let entry = log(&test, AuditFilter::default()).await.remove(0);
        assert_eq!(
            (entry.action, entry.subject, entry.outcome),
            (AuditAction::SetRoles, AuditSubject::Person, AuditOutcome::Allowed)
        );
        assert_eq!((entry.actor, entry.actor_name.as_str()), (Some(adele.user), "Adele Vance"));
        assert_eq!((entry.subject_id, entry.subject_name.as_str()), (Some(test.user.user.to_string()), "Miguel Silva"));
        assert_eq!(
            (entry.remote_address.as_deref(), entry.request_id.as_deref()),
            (Some("203.0.113.9"), Some("request-1"))
        );
        let change = FieldChange {
            field: "roles".to_owned(),
            before: Some("pipeline-user".to_owned()),
            after: Some("pipeline-user pipeline-default".to_owned()),
        };
        assert_eq!(entry.changes, [change]);
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_is_written_and_what_is_rolled_back_is_not() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let before = log(&test, AuditFilter::default()).await.len();
        assert_forbidden(user::set_roles(&test.host, &test.user, test.user.user, Roles::ADMINISTRATOR).await);
        let refused = log(&test, AuditFilter { outcome: Some(AuditOutcome::Refused), ..AuditFilter::default() }).await;
        assert_eq!(refused.len(), 1);
        assert_eq!((refused[0].actor, refused[0].action), (Some(test.user.user), AuditAction::SetRoles));
        assert_eq!(refused[0].reason.as_deref(), Some("This needs the role System Administrator."));
        // Taken once, this name cannot be taken again: nothing was created, so nothing is told of.
        let new = NewUser { user_name: "miguel".to_owned(), display_name: "Other".to_owned(), roles: Roles::USER };
        user::create(&test.host, &test.administrator, &new).await.unwrap_err();
        assert_eq!(log(&test, AuditFilter::default()).await.len(), before + 1);
    })
    .await;
}

#[tokio::test]
async fn sign_ins_are_written_and_passwords_are_not() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        sign_in(&test.host, "miguel", &test.users_password).await.unwrap();
        sign_in(&test.host, "miguel", "hunter2hunter2").await.unwrap_err();
        // What nobody is called may be a password that was typed into the wrong field.
        sign_in(&test.host, "hunter2hunter2", "stranger").await.unwrap_err();
        user::reset_password(&test.host, &test.administrator, test.user.user).await.unwrap();
        let entries = log(&test, AuditFilter { action: Some(AuditAction::SignIn), ..AuditFilter::default() }).await;
        let told: Vec<_> = entries.iter().map(|entry| (entry.actor_name.as_str(), entry.outcome)).collect();
        let (allowed, refused) = (AuditOutcome::Allowed, AuditOutcome::Refused);
        assert_eq!(told, [("", refused), ("miguel", refused), ("Miguel Silva", allowed)]);
        let all = serde_json::to_string(&log(&test, AuditFilter::default()).await).unwrap();
        assert!(!all.contains("hunter2") && !all.contains(&test.users_password), "{all}");
        assert!(all.contains("••••••••"), "{all}");
    })
    .await;
}

#[tokio::test]
async fn only_system_administrators_read_the_log_and_reading_it_all_is_written() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let configurator = Caller::new(test.user.user, "Miguel Silva", Role::PipelineAdministrator.into());
        for caller in [&test.user, &configurator] {
            assert_forbidden(audit::list(&test.host, caller, &AuditFilter::default(), 1).await);
            assert_forbidden(audit::actors(&test.host, caller).await);
            assert!(audit::export(&test.host, caller, AuditFilter::default()).await.is_err());
        }
        for number in 0..1_200 {
            let entry = Entry::new(AuditAction::Use, AuditSubject::Token).named(number.to_string());
            audit::record(&test.host, &test.database, &test.user, entry).await.unwrap();
        }
        let filter = AuditFilter { action: Some(AuditAction::Use), ..AuditFilter::default() };
        let all: Vec<_> =
            audit::export(&test.host, &test.administrator, filter.clone()).await.unwrap().try_collect().await.unwrap();
        let names: Vec<_> = all.iter().map(|entry| entry.subject_name.clone()).collect();
        assert_eq!(names, (0..1_200).rev().map(|number| number.to_string()).collect::<Vec<_>>());
        let page = audit::list(&test.host, &test.administrator, &filter, 2).await.unwrap();
        assert_eq!((page.rows.len(), page.rows[0].subject_name.as_str(), page.more), (50, "1149", true));
        let newest = log(&test, AuditFilter::default()).await.remove(0);
        assert_eq!((newest.action, newest.actor), (AuditAction::Export, Some(test.administrator.user)));
        let actors = audit::actors(&test.host, &test.administrator).await.unwrap();
        assert_eq!(actors.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Adele Vance", "Miguel Silva"]);
    })
    .await;
}
