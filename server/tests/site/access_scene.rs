//! The scene of the access table: a pipeline and everything around it, and everybody in a browser of their own.

use crate::{
    bed::{Bed, Browser},
    contoso::{Contoso, customizer, record},
};
use model::{
    access::{AccessRight, AccessRights, Principal},
    id::TeamId,
    team::Membership,
    user::{Role, Roles},
};
use pipelines::{
    Caller,
    dataverse_connection::{self, ConnectionFields},
    pipeline::{
        self, NewPipeline,
        personal::{self, PersonalForm},
    },
    secret::Secret,
    stage_run,
    team::{self, TeamForm},
    webhook::{self, WebhookFields},
};

/// What stands in the scene, by the names that the table uses for it.
pub struct Scene {
    names: Vec<(&'static str, String)>,
}

impl Scene {
    /// A text of the table with ids in the place of names.
    pub fn fill(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("<{name}>"), id))
    }
}

async fn member(bed: &Bed, ada: &Caller, name: &str, administrator: Option<&Caller>) -> TeamId {
    let form = TeamForm {
        name: name.to_owned(),
        description: String::new(),
        administrator: administrator.map(|person| person.user),
        roles: Role::PipelineUser.into(),
        membership: Membership::Local,
    };
    team::create(bed.host(), ada, &form).await.unwrap()
}

/// The scene, and a browser for everybody in the order of the table's columns.
pub async fn scene(bed: &Bed) -> (Scene, Vec<Browser>) {
    let contoso = Contoso::new(bed).await;
    let (host, ada) = (bed.host(), &contoso.ada);
    let run = contoso.run(bed).await;
    let share = async |with: &Caller, rights: AccessRights| {
        pipeline::share::share(host, ada, contoso.pipeline, Principal::Person(with.user), rights).await.unwrap();
    };
    let nobody_yet = bed.person("norole", Roles::NONE).await;
    // A share without a role is worth nothing.
    share(&nobody_yet, AccessRights::ALL).await;
    let stranger = bed.person("stranger", Roles::NONE).await;
    let outsider = bed.person("outsider", Roles::USER).await;
    let writer = bed.person("writer", Roles::USER).await;
    share(&writer, AccessRights::from(AccessRight::Read).with(AccessRight::Write)).await;
    customizer(bed, ada, contoso.development, &writer).await;
    // A role in an environment is worth nothing without a pipeline to it.
    customizer(bed, ada, contoso.development, &outsider).await;
    let other = bed.person("other", Roles::USER).await;
    let theirs = member(bed, ada, "Theirs", Some(&other)).await;
    team::add_member(host, ada, theirs, other.user).await.unwrap();
    let new = NewPipeline { name: "Theirs".to_owned(), description: String::new(), owner: ada.user };
    let their_pipeline = pipeline::create(host, ada, &new).await.unwrap();
    pipeline::share::assign(host, ada, their_pipeline, Principal::Team(theirs)).await.unwrap();
    let team = member(bed, ada, "Ours", None).await;
    let target = pipeline::get(host, ada, contoso.pipeline).await.unwrap().stages[0].target;
    let form =
        PersonalForm { name: "Mine".to_owned(), description: String::new(), target: Some(target), second_target: None };
    let personal = personal::create(host, ada, contoso.development, &form).await.unwrap();

    let package = crate::contoso::package("Imported");
    let stored = host.packages().put(futures::stream::iter([Ok::<_, std::io::Error>(package.into())])).await.unwrap();
    let import = pipelines::solution::import(host, ada, contoso.development, stored).await.unwrap();

    let mut browsers = vec![bed.browser()];
    for caller in [&nobody_yet, &outsider, &contoso.mia, &writer, &other, ada] {
        browsers.push(bed.signed_in(caller).await);
    }
    // Nobody answers there, at once.
    let fields = ConnectionFields {
        name: "Contoso".to_owned(),
        url: "http://127.0.0.1:9".to_owned(),
        tenant: "contoso.com".to_owned(),
        client_id: "client".to_owned(),
        authority: "http://127.0.0.1:9".to_owned(),
        client_secret: Secret::from("secret"),
        certificate: Secret::default(),
        key: Secret::default(),
    };
    let id = "8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b";
    let connection = dataverse_connection::create(host, ada, id, &fields).await.unwrap();
    let fields = WebhookFields {
        name: "Operations".to_owned(),
        url: "https://hooks.contoso.com".to_owned(),
        secret: Secret::default(),
        form: "event".to_owned(),
        events: vec!["OnDeploymentCompleted".to_owned()],
        pipeline: String::new(),
        active: true,
    };
    let (webhook, _) = webhook::create(host, ada, &fields).await.unwrap();
    let delivery = webhook::delivery::send_test(host, ada, webhook).await.unwrap();
    let names = vec![
        ("webhook", webhook.to_string()),
        ("delivery", delivery.to_string()),
        ("development", contoso.development.to_string()),
        ("record", record(bed, ada, contoso.development).await.to_string()),
        ("pipeline", contoso.pipeline.to_string()),
        ("personal", personal.to_string()),
        ("stage", contoso.stage.to_string()),
        ("run", run.to_string()),
        ("import", import.to_string()),
        ("person", outsider.user.to_string()),
        ("stranger", stranger.user.to_string()),
        ("administrator", ada.user.to_string()),
        ("team", team.to_string()),
        ("connection", connection.to_string()),
        ("nothing", "00000000-0000-4000-8000-000000000404".to_owned()),
    ];
    assert_eq!(stage_run::get(host, &contoso.mia, run).await.unwrap().id, run);
    (Scene { names }, browsers)
}
