//! The imports that were started in Dataverse environments, written down before they are.

use crate::port::Result;
use model::{
    Timestamp,
    id::{EnvironmentId, ImportJobId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dataverse_import")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub job: Uuid,
        pub environment_id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub solution: String,
        /// When the request that starts the import was sent.
        pub sent: i64,
        /// The environment's own key of the import job, once it said it.
        pub import_job: Option<Uuid>,
        pub operation: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) use entity::Model as Entry;

/// The journal.
#[derive(Clone, Debug)]
pub(super) struct Journal(pub DatabaseConnection);

impl Journal {
    /// What is written about a job.
    pub async fn find(&self, environment: EnvironmentId, job: ImportJobId) -> Result<Option<Entry>> {
        let query = entity::Entity::find_by_id(job.0).filter(entity::Column::EnvironmentId.eq(environment.0));
        Ok(query.one(&self.0).await?)
    }

    /// Writes down that a job is about to be started; again where it is known already and was not heard of since.
    pub async fn begin(
        &self,
        environment: EnvironmentId,
        job: ImportJobId,
        solution: &str,
        now: Timestamp,
    ) -> Result<()> {
        let row = entity::ActiveModel {
            job: Set(job.0),
            environment_id: Set(environment.0),
            solution: Set(solution.to_owned()),
            sent: Set(now.0),
            import_job: Set(None),
            operation: Set(None),
        };
        let again = OnConflict::column(entity::Column::Job).update_column(entity::Column::Sent).to_owned();
        entity::Entity::insert(row).on_conflict(again).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Writes down under which keys the environment has a job.
    pub async fn started(&self, job: ImportJobId, import_job: Uuid, operation: Option<Uuid>) -> Result<()> {
        entity::Entity::update_many()
            .col_expr(entity::Column::ImportJob, Expr::value(import_job))
            .col_expr(entity::Column::Operation, Expr::value(operation))
            .filter(entity::Column::Job.eq(job.0))
            .exec(&self.0)
            .await?;
        Ok(())
    }

    /// Takes back that a job was about to be started: the environment refused it.
    pub async fn refused(&self, job: ImportJobId) -> Result<()> {
        entity::Entity::delete_many()
            .filter(entity::Column::Job.eq(job.0))
            .filter(entity::Column::ImportJob.is_null())
            .exec(&self.0)
            .await?;
        Ok(())
    }
}
