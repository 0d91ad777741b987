#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use super::*;

fn load(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Configuration, ConfigurationError> {
    let folder = tempfile::tempdir().unwrap();
    let path = file.map(|text| {
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        path
    });
    let data = folder.path().display().to_string();
    Configuration::from_sources(path.as_deref(), &|name| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
            .or_else(|| (name == "SLIPWAY_DATA").then(|| data.clone()))
    })
}

fn problem(file: Option<&str>, variables: &[(&str, &str)]) -> String {
    load(file, variables).unwrap_err().to_string()
}

#[test]
fn without_settings_it_serves_this_machine_with_a_file_in_the_data_folder() {
    let configuration = load(None, &[]).unwrap();
    assert_eq!(configuration.listen.to_string(), "127.0.0.1:3000");
    assert!(configuration.database_url.starts_with("sqlite:///"));
    assert!(configuration.database_url.ends_with("/slipway.sqlite?mode=rwc"));
    assert_eq!(configuration.max_upload, 250 * 1024 * 1024);
    assert_eq!(configuration.session_idle, Duration::from_hours(8));
    assert_eq!(configuration.drift, Some(Duration::from_hours(24)));
    assert!(!configuration.demo && !configuration.is_secure());
}

#[test]
fn the_environment_overrides_the_file_and_the_file_the_defaults() {
    let file = "port = 4000\nmax_upload_mb = 10\ndemo = true\n";
    let configuration = load(Some(file), &[("PORT", "5000")]).unwrap();
    assert_eq!(configuration.listen.port(), 5000);
    assert_eq!(configuration.max_upload, 10 * 1024 * 1024);
    assert!(configuration.demo);
    assert_eq!(load(None, &[("SLIPWAY_DRIFT_HOURS", "0")]).unwrap().drift, None);
    let source = |key| configuration.origins.iter().find(|origin| origin.key == key).unwrap().source.clone();
    assert_eq!(source("port"), "PORT");
    assert!(source("demo").ends_with("settings.toml"));
    assert_eq!(source("log"), "default");
}

#[test]
fn slipways_own_variable_for_the_port_comes_before_the_common_one() {
    assert_eq!(load(None, &[("PORT", "5000"), ("SLIPWAY_PORT", "6000")]).unwrap().listen.port(), 6000);
}

#[test]
fn a_bad_value_is_refused_with_its_name_its_value_and_what_is_allowed() {
    for (variable, value) in [
        ("SLIPWAY_ADDRESS", "localhost"),
        ("SLIPWAY_PORT", "70000"),
        ("PORT", "http"),
        ("SLIPWAY_DATABASE_URL", "mysql://db/slipway"),
        ("SLIPWAY_PUBLIC_URL", "slipway.contoso.com"),
        ("SLIPWAY_PUBLIC_URL", "https://contoso.com/slipway"),
        ("SLIPWAY_PUBLIC_URL", "ftp://contoso.com"),
        ("SLIPWAY_MAX_UPLOAD_MB", "0"),
        ("SLIPWAY_MAX_UPLOAD_MB", "5000"),
        ("SLIPWAY_SESSION_IDLE_MINUTES", "4"),
        ("SLIPWAY_DRIFT_HOURS", "-1"),
        ("SLIPWAY_DEMO", "yes"),
        ("SLIPWAY_LOG", "lots"),
        ("SLIPWAY_LOG_FORMAT", "xml"),
    ] {
        let message = problem(None, &[(variable, value)]);
        assert!(message.starts_with(&format!("{variable} is “{value}”, but must be ")), "{message}");
    }
}

#[test]
fn a_bad_value_in_the_file_is_refused_with_the_file_it_stands_in() {
    let message = problem(Some("port = 1.5"), &[]);
    assert!(message.starts_with("port in ") && message.contains("settings.toml is “1.5”, but must be"), "{message}");
    let message = problem(Some("log_format = \"xml\""), &[]);
    assert!(message.contains("settings.toml is “xml”, but must be text or json."), "{message}");
}

#[test]
fn an_unknown_key_in_the_file_is_refused_by_name() {
    let message = problem(Some("prot = 4000"), &[]);
    assert!(message.contains("sets prot, which is not a setting") && message.contains("port"), "{message}");
}

#[test]
fn every_problem_is_told_at_once() {
    let error = load(None, &[("SLIPWAY_PORT", "x"), ("SLIPWAY_DEMO", "x")]).unwrap_err();
    assert_eq!(error.0.len(), 2);
}

#[test]
fn variables_that_set_nothing_are_told() {
    let names = ["SLIPWAY_PROT", "SLIPWAY_PORT", "SLIPWAY_CONFIG", "PORT", "HOME", "SLIPWAY_SERVICE_HOST"];
    assert_eq!(unknown_variables(names.map(str::to_owned)), ["SLIPWAY_PROT"]);
}

#[test]
fn a_file_that_is_named_must_be_there_and_be_toml() {
    let missing = Configuration::from_sources(Some(Path::new("/nowhere/slipway.toml")), &|_| None).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/slipway.toml cannot be read"), "{missing}");
    assert!(problem(Some("port ="), &[]).contains("is not valid TOML"));
}

#[test]
fn a_file_in_the_data_folder_is_found_and_cannot_move_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let environment = |name: &str| (name == "SLIPWAY_DATA").then(|| data.clone());
    std::fs::write(folder.path().join(FILE), "port = 4321").unwrap();
    assert_eq!(Configuration::from_sources(None, &environment).unwrap().listen.port(), 4321);
    std::fs::write(folder.path().join(FILE), "data = \"elsewhere\"").unwrap();
    assert!(Configuration::from_sources(None, &environment).unwrap_err().to_string().contains("Set SLIPWAY_DATA."));
}

#[test]
fn a_public_url_is_kept_in_the_form_browsers_send() {
    for (given, kept) in [
        ("https://Slipway.Contoso.com/", "https://slipway.contoso.com"),
        ("https://contoso.com:443", "https://contoso.com"),
        ("http://contoso.com:8080", "http://contoso.com:8080"),
    ] {
        assert_eq!(load(None, &[("SLIPWAY_PUBLIC_URL", given)]).unwrap().public_url.as_deref(), Some(kept));
    }
}

#[test]
fn passwords_of_database_urls_are_never_shown() {
    for (url, shown) in [
        ("postgres://slipway:s3cret@db/slipway", "postgres://slipway:…@db/slipway"),
        ("postgres://slipway:p@ss@db/slipway?password=x", "postgres://slipway:…@db/slipway?…"),
        ("sqlite://slipway.sqlite?mode=rwc", "sqlite://slipway.sqlite?…"),
    ] {
        assert_eq!(without_password(url), shown);
    }
    let configuration = load(None, &[("SLIPWAY_DATABASE_URL", "postgres://slipway:s3cret@db/slipway")]).unwrap();
    assert!(!format!("{:?}", configuration.origins).contains("s3cret"));
    let message = problem(None, &[("SLIPWAY_DATABASE_URL", "mysql://slipway:s3cret@db/slipway")]);
    assert!(!message.contains("s3cret"), "{message}");
}
