//! Who may do what: security roles, teams, shares, rights in built-in environments, and the audit log.
//!
//! The role a person had becomes roles of the platform: *administrator* becomes System Administrator and Deployment
//! Pipeline Administrator, *user* becomes Deployment Pipeline User. Whoever could use a pipeline before can use it
//! afterwards: users become members of the team *Deployment Pipeline Users*, every pipeline is shared with that team for
//! reading, and the team may customize every built-in environment. People and pipelines created later are given nothing
//! by themselves.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, integer, string_len, string_len_null, text, text_null, uuid, uuid_null},
    sea_orm::{DbBackend, prelude::Uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The teams that the platform installs, with the role each has.
const TEAMS: [(Uuid, &str, &str, &str); 3] = [
    (
        Uuid::from_u128(0x5eca_11ed_0000_4000_8000_0000_0000_0001),
        "Deployment Pipeline Administrators",
        "pipeline-administrator",
        "Full control of pipelines, stages, environments and runs.",
    ),
    (
        Uuid::from_u128(0x5eca_11ed_0000_4000_8000_0000_0000_0002),
        "Deployment Pipeline Makers",
        "pipeline-default",
        "Make and use personal pipelines.",
    ),
    (USERS, "Deployment Pipeline Users", "pipeline-user", "Run the pipelines that are shared with them."),
];
const USERS: Uuid = Uuid::from_u128(0x5eca_11ed_0000_4000_8000_0000_0000_0003);

/// The platform's `ReadAccess`.
const READ: i32 = 1;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        person_roles(manager).await?;
        people(manager).await?;
        teams(manager).await?;
        pipelines(manager).await?;
        environment_roles(manager).await?;
        delegation(manager).await?;
        keep_what_people_could_do(manager).await?;
        audit(manager).await
    }
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(|_| ())
}

fn cascade(table: &str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}"))
        .from(table.to_owned(), column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

async fn index(manager: &SchemaManager<'_>, name: &str, table: &str, columns: &[&'static str]) -> Result<(), DbErr> {
    let mut index = Index::create().name(name).table(table.to_owned()).take();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

fn role(name: &'static str) -> ColumnDef {
    string_len(name, 40)
        .check(Expr::col(name).is_in([
            "system-administrator",
            "pipeline-administrator",
            "pipeline-user",
            "pipeline-default",
        ]))
        .take()
}

async fn person_roles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("person_role")
        .col(uuid("person_id"))
        .col(role("role"))
        .primary_key(Index::create().col("person_id").col("role"))
        .foreign_key(&mut cascade("person_role", "person_id", "person"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "person_role_role", "person_role", &["role"]).await
}

/// Takes the old column of people away, and tells people from service identities. SQLite cannot take away a column that
/// a check of its table names, so the table is made anew there; keys that point to it are checked when all is done.
async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let copy = match manager.get_database_backend() {
        DbBackend::Sqlite => "CREATE TEMPORARY TABLE person_before AS SELECT * FROM person",
        _ => "CREATE TEMPORARY TABLE person_before ON COMMIT DROP AS SELECT * FROM person",
    };
    run(manager, copy).await?;
    if manager.get_database_backend() == DbBackend::Sqlite {
        run(manager, "PRAGMA defer_foreign_keys = ON").await?;
        manager.drop_table(Table::drop().table("person").to_owned()).await?;
        let table = Table::create()
            .table("person")
            .col(uuid("id").primary_key())
            .col(string_len("user_name", 400))
            .col(string_len("user_name_key", 400))
            .col(string_len("display_name", 400))
            .col(kind())
            .col(boolean("enabled"))
            .col(text("password_hash"))
            .col(boolean("must_change_password"))
            .col(big_integer("password_set"))
            .col(integer("failed_sign_ins").check(Expr::col("failed_sign_ins").gte(0)))
            .col(ColumnDef::new("blocked_until").big_integer())
            .col(big_integer("created"))
            .to_owned();
        manager.create_table(table).await?;
        let columns = "id, user_name, user_name_key, display_name, enabled, password_hash, must_change_password, \
                       password_set, failed_sign_ins, blocked_until, created";
        run(manager, &format!("INSERT INTO person ({columns}) SELECT {columns} FROM person_before")).await?;
        let unique = Index::create().name("person_user_name").table("person").col("user_name_key").unique().to_owned();
        manager.create_index(unique).await?;
    } else {
        run(manager, "ALTER TABLE person DROP COLUMN role").await?;
        manager.alter_table(Table::alter().table("person").add_column(kind()).to_owned()).await?;
    }
    for (before, now) in [
        ("administrator", "system-administrator"),
        ("administrator", "pipeline-administrator"),
        ("user", "pipeline-user"),
    ] {
        let sql = format!(
            "INSERT INTO person_role (person_id, role) SELECT id, '{now}' FROM person_before WHERE role = '{before}'"
        );
        run(manager, &sql).await?;
    }
    run(manager, "DROP TABLE person_before").await
}

fn kind() -> ColumnDef {
    string_len("kind", 20).default("person").check(Expr::col("kind").is_in(["person", "service"])).take()
}

async fn teams(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("team")
        .col(uuid("id").primary_key())
        .col(string_len("name", 400))
        .col(string_len("name_key", 400))
        .col(text("description"))
        .col(uuid_null("administrator_id"))
        // The provider and the group that members come from; none where members are put in by hand.
        .col(string_len_null("provider", 400))
        .col(string_len_null("group_id", 400))
        .col(integer("row_version").check(Expr::col("row_version").gte(1)))
        .col(big_integer("created"))
        .col(big_integer("modified"))
        .foreign_key(
            ForeignKey::create()
                .name("team_administrator")
                .from("team", "administrator_id")
                .to("person", "id")
                .on_delete(ForeignKeyAction::SetNull),
        )
        .check(Expr::cust("(provider IS NULL) = (group_id IS NULL)"))
        .to_owned();
    manager.create_table(table).await?;
    manager.create_index(Index::create().name("team_name").table("team").col("name_key").unique().to_owned()).await?;
    index(manager, "team_group", "team", &["provider", "group_id"]).await?;

    let table = Table::create()
        .table("team_member")
        .col(uuid("team_id"))
        .col(uuid("person_id"))
        .primary_key(Index::create().col("team_id").col("person_id"))
        .foreign_key(&mut cascade("team_member", "team_id", "team"))
        .foreign_key(&mut cascade("team_member", "person_id", "person"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "team_member_person", "team_member", &["person_id"]).await?;

    let table = Table::create()
        .table("team_role")
        .col(uuid("team_id"))
        .col(role("role"))
        .primary_key(Index::create().col("team_id").col("role"))
        .foreign_key(&mut cascade("team_role", "team_id", "team"))
        .to_owned();
    manager.create_table(table).await?;

    let now = match manager.get_database_backend() {
        DbBackend::Sqlite => "unixepoch() * 1000",
        _ => "(extract(epoch from now()) * 1000)::bigint",
    };
    for (id, name, role, description) in TEAMS {
        let team = Query::insert()
            .into_table("team")
            .columns(["id", "name", "name_key", "description", "row_version", "created", "modified"])
            .values_panic([
                id.into(),
                name.into(),
                name.to_lowercase().into(),
                description.into(),
                1.into(),
                Expr::cust(now),
                Expr::cust(now),
            ])
            .to_owned();
        manager.execute(team).await?;
        let role = Query::insert()
            .into_table("team_role")
            .columns(["team_id", "role"])
            .values_panic([id.into(), role.into()])
            .to_owned();
        manager.execute(role).await?;
    }
    Ok(())
}

/// Adds shares, and owners that are teams, to pipelines.
async fn pipelines(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A team that owns the pipeline stands above its owner, who is the person that gave it to the team.
    let owner = ColumnDef::new("owner_team_id").uuid().extra("REFERENCES team (id)").take();
    manager.alter_table(Table::alter().table("pipeline").add_column(owner).to_owned()).await?;
    let personal = boolean("personal").default(false).take();
    manager.alter_table(Table::alter().table("pipeline").add_column(personal).to_owned()).await?;
    index(manager, "pipeline_owner_team", "pipeline", &["owner_team_id"]).await?;

    let table = Table::create()
        .table("pipeline_share")
        .col(uuid("id").primary_key())
        .col(uuid("pipeline_id"))
        .col(uuid_null("person_id"))
        .col(uuid_null("team_id"))
        // The platform's AccessRights, added up.
        .col(integer("rights").check(Expr::col("rights").gte(1)))
        .foreign_key(&mut cascade("pipeline_share", "pipeline_id", "pipeline"))
        .foreign_key(&mut cascade("pipeline_share", "person_id", "person"))
        .foreign_key(&mut cascade("pipeline_share", "team_id", "team"))
        .check(Expr::cust("(person_id IS NULL) <> (team_id IS NULL)"))
        .to_owned();
    manager.create_table(table).await?;
    for (name, columns) in
        [("pipeline_share_person", ["person_id", "pipeline_id"]), ("pipeline_share_team", ["team_id", "pipeline_id"])]
    {
        let mut unique = Index::create().name(name).table("pipeline_share").unique().take();
        for column in columns {
            unique.col(column);
        }
        manager.create_index(unique).await?;
    }
    index(manager, "pipeline_share_pipeline", "pipeline_share", &["pipeline_id"]).await
}

async fn environment_roles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("environment_role")
        .col(uuid("id").primary_key())
        .col(uuid("environment_id"))
        .col(uuid_null("person_id"))
        .col(uuid_null("team_id"))
        .col(string_len("role", 40).check(Expr::col("role").is_in([
            "system-administrator",
            "system-customizer",
            "environment-maker",
            "basic-user",
        ])))
        .foreign_key(&mut cascade("environment_role", "environment_id", "built_in_environment"))
        .foreign_key(&mut cascade("environment_role", "person_id", "person"))
        .foreign_key(&mut cascade("environment_role", "team_id", "team"))
        .check(Expr::cust("(person_id IS NULL) <> (team_id IS NULL)"))
        .to_owned();
    manager.create_table(table).await?;
    for (name, principal) in [("environment_role_person", "person_id"), ("environment_role_team", "team_id")] {
        let unique = Index::create()
            .name(name)
            .table("environment_role")
            .col("environment_id")
            .col(principal)
            .col("role")
            .unique()
            .to_owned();
        manager.create_index(unique).await?;
    }
    index(manager, "environment_role_of_person", "environment_role", &["person_id"]).await?;
    index(manager, "environment_role_of_team", "environment_role", &["team_id"]).await
}

/// Stages that deploy as somebody else than who asks, and runs that say as whom.
async fn delegation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let person = |name: &'static str| ColumnDef::new(name).uuid().extra("REFERENCES person (id)").take();
    // The platform's delegateddeploymenttype: 1 stage owner, 2 service principal; none where it is not delegated.
    let delegated = ColumnDef::new("delegated_type").integer().check(Expr::col("delegated_type").is_in([1, 2])).take();
    for column in [delegated, person("delegate_id")] {
        manager.alter_table(Table::alter().table("stage").add_column(column).to_owned()).await?;
    }
    for column in [uuid_null("run_as"), string_len_null("run_as_name", 400)] {
        manager.alter_table(Table::alter().table("stage_run").add_column(column).to_owned()).await?;
    }
    Ok(())
}

async fn keep_what_people_could_do(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let users = |table: &str, columns: &[&'static str], select: SelectStatement| {
        let mut insert = Query::insert().into_table(table.to_owned()).columns(columns.iter().copied()).take();
        insert.select_from(select).map(InsertStatement::take).map_err(|error| DbErr::Custom(error.to_string()))
    };
    let members = Query::select()
        .expr(Expr::value(USERS))
        .column("person_id")
        .from("person_role")
        .and_where(Expr::col("role").eq("pipeline-user"))
        .take();
    manager.execute(users("team_member", &["team_id", "person_id"], members)?).await?;
    // The id of a pipeline or an environment serves as the id of its first share, too: it is as unique.
    let shares = Query::select()
        .column("id")
        .column("id")
        .expr(Expr::value(USERS))
        .expr(Expr::value(READ))
        .from("pipeline")
        .take();
    manager.execute(users("pipeline_share", &["id", "pipeline_id", "team_id", "rights"], shares)?).await?;
    let roles = Query::select()
        .column("id")
        .column("id")
        .expr(Expr::value(USERS))
        .expr(Expr::value("system-customizer"))
        .from("built_in_environment")
        .take();
    manager.execute(users("environment_role", &["id", "environment_id", "team_id", "role"], roles)?).await
}

/// The audit log, to which rows are added and never anything else.
async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("audit_entry")
        .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
        .col(big_integer("at"))
        // No foreign key: what was done outlasts who did it.
        .col(uuid_null("actor_id"))
        .col(text("actor_name"))
        .col(string_len("through", 20).check(Expr::col("through").is_in(["session", "token", "system"])))
        .col(string_len_null("through_id", 100))
        .col(string_len("action", 60))
        .col(string_len("subject_kind", 60))
        .col(string_len_null("subject_id", 100))
        .col(text("subject_name"))
        .col(text("changes"))
        .col(string_len("outcome", 20).check(Expr::col("outcome").is_in(["allowed", "refused"])))
        .col(text_null("reason"))
        .col(string_len_null("remote_address", 100))
        .col(string_len_null("request_id", 100))
        .to_owned();
    manager.create_table(table).await?;
    for (name, column) in [
        ("audit_entry_at", "at"),
        ("audit_entry_actor", "actor_id"),
        ("audit_entry_action", "action"),
        ("audit_entry_subject", "subject_id"),
    ] {
        index(manager, name, "audit_entry", &[column, "id"]).await?;
    }
    let statements: &[&str] = if manager.get_database_backend() == DbBackend::Sqlite {
        &[
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry \
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
            "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry \
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        ]
    } else {
        &[
            "CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry \
             FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()",
        ]
    };
    for sql in statements {
        run(manager, sql).await?;
    }
    Ok(())
}
