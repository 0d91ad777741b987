//! Records for the tests of these pages.

use model::{
    Timestamp,
    environment::{DeploymentEnvironment, EnvironmentType, ValidationStatus},
    event::EventName,
    id::{DeliveryId, DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId, UserId, WebhookId},
    pipeline::{Pipeline, Stage},
    user::{Person, Roles},
    webhook::{Delivery, DeliveryStatus, Webhook, WebhookForm},
};
use uuid::Uuid;

/// An administrator with a number.
pub fn person(number: u128) -> Person {
    Person {
        id: UserId(Uuid::from_u128(number)),
        user_name: format!("person{number}"),
        display_name: format!("Person {number}"),
        roles: Roles::ADMINISTRATOR,
        is_service: false,
        must_change_password: false,
        enabled: true,
        password_set: Timestamp(0),
    }
}

/// A development environment.
pub fn environment(name: &str) -> DeploymentEnvironment {
    DeploymentEnvironment {
        id: DeploymentEnvironmentId(Uuid::from_u128(10)),
        name: name.to_owned(),
        description: String::new(),
        kind: EnvironmentType::Development,
        environment_id: EnvironmentId(Uuid::from_u128(11)),
        owner: UserId(Uuid::from_u128(1)),
        owner_name: "Ada Lovelace".to_owned(),
        validation: ValidationStatus::Success,
        error_message: String::new(),
        active: true,
        row_version: 1,
        modified: Timestamp(0),
    }
}

/// A pipeline from *Contoso Dev* through stages with these names and targets.
pub fn pipeline(stages: &[(&str, &str)]) -> Pipeline {
    let pipeline = PipelineId(Uuid::from_u128(100));
    let mut previous = None;
    let stages = stages
        .iter()
        .zip(200_u128..)
        .map(|((name, target), number)| {
            let id = StageId(Uuid::from_u128(number));
            Stage {
                id,
                pipeline,
                name: (*name).to_owned(),
                description: String::new(),
                previous: previous.replace(id),
                target: DeploymentEnvironmentId(Uuid::from_u128(number + 100)),
                target_name: (*target).to_owned(),
                target_environment: EnvironmentId(Uuid::from_u128(number + 200)),
                delegation: None,
                row_version: 1,
            }
        })
        .collect();
    Pipeline {
        id: pipeline,
        name: "Contoso".to_owned(),
        description: String::new(),
        owner: UserId(Uuid::from_u128(1)),
        owner_name: "Ada Lovelace".to_owned(),
        personal: false,
        active: true,
        redeployment: false,
        development_environments: vec![environment("Contoso Dev")],
        stages,
        obstacles: Vec::new(),
        row_version: 1,
    }
}

/// A webhook that is told of everything.
pub fn webhook() -> Webhook {
    Webhook {
        id: WebhookId(Uuid::from_u128(30)),
        name: "Operations".to_owned(),
        url: "https://hooks.contoso.com/slipway?sig=hidden".to_owned(),
        origin: "https://hooks.contoso.com".to_owned(),
        form: WebhookForm::Event,
        events: EventName::ALL.to_vec(),
        pipeline: None,
        active: true,
        row_version: 1,
        modified: (Timestamp(0), "Ada Lovelace".to_owned()),
    }
}

/// A delivery that waits.
pub fn delivery() -> Delivery {
    Delivery {
        id: DeliveryId(Uuid::from_u128(31)),
        webhook: WebhookId(Uuid::from_u128(30)),
        event: EventName::DeploymentStarted.name().to_owned(),
        run: None,
        status: DeliveryStatus::Waiting,
        tries: 0,
        outcome: String::new(),
        created: Timestamp(0),
        due: None,
    }
}
