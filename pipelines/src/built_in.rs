//! The environments Slipway keeps itself, as administrators look after them.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    deployment_environment, environment_role,
    field::{self, Fields},
};
use environment::{
    EnvironmentError,
    builtin::{ApplicationUser, NewApplicationUser},
};
use model::{
    SolutionVersion,
    audit::{AuditAction, AuditSubject},
    environment::{BuiltInEnvironment, EnvironmentProperties},
    id::EnvironmentId,
};
use sea_orm::entity::prelude::*;

/// Milliseconds an import may be made to take for each component, at most.
pub const SLOWEST_PACE: u32 = 10_000;

/// Languages an environment may have: the platform has fewer.
const MOST_LANGUAGES: usize = 100;
/// Extensions it may block.
const MOST_EXTENSIONS: usize = 200;
/// Megabytes of the largest file it may take: what a package may have at most.
const LARGEST_FILE: u32 = 1_024;

/// Every built-in environment, by name. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<BuiltInEnvironment>> {
    caller.require_administrator()?;
    Ok(host.built_in.list().await?)
}

/// One built-in environment. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<BuiltInEnvironment> {
    caller.require_administrator()?;
    Ok(host.built_in.get(id).await?)
}

/// Creates an empty one, of which the caller is System Administrator. `import_pace` is how many milliseconds an import
/// takes for each component. Administrators only.
///
/// Fields: `name`, `import_pace`.
pub async fn create(host: &Host, caller: &Caller, name: &str, import_pace: u32) -> Result<EnvironmentId> {
    access::configure(host, caller, || Entry::new(AuditAction::Create, AuditSubject::BuiltInEnvironment).named(name))
        .await?;
    let name = check(host, None, name, import_pace).await?;
    let id = EnvironmentId(host.ids.next());
    host.built_in.create(id, &name, import_pace).await.map_err(at_the_name)?;
    environment_role::give_creator(host, caller, id).await?;
    let entry =
        Entry::new(AuditAction::Create, AuditSubject::BuiltInEnvironment).of(id, &name).set("import_pace", import_pace);
    audit::record(host, &host.database, caller, entry).await?;
    Ok(id)
}

/// Changes name and pace of one. Administrators only.
///
/// Fields: `name`, `import_pace`.
pub async fn update(host: &Host, caller: &Caller, id: EnvironmentId, name: &str, import_pace: u32) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Update, AuditSubject::BuiltInEnvironment).of(id, name))
        .await?;
    let before = host.built_in.get(id).await?;
    let name = check(host, Some(id), name, import_pace).await?;
    host.built_in.update(id, &name, import_pace).await.map_err(at_the_name)?;
    let entry = Entry::new(AuditAction::Update, AuditSubject::BuiltInEnvironment)
        .of(id, &name)
        .field("name", &before.name, &name)
        .field("import_pace", before.import_pace, import_pace);
    audit::record(host, &host.database, caller, entry).await
}

/// What an environment is like and what it takes, as a form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyFields {
    /// Version of the platform; empty for the latest.
    pub platform_version: String,
    /// Language codes.
    pub languages: String,
    /// Extensions of files it does not take.
    pub blocked_extensions: String,
    /// Megabytes of the largest file.
    pub largest_file: String,
}

/// Says what an environment is like and what it takes. Administrators only.
///
/// Fields: `platform_version`, `languages`, `blocked_extensions`, `largest_file`.
pub async fn set_properties(host: &Host, caller: &Caller, id: EnvironmentId, given: &PropertyFields) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Update, AuditSubject::BuiltInEnvironment).of(id, ""))
        .await?;
    let properties = properties(given)?;
    let before = host.built_in.get(id).await?;
    host.built_in.set_properties(id, &properties).await?;
    let document = |properties: &EnvironmentProperties| serde_json::to_string(properties).unwrap_or_default();
    let entry = Entry::new(AuditAction::Update, AuditSubject::BuiltInEnvironment).of(id, &before.name).field(
        "properties",
        document(&before.properties),
        document(&properties),
    );
    audit::record(host, &host.database, caller, entry).await
}

/// Reads the fields.
fn properties(given: &PropertyFields) -> Result<EnvironmentProperties> {
    let mut fields = Fields::new();
    let version = given.platform_version.trim();
    let platform_version = (!version.is_empty()).then(|| version.parse::<SolutionVersion>());
    if matches!(platform_version, Some(Err(_))) {
        fields.problem("platform_version", "Enter a version such as 9.2.24105.178, or leave it empty for the latest.");
    }
    let words = |text: &str| -> Vec<String> {
        let words = text.split([',', ';', ' ', '\n', '\r', '\t']).map(str::trim).filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect()
    };
    let languages: Vec<_> = words(&given.languages).iter().map(|code| code.parse::<u32>()).collect();
    let codes: Vec<u32> = languages.iter().filter_map(|code| code.clone().ok()).collect();
    if codes.is_empty() || codes.len() != languages.len() || codes.len() > MOST_LANGUAGES {
        fields.problem("languages", "Enter the codes of the installed languages, such as 1033 1031.");
    }
    let blocked_extensions: Vec<String> =
        words(&given.blocked_extensions).iter().map(|word| word.trim_start_matches('.').to_owned()).collect();
    let is_extension = |word: &String| !word.is_empty() && word.len() <= 20 && !word.contains(['.', '/', '\\']);
    if blocked_extensions.len() > MOST_EXTENSIONS || !blocked_extensions.iter().all(is_extension) {
        fields.problem("blocked_extensions", format!("Enter at most {MOST_EXTENSIONS} extensions such as exe bat."));
    }
    let largest_file_megabytes =
        given.largest_file.trim().parse().ok().filter(|size| (1..=LARGEST_FILE).contains(size));
    if largest_file_megabytes.is_none() {
        fields.problem("largest_file", format!("Enter a whole number of megabytes from 1 to {LARGEST_FILE}."));
    }
    fields.finish()?;
    Ok(EnvironmentProperties {
        platform_version: platform_version.and_then(std::result::Result::ok),
        languages: codes,
        blocked_extensions,
        largest_file_megabytes: largest_file_megabytes.unwrap_or(LARGEST_FILE),
    })
}

/// Empties one: its solutions, connections and values go, its name and the mark of its record stay. Administrators
/// only.
pub async fn reset(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Reset, AuditSubject::BuiltInEnvironment).of(id, ""))
        .await?;
    let name = host.built_in.get(id).await?.name;
    host.built_in.reset(id).await?;
    let entry = Entry::new(AuditAction::Reset, AuditSubject::BuiltInEnvironment).of(id, name);
    audit::record(host, &host.database, caller, entry).await
}

/// Deletes one with all that is in it. Refused while a record of the host stands for it. Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<()> {
    access::configure(host, caller, || Entry::new(AuditAction::Delete, AuditSubject::BuiltInEnvironment).of(id, ""))
        .await?;
    let record = deployment_environment::entity::Entity::find()
        .filter(deployment_environment::entity::Column::EnvironmentId.eq(id.0))
        .one(&host.database)
        .await?;
    if let Some(record) = record {
        return Err(Error::Refused(format!(
            "This environment cannot be deleted, because the environment record “{}” stands for it. Delete that record \
             first.",
            record.name
        )));
    }
    let name = host.built_in.get(id).await?.name;
    host.built_in.delete(id).await?;
    let entry = Entry::new(AuditAction::Delete, AuditSubject::BuiltInEnvironment).of(id, name);
    audit::record(host, &host.database, caller, entry).await
}

/// The applications that may use the Web API of one, by name. Administrators only.
pub async fn application_users(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<Vec<ApplicationUser>> {
    caller.require_administrator()?;
    Ok(host.built_in.application_users(id).await?)
}

/// Registers an application for the Web API of one. The secret is told once. Administrators only.
///
/// Fields: `name`.
pub async fn add_application_user(
    host: &Host,
    caller: &Caller,
    id: EnvironmentId,
    name: &str,
) -> Result<NewApplicationUser> {
    let entry = || Entry::new(AuditAction::Update, AuditSubject::BuiltInEnvironment).of(id, "");
    access::configure(host, caller, entry).await?;
    let added = host.built_in.add_application_user(id, name).await.map_err(at_the_name)?;
    audit::record(host, &host.database, caller, entry().set("application_user", name)).await?;
    Ok(added)
}

/// Removes an application; what it holds is good for nothing from then on. Administrators only.
pub async fn remove_application_user(host: &Host, caller: &Caller, id: EnvironmentId, client: Uuid) -> Result<()> {
    let entry = || Entry::new(AuditAction::Update, AuditSubject::BuiltInEnvironment).of(id, "");
    access::configure(host, caller, entry).await?;
    host.built_in.remove_application_user(id, client).await?;
    audit::record(host, &host.database, caller, entry().gone("application_user", client)).await
}

async fn check(host: &Host, id: Option<EnvironmentId>, name: &str, import_pace: u32) -> Result<String> {
    let mut fields = Fields::new();
    let name = fields.name(name);
    if import_pace > SLOWEST_PACE {
        fields.problem("import_pace", format!("Enter at most {SLOWEST_PACE} milliseconds."));
    }
    let others = host.built_in.list().await?;
    if others.iter().any(|other| Some(other.id) != id && field::key(&other.name) == field::key(&name)) {
        fields.problem("name", format!("There is a built-in environment named “{name}” already. Choose another name."));
    }
    fields.finish()?;
    Ok(name)
}

/// What is refused after the checks is a name that somebody else took at the same moment.
fn at_the_name(error: EnvironmentError) -> Error {
    match error {
        EnvironmentError::Refused { message, .. } => Error::field("name", message),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn given(version: &str, languages: &str, blocked: &str, largest: &str) -> PropertyFields {
        PropertyFields {
            platform_version: version.to_owned(),
            languages: languages.to_owned(),
            blocked_extensions: blocked.to_owned(),
            largest_file: largest.to_owned(),
        }
    }

    #[test]
    fn properties_are_read_as_people_write_them() {
        let read = properties(&given(" 9.2.1.0 ", "1033, 1031", ".EXE;bat\n js", "5")).unwrap();
        assert_eq!(read.platform_version, Some("9.2.1.0".parse().unwrap()));
        assert_eq!(read.languages, [1033, 1031]);
        assert_eq!(read.blocked_extensions, ["exe", "bat", "js"]);
        assert_eq!(read.largest_file_megabytes, 5);
        assert_eq!(properties(&given("", "1033", "", "128")).unwrap().platform_version, None);
    }

    #[test]
    fn every_field_says_what_it_must_hold() {
        let Error::Invalid(problems) = properties(&given("new", "English", "a/b", "0")).unwrap_err() else { panic!() };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["platform_version", "languages", "blocked_extensions", "largest_file"]);
    }
}
