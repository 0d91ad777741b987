//! What the Web API started in an environment: operations under ids of their own, and the packages they work on.

use super::{
    BuiltIn, column,
    entity::{operation, upload},
    import_job,
    organization::MOST_LISTED,
};
use crate::{EnvironmentError, Import, ImportJob, ImportMode, StoredPackage, port::Result};
use model::{ErrorCode, Timestamp, id::EnvironmentId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// How long an uploaded package is kept to be imported or downloaded.
const UPLOAD_KEPT: Duration = Duration::from_hours(24);

/// How long an operation stays in the log.
const OPERATION_KEPT: Duration = Duration::from_hours(24 * 30);

/// An operation (the platform's `asyncoperation`).
#[derive(Clone, Debug)]
pub struct Operation {
    /// `asyncoperationid`.
    pub id: Uuid,
    /// The platform's `operationtype`.
    pub operation_type: i32,
    /// The message that started it, such as `ImportSolutionAsync`.
    pub message_name: String,
    /// Name for people.
    pub name: String,
    /// The import it is, if it is one.
    pub import: Option<ImportJob>,
    /// The platform's code of a failure.
    pub code: Option<ErrorCode>,
    /// Why it failed; empty otherwise.
    pub message: String,
    /// When it began.
    pub created: Timestamp,
    /// When it ended.
    pub completed: Option<Timestamp>,
}

/// An operation that has ended already when it is written down.
#[derive(Clone, Copy, Debug)]
pub struct DoneOperation<'a> {
    /// The platform's `operationtype`.
    pub operation_type: i32,
    /// The message that started it.
    pub message_name: &'a str,
    /// Name for people.
    pub name: &'a str,
    /// Why it failed, if it did.
    pub failure: Option<&'a EnvironmentError>,
}

impl BuiltIn {
    /// Keeps a package for an import or a download that comes later. Returns its id.
    pub async fn keep_upload(&self, id: EnvironmentId, package: &StoredPackage) -> Result<Uuid> {
        let (database, now) = (&self.shared.database, self.shared.now());
        super::find(database, id).await?;
        upload::Entity::delete_many()
            .filter(upload::Column::EnvironmentId.eq(id.0))
            .filter(upload::Column::Created.lt(before(now, UPLOAD_KEPT)))
            .exec(database)
            .await?;
        let upload = self.shared.ids.next();
        let row = upload::ActiveModel {
            id: Set(upload),
            environment_id: Set(id.0),
            package_sha256: Set(package.sha256.clone()),
            package_bytes: Set(column(package.bytes)),
            created: Set(now.0),
        };
        upload::Entity::insert(row).exec_without_returning(database).await?;
        Ok(upload)
    }

    /// A package that was kept; none once it is too old.
    pub async fn upload(&self, id: EnvironmentId, upload: Uuid) -> Result<Option<StoredPackage>> {
        let row = upload::Entity::find_by_id(upload)
            .filter(upload::Column::EnvironmentId.eq(id.0))
            .filter(upload::Column::Created.gte(before(self.shared.now(), UPLOAD_KEPT)))
            .one(&self.shared.database)
            .await?;
        Ok(row.map(StoredPackage::from))
    }

    /// Starts an import in one of the platform's ways. The same job again is fine.
    pub async fn start_import(&self, id: EnvironmentId, import: &Import, mode: ImportMode) -> Result<()> {
        import_job::start(&self.shared, id, import, mode).await
    }

    /// Writes down that an import was started, and returns the operation's id: the same one for the same job.
    pub async fn begin_operation(
        &self,
        id: EnvironmentId,
        operation_type: i32,
        message_name: &str,
        job: model::id::ImportJobId,
    ) -> Result<Uuid> {
        let known = operation::Entity::find()
            .filter(operation::Column::EnvironmentId.eq(id.0))
            .filter(operation::Column::ImportJob.eq(job.0))
            .one(&self.shared.database)
            .await?;
        if let Some(known) = known {
            return Ok(known.id);
        }
        let mut row = self.row(id, operation_type, message_name, "ImportSolution");
        row.import_job = Some(job.0);
        self.write_operation(id, row).await
    }

    /// Writes down an operation that has ended.
    pub async fn record_operation(&self, id: EnvironmentId, done: DoneOperation<'_>) -> Result<Uuid> {
        let mut row = self.row(id, done.operation_type, done.message_name, done.name);
        row.completed = Some(self.shared.now().0);
        if let Some(failure) = done.failure {
            row.code = Some(i64::from(failure.code().unwrap_or(ErrorCode::IMPORT_FAILED).0));
            row.message = failure.to_string();
        }
        self.write_operation(id, row).await
    }

    /// The latest operations, latest first.
    pub async fn operations(&self, id: EnvironmentId) -> Result<Vec<Operation>> {
        let database = &self.shared.database;
        super::find(database, id).await?;
        let rows = operation::Entity::find()
            .filter(operation::Column::EnvironmentId.eq(id.0))
            .order_by_desc(operation::Column::Created)
            .limit(MOST_LISTED)
            .all(database)
            .await?;
        let mut jobs: HashMap<Uuid, ImportJob> = HashMap::new();
        if rows.iter().any(|row| row.import_job.is_some()) {
            jobs.extend(self.import_jobs(id).await?.into_iter().map(|job| (job.id.0, job)));
        }
        Ok(rows.into_iter().map(|row| view(row, &mut jobs)).collect())
    }

    /// One operation. An import that lost its worker is taken up again.
    pub async fn operation(&self, id: EnvironmentId, operation: Uuid) -> Result<Option<Operation>> {
        let row = operation::Entity::find_by_id(operation)
            .filter(operation::Column::EnvironmentId.eq(id.0))
            .one(&self.shared.database)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut jobs = HashMap::new();
        if let Some(job) = row.import_job
            && let Some(found) = import_job::find(&self.shared, id, model::id::ImportJobId(job)).await?
        {
            jobs.insert(job, found);
        }
        Ok(Some(view(row, &mut jobs)))
    }

    fn row(&self, id: EnvironmentId, operation_type: i32, message_name: &str, name: &str) -> operation::Model {
        operation::Model {
            id: self.shared.ids.next(),
            environment_id: id.0,
            operation_type,
            message_name: message_name.to_owned(),
            name: name.to_owned(),
            import_job: None,
            code: None,
            message: String::new(),
            created: self.shared.now().0,
            completed: None,
        }
    }

    async fn write_operation(&self, id: EnvironmentId, row: operation::Model) -> Result<Uuid> {
        let database = &self.shared.database;
        operation::Entity::delete_many()
            .filter(operation::Column::EnvironmentId.eq(id.0))
            .filter(operation::Column::Created.lt(before(self.shared.now(), OPERATION_KEPT)))
            .exec(database)
            .await?;
        let operation = row.id;
        let values = operation::ActiveModel {
            id: Set(row.id),
            environment_id: Set(row.environment_id),
            operation_type: Set(row.operation_type),
            message_name: Set(row.message_name),
            name: Set(row.name),
            import_job: Set(row.import_job),
            code: Set(row.code),
            message: Set(row.message),
            created: Set(row.created),
            completed: Set(row.completed),
        };
        operation::Entity::insert(values).exec_without_returning(database).await?;
        Ok(operation)
    }
}

fn before(now: Timestamp, span: Duration) -> i64 {
    now.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

fn view(row: operation::Model, jobs: &mut HashMap<Uuid, ImportJob>) -> Operation {
    let import = row.import_job.and_then(|job| jobs.remove(&job));
    Operation {
        id: row.id,
        operation_type: row.operation_type,
        message_name: row.message_name,
        name: row.name,
        code: import
            .as_ref()
            .and_then(|job| job.code)
            .or_else(|| row.code.and_then(|code| u32::try_from(code).ok()).map(ErrorCode)),
        message: import
            .as_ref()
            .filter(|job| job.status == crate::ImportStatus::Failed)
            .map_or(row.message, |job| job.message.clone()),
        created: Timestamp(row.created),
        completed: import.as_ref().and_then(|job| job.ended).or(row.completed.map(Timestamp)),
        import,
    }
}
