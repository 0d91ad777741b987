//! The whole process: first start, next start, shutdown.

use pipelines::sign_in::{self, Attempt};
use slipway_server::{
    accounts,
    configuration::Configuration,
    host,
    serve::{ServeError, serve},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

struct Process {
    told: Arc<Mutex<String>>,
    shutdown: CancellationToken,
    serving: JoinHandle<Result<(), ServeError>>,
}

fn configuration(data: &Path, variables: &[(&str, &str)]) -> Configuration {
    Configuration::from_sources(None, &|name| match name {
        "SLIPWAY_DATA" => Some(data.display().to_string()),
        "SLIPWAY_PORT" => Some("0".to_owned()),
        name => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
    })
    .unwrap()
}

impl Process {
    fn start(data: &Path, variables: &[(&str, &str)]) -> Self {
        let configuration = configuration(data, variables);
        let told = Arc::new(Mutex::new(String::new()));
        let shutdown = CancellationToken::new();
        let (tell, stop) = (told.clone(), shutdown.clone());
        let serving =
            tokio::spawn(async move { serve(&configuration, stop, |text| tell.lock().unwrap().push_str(text)).await });
        Self { told, shutdown, serving }
    }

    /// The address it listens on, once it does.
    async fn address(&self) -> String {
        crate::contoso::until(async || {
            let told = self.told.lock().unwrap().clone();
            assert!(!self.serving.is_finished(), "{told}");
            let (_, rest) = told.split_once("Slipway listens on ")?;
            rest.split_once(". ").map(|(address, _)| address.to_owned())
        })
        .await
    }

    fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }

    async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(30), self.serving).await.expect("an end in time").unwrap().unwrap();
    }
}

async fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_first_start_tells_a_password_once_and_the_next_one_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");

    let first = Process::start(&data, &[]);
    let address = first.address().await;
    assert!(first.told().contains("administrator  name admin  password "), "{}", first.told());
    assert!(ask(&address, "/health/ready").await.ends_with("ready\n"));
    assert!(ask(&address, "/").await.starts_with("HTTP/1.1 303"));
    first.stop().await;
    assert!(TcpStream::connect(&address).await.is_err(), "nothing listens any more");

    let second = Process::start(&data, &[]);
    second.address().await;
    assert!(!second.told().contains("password"), "{}", second.told());
    second.stop().await;

    let host = host::open(&configuration(&data, &[])).await.unwrap().host;
    assert_eq!(pipelines::user::count(&host).await.unwrap(), 1);
}

#[tokio::test]
async fn the_demo_comes_with_its_accounts_and_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = Process::start(folder.path(), &[("SLIPWAY_DEMO", "true")]);
    first.address().await;
    let told = first.told();
    assert!(told.contains("administrator  name ") && told.contains("maker          name "), "{told}");
    first.stop().await;

    let second = Process::start(folder.path(), &[("SLIPWAY_DEMO", "true")]);
    second.address().await;
    assert!(!second.told().contains("password"), "{}", second.told());
    second.stop().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_costs_nobody_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let configuration = Configuration::from_sources(None, &|name| match name {
        "SLIPWAY_DATA" => Some(folder.path().display().to_string()),
        "SLIPWAY_PORT" => Some(port.clone()),
        _ => None,
    })
    .unwrap();
    let error = serve(&configuration, CancellationToken::new(), |text| panic!("told {text}")).await.unwrap_err();
    let message = error.to_string();
    assert!(message.contains(&port) && message.contains("SLIPWAY_PORT"), "{message}");
    let host = host::open(&configuration).await.unwrap().host;
    assert_eq!(pipelines::user::count(&host).await.unwrap(), 0);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let message = host::open(&configuration(&file, &[])).await.err().unwrap().to_string();
    assert!(message.contains(&file.display().to_string()) && message.contains("SLIPWAY_DATA"), "{message}");
}

#[tokio::test]
async fn accounts_are_made_and_mended_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let host = host::open(&configuration(folder.path(), &[])).await.unwrap().host;
    let told = accounts::add(&host, "ada", Some("Ada Lovelace"), model::user::Roles::ADMINISTRATOR).await.unwrap();
    let password = |told: &str| told.trim_end().rsplit(' ').next().unwrap().to_owned();
    let person = sign_in(&host, "ada", &password(&told)).await.unwrap();
    assert_eq!((person.display_name.as_str(), person.must_change_password), ("Ada Lovelace", true));

    let again = accounts::reset_password(&host, "ADA").await.unwrap();
    assert!(sign_in(&host, "ada", &password(&told)).await.is_err());
    assert!(sign_in(&host, "ada", &password(&again)).await.is_ok());
    assert!(accounts::reset_password(&host, "bob").await.unwrap_err().to_string().contains("bob"));
}

async fn sign_in(host: &pipelines::Host, user_name: &str, password: &str) -> pipelines::Result<model::user::Person> {
    let attempt = Attempt { user_name, password, browser: None, origin: &pipelines::Origin::system() };
    sign_in::with_password(host, attempt).await.map(|signed_in| signed_in.person)
}
