//! No secret is kept as it is, and none gets into the log.

use app::context::{SIGNED_IN, SignedIn};
use model::{environment::EnvironmentType, id::EnvironmentId, token::Scope, user::Roles};
use pipelines::{
    Caller, Origin, built_in,
    dataverse_connection::{self, ConnectionFields},
    deployment_environment::{self, NewDeploymentEnvironment},
    secret::{ExposeSecret, Secret},
    sign_in::{self, Attempt, NewPending},
    token::{self, NewToken},
    user,
};
use slipway_server::{configuration::Configuration, host, secret_keys, session_store::DatabaseSessions};
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tower_sessions::Session;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

const PASSWORD: &str = "a password that is found nowhere else";
const MISTYPED: &str = "a password that was mistyped";
const DATAVERSE: &str = "the client secret of a Dataverse environment";
const CONNECTED: &str = "the client secret of an environment that was connected";
const STATE: &str = "the state of a sign-in that goes to a provider";
const NONCE: &str = "the nonce of a sign-in that goes to a provider";
const VERIFIER: &str = "the PKCE verifier of a sign-in that goes to a provider";
const BROWSER: &str = "what the browser keeps of a sign-in";

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The files of a folder in which secrets may not be: all but those that an administrator writes them into, and the key.
fn kept(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(kept(&path));
        } else if name != "dataverse.toml" && name != secret_keys::FILE {
            files.push((name, std::fs::read(&path).unwrap()));
        }
    }
    files
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

// On one thread, so that the log of all of it comes here.
#[tokio::test]
async fn no_secret_is_in_the_database_file_or_in_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false).with_writer(log.clone());
    let logging = tracing::subscriber::set_default(subscriber.finish());
    let folder = tempfile::tempdir().unwrap();
    let configuration = Configuration::from_sources(None, &|name| {
        (name == "SLIPWAY_DATA").then(|| folder.path().display().to_string())
    })
    .unwrap();
    let id: EnvironmentId = "8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b".parse().unwrap();
    // Nobody listens there, so that the client has something to complain of.
    let dataverse = format!(
        "[[environment]]\nid = \"{id}\"\nurl = \"http://127.0.0.1:9\"\ntenant = \"contoso.com\"\nclient_id = \"c\"\nclient_secret = \"{DATAVERSE}\"\nauthority = \"http://127.0.0.1:9\"\n"
    );
    std::fs::write(folder.path().join("dataverse.toml"), dataverse).unwrap();
    let opened = host::open(&configuration).await.unwrap();
    let host = &opened.host;
    let mut secrets: Vec<String> =
        [PASSWORD, MISTYPED, DATAVERSE, CONNECTED, STATE, NONCE, VERIFIER, BROWSER].map(str::to_owned).into();

    // Passwords.
    let (person, one_time) = user::create_first(host, "ada", "Ada Lovelace", Roles::ADMINISTRATOR).await.unwrap();
    let (ada, _) = user::visitor(host, person.id).await.unwrap().unwrap();
    user::change_password(host, &ada, &one_time.to_string(), PASSWORD).await.unwrap();
    secrets.push(one_time.to_string());
    let origin = Origin::system();
    let attempt = |password| Attempt { user_name: "ada", password, browser: None, origin: &origin };
    sign_in::with_password(host, attempt(MISTYPED)).await.unwrap_err();
    sign_in::with_password(host, attempt(PASSWORD)).await.unwrap();
    let (_, reset) = user::create(
        host,
        &ada,
        &user::NewUser { user_name: "mia".to_owned(), display_name: "Mia".to_owned(), roles: Roles::USER },
    )
    .await
    .unwrap();
    secrets.push(reset.to_string());

    // Sessions.
    let store = DatabaseSessions::new(host.clone(), Duration::from_hours(1), Duration::from_hours(2));
    let session = Session::new(None, Arc::new(store), None);
    let signed_in = SignedIn {
        user: ada.user,
        at: model::Timestamp(0),
        method: "Password".to_owned(),
        address: String::new(),
        device: "Unknown browser".to_owned(),
        roles: ada.roles,
    };
    session.insert(SIGNED_IN, signed_in).await.unwrap();
    session.save().await.unwrap();
    secrets.push(session.id().unwrap().to_string());

    // Tokens of programs, and what they know of Slipway.
    let new = NewToken { name: "Nightly".to_owned(), scopes: vec![Scope::Read], days: Some(1) };
    let (_, text) = token::create(host, &ada, &new, PASSWORD).await.unwrap();
    token::recognise(host, &text, &origin).await.unwrap();
    secrets.push(text.expose_secret().to_owned());
    let environment = built_in::create(host, &ada, "Contoso", 0).await.unwrap();
    let application = built_in::add_application_user(host, &ada, environment, "Build").await.unwrap();
    let issued = opened.built_in.issue_token(application.id, &application.secret).await.unwrap().unwrap();
    secrets.extend([application.secret.clone(), issued]);

    // A Dataverse environment that an administrator has connected.
    let connection = ConnectionFields {
        name: "Contoso".to_owned(),
        url: "http://127.0.0.1:9".to_owned(),
        tenant: "contoso.com".to_owned(),
        client_id: "c".to_owned(),
        authority: "http://127.0.0.1:9".to_owned(),
        client_secret: Secret::from(CONNECTED),
        certificate: Secret::default(),
        key: Secret::default(),
    };
    let other = "8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2c";
    let other = dataverse_connection::create(host, &ada, other, &connection).await.unwrap();
    let trial = dataverse_connection::try_out(host, &ada, other).await.unwrap();
    assert!(!format!("{trial:?}").contains(CONNECTED), "{trial:?}");

    // A sign-in under way.
    let pending = NewPending {
        state: STATE,
        browser: BROWSER,
        provider: "contoso",
        nonce: NONCE,
        verifier: VERIFIER,
        next: "/",
        person: None,
        address: None,
    };
    sign_in::begin(host, pending).await.unwrap();

    // An environment that does not answer.
    validate(host, &ada, id).await;
    let (told, _) = host::check_dataverse(&configuration).await.unwrap();
    assert!(!contains(told.as_bytes(), DATAVERSE), "{told}");

    // The keys themselves stand in their file and nowhere else.
    let keys = std::fs::read_to_string(folder.path().join(secret_keys::FILE)).unwrap();
    secrets.extend(keys.split(['"', '\n', ' ', ':', '=', ',']).filter(|word| word.len() > 30).map(str::to_owned));
    assert!(secrets.len() >= 15, "there is a key in {keys}");

    drop(logging);
    let files = kept(folder.path());
    assert!(files.iter().any(|(name, _)| name.ends_with(".sqlite")), "{files:?}");
    assert!(files.iter().any(|(_, bytes)| contains(bytes, "Ada Lovelace")), "what is no secret is found");
    let log = log.0.lock().unwrap().clone();
    assert!(contains(&log, "connecting to 127.0.0.1:9"), "what was done is logged: {}", String::from_utf8_lossy(&log));
    for secret in &secrets {
        for (name, bytes) in &files {
            assert!(!contains(bytes, secret), "{secret} is in {name}");
        }
        assert!(!contains(&log, secret), "{secret} is in the log");
    }
}

async fn validate(host: &pipelines::Host, caller: &Caller, id: EnvironmentId) {
    let new = NewDeploymentEnvironment {
        name: "Dataverse".to_owned(),
        description: String::new(),
        owner: caller.user,
        kind: EnvironmentType::Target,
        environment_id: id.to_string(),
    };
    let record = deployment_environment::create(host, caller, &new).await.unwrap();
    deployment_environment::validate_pending(host).await.unwrap();
    let record = deployment_environment::get(host, caller, record).await.unwrap();
    assert!(!record.error_message.is_empty());
}
