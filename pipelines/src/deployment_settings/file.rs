//! The deployment-settings file of `pac solution create-settings`:
//!
//! ```json
//! { "EnvironmentVariables": [ { "SchemaName": "new_Url", "Value": "https://contoso.example" } ],
//!   "ConnectionReferences": [ { "LogicalName": "new_Ref", "ConnectionId": "…", "ConnectorId": "/providers/…" } ] }
//! ```
//!
//! Other tools add keys, and put placeholders where a value is to be filled in later. Both are tolerated: keys that are
//! not known are skipped, and an empty value or a placeholder sets nothing.

use model::{
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
    solution::SolutionContents,
    variable::VariableType,
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Bytes of a file.
pub const MOST_BYTES: usize = 1024 * 1024;
/// Entries of each of its two lists.
const MOST_ENTRIES: usize = 5_000;
/// Characters of a name.
const LONGEST_NAME: usize = 400;
/// Problems that are told at once.
const MOST_PROBLEMS: usize = 10;

const VARIABLES: &str = "EnvironmentVariables";
const REFERENCES: &str = "ConnectionReferences";

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsFile {
    variables: Vec<Entry>,
    connections: Vec<Entry>,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Where it stands: `EnvironmentVariables[3]`.
    place: String,
    name: String,
    /// Value or connection; none where the file gives none.
    value: Option<String>,
    /// The connector; empty for variables, and where the file gives none.
    connector: String,
}

/// What a file sets for a solution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The settings, in the spelling of the solution.
    pub settings: DeploymentSettings,
    /// Names that the solution does not have.
    pub unknown: Vec<String>,
    /// Names that the file has no value for.
    pub empty: Vec<String>,
}

impl SettingsFile {
    /// Reads a file, or says in a sentence where it is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            return Err("The file is larger than 1 MB, which no deployment-settings file is.".to_owned());
        }
        let text = text(bytes)?;
        let document: Value = serde_json::from_str(&text).map_err(|error| format!("The file is not JSON: {error}."))?;
        let Value::Object(document) = document else {
            return Err(format!("The file has to be an object with the lists {VARIABLES} and {REFERENCES}."));
        };
        let variables = list(&document, VARIABLES)?;
        let references = list(&document, REFERENCES)?;
        if variables.is_none() && references.is_none() {
            return Err(format!("The file has neither the list {VARIABLES} nor the list {REFERENCES}."));
        }
        let variables = entries(variables.unwrap_or_default(), VARIABLES, ["SchemaName", "Value"], None)?;
        let keys = ["LogicalName", "ConnectionId"];
        let connections = entries(references.unwrap_or_default(), REFERENCES, keys, Some("ConnectorId"))?;
        Ok(Self { variables, connections })
    }

    /// What the file sets for a solution, or what is wrong with it, at most ten sentences that begin with the place.
    /// `unfit` says why a value does not fit a type.
    pub fn settle(
        &self,
        solution: &SolutionContents,
        unfit: impl Fn(&str, VariableType) -> Option<&'static str>,
    ) -> Result<Taken, Vec<String>> {
        let mut taken = Taken::default();
        let mut problems = Vec::new();
        for entry in &self.variables {
            let mut variables = solution.environment_variables.iter().map(|variable| &variable.definition);
            let found = variables.find(|definition| definition.schema_name.eq_ignore_ascii_case(&entry.name));
            let Some(definition) = found else {
                taken.unknown.push(entry.name.clone());
                continue;
            };
            let name = &definition.schema_name;
            let Some(value) = &entry.value else {
                taken.empty.push(name.clone());
                continue;
            };
            match unfit(value, definition.kind) {
                Some(problem) => problems.push(format!("{}.Value of {name}: {problem}", entry.place)),
                None => taken
                    .settings
                    .environment_variables
                    .push(VariableSetting { schema_name: name.clone(), value: value.clone() }),
            }
        }
        for entry in &self.connections {
            let mut references = solution.connection_references.iter().map(|bound| &bound.reference);
            let found = references.find(|reference| reference.logical_name.eq_ignore_ascii_case(&entry.name));
            let Some(reference) = found else {
                taken.unknown.push(entry.name.clone());
                continue;
            };
            let name = &reference.logical_name;
            let Some(connection) = &entry.value else {
                taken.empty.push(name.clone());
                continue;
            };
            if !entry.connector.is_empty() && !reference.accepts(&entry.connector) {
                problems.push(format!(
                    "{}.ConnectorId of {name}: the connector is {}, and the solution needs {}.",
                    entry.place,
                    model::connection::connector_name(&entry.connector),
                    reference.connector_name()
                ));
                continue;
            }
            taken.settings.connection_references.push(ConnectionSetting {
                logical_name: name.clone(),
                connection_id: connection.clone(),
                connector_id: reference.connector_id.clone(),
            });
        }
        problems.truncate(MOST_PROBLEMS);
        if problems.is_empty() { Ok(taken) } else { Err(problems) }
    }
}

/// Writes what is prepared for a solution: every variable and reference it has, with an empty value where there is
/// none, and a placeholder in the place of every secret.
pub fn write(solution: &SolutionContents, settings: &DeploymentSettings) -> String {
    let variables = solution.environment_variables.iter().map(|variable| {
        let name = &variable.definition.schema_name;
        let value = settings.value(name).unwrap_or_default();
        let is_secret = variable.definition.kind == VariableType::Secret;
        let value = if is_secret && !value.is_empty() { format!("#{{{name}}}#") } else { value.to_owned() };
        VariableSetting { schema_name: name.clone(), value }
    });
    let references = solution.connection_references.iter().map(|bound| ConnectionSetting {
        logical_name: bound.reference.logical_name.clone(),
        connection_id: settings.connection(&bound.reference.logical_name).unwrap_or_default().to_owned(),
        connector_id: bound.reference.connector_id.clone(),
    });
    let file =
        DeploymentSettings { environment_variables: variables.collect(), connection_references: references.collect() };
    // Plain data always has a JSON form.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

/// The text of a file as editors and Windows PowerShell write it: UTF-8 or UTF-16, with a mark at its beginning or
/// without.
fn text(bytes: &[u8]) -> Result<String, String> {
    let not_text = || "The file is not text in UTF-8 or UTF-16.".to_owned();
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        return String::from_utf16(&units).ok().filter(|_| odd.is_empty()).ok_or_else(not_text);
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    String::from_utf8(bytes.to_vec()).map_err(|_| not_text())
}

/// The value of a key, whatever its case.
fn of_key<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.get(key).or_else(|| object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value))
}

fn list<'a>(document: &'a Map<String, Value>, key: &str) -> Result<Option<&'a [Value]>, String> {
    match of_key(document, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) if list.len() > MOST_ENTRIES => {
            Err(format!("{key} has {} entries; at most {MOST_ENTRIES} are read.", list.len()))
        }
        Some(Value::Array(list)) => Ok(Some(list)),
        Some(_) => Err(format!("{key} has to be a list.")),
    }
}

fn entries(
    list: &[Value],
    section: &str,
    [name_key, value_key]: [&str; 2],
    connector_key: Option<&str>,
) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::with_capacity(list.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, item) in list.iter().enumerate() {
        let place = format!("{section}[{index}]");
        let Value::Object(item) = item else {
            return Err(format!("{place} has to be an object with {name_key} and {value_key}."));
        };
        let name = match of_key(item, name_key) {
            Some(Value::String(name)) => name.trim().to_owned(),
            None | Some(Value::Null) => String::new(),
            Some(_) => return Err(format!("{place}.{name_key} has to be a text.")),
        };
        if name.is_empty() {
            return Err(format!("{place}.{name_key} is missing."));
        }
        if name.chars().count() > LONGEST_NAME {
            return Err(format!("{place}.{name_key} is longer than {LONGEST_NAME} characters."));
        }
        let value = value(of_key(item, value_key)).map_err(|()| format!("{place}.{value_key} has to be a text."))?;
        let connector = match connector_key.and_then(|key| of_key(item, key)) {
            Some(Value::String(connector)) if !is_placeholder(connector) => connector.clone(),
            None | Some(Value::Null | Value::String(_)) => String::new(),
            Some(_) => return Err(format!("{place}.{} has to be a text.", connector_key.unwrap_or_default())),
        };
        let key = name.to_lowercase();
        if let Some(first) = places.get(&key).and_then(|at| entries.get(*at)) {
            if first.value == value {
                continue;
            }
            return Err(format!("{place} gives {name} another value than {}. Keep one of them.", first.place));
        }
        places.insert(key, entries.len());
        entries.push(Entry { place, name, value, connector });
    }
    Ok(entries)
}

/// A value as a text; none where there is none. Refused where it is neither a text nor a number nor a truth.
fn value(value: Option<&Value>) -> Result<Option<String>, ()> {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        // As the platform writes them.
        Some(Value::Bool(truth)) => if *truth { "yes" } else { "no" }.to_owned(),
        Some(_) => return Err(()),
    };
    Ok(Some(text).filter(|text| !text.trim().is_empty() && !is_placeholder(text)))
}

/// Whether a text is to be replaced by a tool before it means something: `#{token}#`, `#token#`, `%token%`, `$(token)`,
/// `${token}`, `{{token}}`, or the id that stands for none.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let within = |open: &str, close: &str| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(open) && !inner.contains('\n'))
    };
    within("#", "#")
        || within("%", "%")
        || within("$(", ")")
        || within("${", "}")
        || within("{{", "}}")
        || text == "00000000-0000-0000-0000-000000000000"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::{self, fixture};
    use model::{
        Timestamp,
        connection::ConnectionReference,
        solution::{BoundReference, CurrentVariable},
        variable::EnvironmentVariable,
    };
    use proptest::prelude::*;

    const MAIL: &str = "/providers/Microsoft.PowerApps/apis/shared_office365";
    const VAULT: &str = "https://contoso.vault.azure.net/secrets/key";

    fn solution(variables: &[(&str, VariableType)], references: &[&str]) -> SolutionContents {
        let package = fixture::package("Expenses", "1.0");
        let mut contents = environment::staging::installed(&package, Timestamp(0));
        contents.environment_variables = variables
            .iter()
            .map(|(name, kind)| CurrentVariable {
                definition: EnvironmentVariable { kind: *kind, ..fixture::variable(name) },
                value: None,
            })
            .collect();
        contents.connection_references = references
            .iter()
            .map(|name| BoundReference {
                reference: ConnectionReference { connector_id: MAIL.to_owned(), ..fixture::reference(name) },
                connection_id: None,
            })
            .collect();
        contents
    }

    fn settled(file: &str, solution: &SolutionContents) -> Result<Taken, Vec<String>> {
        SettingsFile::read(file.as_bytes()).map_err(|problem| vec![problem])?.settle(solution, preflight::unfit)
    }

    #[test]
    fn a_file_of_another_tool_sets_what_it_gives_in_the_spelling_of_the_solution() {
        let solution = solution(
            &[
                ("new_Url", VariableType::String),
                ("new_Limit", VariableType::Number),
                ("new_On", VariableType::Boolean),
            ],
            &["new_Mail", "new_Other"],
        );
        let file = r##"{ "$schema": "x", "environmentvariables": [
              { "SchemaName": "NEW_URL", "Value": "https://contoso.example", "Note": {} },
              { "SchemaName": "new_Limit", "Value": 12.5 }, { "SchemaName": "new_On", "Value": true },
              { "SchemaName": "new_Gone", "Value": "x" } ],
            "ConnectionReferences": [
              { "LogicalName": "new_mail", "ConnectionId": "c1", "ConnectorId": "/providers/microsoft.powerapps/apis/SHARED_office365", "ConnectionOwner": "#{o}#" },
              { "LogicalName": "new_Other", "ConnectionId": "#{connection.other}#" } ],
            "ActivateFlows": [[[1]]] }"##;
        let taken = settled(file, &solution).unwrap();
        let values: Vec<_> = taken
            .settings
            .environment_variables
            .iter()
            .map(|setting| (setting.schema_name.as_str(), setting.value.as_str()))
            .collect();
        assert_eq!(values, [("new_Url", "https://contoso.example"), ("new_Limit", "12.5"), ("new_On", "yes")]);
        assert_eq!(taken.settings.connection_references[0].logical_name, "new_Mail");
        assert_eq!(taken.settings.connection_references[0].connector_id, MAIL);
        assert_eq!((taken.unknown, taken.empty), (vec!["new_Gone".to_owned()], vec!["new_Other".to_owned()]));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let solution =
            solution(&[("new_Limit", VariableType::Number), ("new_Key", VariableType::Secret)], &["new_Mail"]);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for (file, expected) in [
            ("", "The file is not JSON: EOF while parsing a value at line 1 column 0."),
            ("{\n  \"EnvironmentVariables\": [,]\n}", "The file is not JSON: expected value at line 2 column 28."),
            (deep.as_str(), "The file is not JSON: recursion limit exceeded at line 1 column 128."),
            ("[]", "The file has to be an object with the lists EnvironmentVariables and ConnectionReferences."),
            ("{}", "The file has neither the list EnvironmentVariables nor the list ConnectionReferences."),
            (r#"{"EnvironmentVariables":{}}"#, "EnvironmentVariables has to be a list."),
            (
                r#"{"EnvironmentVariables":[{"SchemaName":"a","Value":"1"},7]}"#,
                "EnvironmentVariables[1] has to be an object with SchemaName and Value.",
            ),
            (r#"{"EnvironmentVariables":[{"Value":"1"}]}"#, "EnvironmentVariables[0].SchemaName is missing."),
            (
                r#"{"EnvironmentVariables":[{"SchemaName":"a","Value":["1"]}]}"#,
                "EnvironmentVariables[0].Value has to be a text.",
            ),
            (
                r#"{"ConnectionReferences":[{"LogicalName":"a","ConnectionId":"1"},{"LogicalName":"A","ConnectionId":"2"}]}"#,
                "ConnectionReferences[1] gives A another value than ConnectionReferences[0]. Keep one of them.",
            ),
            (
                r#"{"EnvironmentVariables":[{"SchemaName":"new_limit","Value":"much"}]}"#,
                "EnvironmentVariables[0].Value of new_Limit: the value is not a decimal number such as 12.5.",
            ),
            (
                r#"{"ConnectionReferences":[{"LogicalName":"new_mail","ConnectionId":"1","ConnectorId":"/apis/shared_teams"}]}"#,
                "ConnectionReferences[0].ConnectorId of new_Mail: the connector is shared_teams, and the solution needs shared_office365.",
            ),
        ] {
            assert_eq!(settled(file, &solution).unwrap_err(), [expected], "{file:.80}");
        }
        let plain = settled(r#"{"EnvironmentVariables":[{"SchemaName":"new_Key","Value":"hunter2"}]}"#, &solution);
        let problem = plain.unwrap_err().join("");
        assert!(problem.contains("reference to a secret") && !problem.contains("hunter2"), "{problem}");
        let large = vec![b' '; MOST_BYTES + 1];
        assert!(SettingsFile::read(&large).unwrap_err().contains("1 MB"));
    }

    #[test]
    fn marks_at_the_beginning_and_utf_16_are_read() {
        let file = r#"{"EnvironmentVariables":[{"SchemaName":"new_Url","Value":"é"}]}"#;
        let plain = SettingsFile::read(file.as_bytes()).unwrap();
        let marked = [&[0xEF, 0xBB, 0xBF], file.as_bytes()].concat();
        assert_eq!(SettingsFile::read(&marked).unwrap(), plain);
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(file.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(SettingsFile::read(&wide).unwrap(), plain);
        assert!(SettingsFile::read(&wide[..wide.len() - 1]).is_err());
        assert!(SettingsFile::read(&[0x80]).is_err());
    }

    #[test]
    fn secrets_leave_as_placeholders_and_come_back_as_nothing() {
        let solution = solution(&[("new_Key", VariableType::Secret), ("new_None", VariableType::Secret)], &[]);
        let key = VariableSetting { schema_name: "new_Key".to_owned(), value: VAULT.to_owned() };
        let settings = DeploymentSettings { environment_variables: vec![key], ..Default::default() };
        let file = write(&solution, &settings);
        assert!(!file.contains("vault") && file.contains("\"#{new_Key}#\""), "{file}");
        let taken = settled(&file, &solution).unwrap();
        assert_eq!((taken.settings, taken.empty.len()), (DeploymentSettings::default(), 2));
    }

    /// Files of real projects: placeholders in several spellings, other tools' keys, marks at the beginning.
    #[test]
    fn files_of_real_projects_are_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/deployment-settings");
        let Ok(files) = std::fs::read_dir(&folder) else {
            eprintln!("skipped: {} is not there", folder.display());
            return;
        };
        let mut entries = 0;
        for file in files {
            let path = file.unwrap().path();
            let read = SettingsFile::read(&std::fs::read(&path).unwrap());
            let read = read.unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
            entries += read.variables.len() + read.connections.len();
        }
        assert!(entries > 20, "{entries}");
    }

    fn plain() -> impl Strategy<Value = String> {
        "[^\0]{1,30}".prop_filter("means something", |text| !text.trim().is_empty() && !is_placeholder(text))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(values in prop::collection::vec(prop::option::of(plain()), 0..6), ids in prop::collection::vec(prop::option::of(plain()), 0..6)) {
            let names: Vec<String> = (0..6).map(|number| format!("new_Name{number}")).collect();
            let variables: Vec<_> = values.iter().zip(&names).map(|(_, name)| (name.as_str(), VariableType::String)).collect();
            let references: Vec<_> = ids.iter().zip(&names).map(|(_, name)| name.as_str()).collect();
            let solution = solution(&variables, &references);
            let settings = DeploymentSettings {
                environment_variables: names
                    .iter()
                    .zip(&values)
                    .filter_map(|(name, value)| Some(VariableSetting { schema_name: name.clone(), value: value.clone()? }))
                    .collect(),
                connection_references: names
                    .iter()
                    .zip(&ids)
                    .filter_map(|(name, id)| Some(ConnectionSetting { logical_name: name.clone(), connection_id: id.clone()?, connector_id: MAIL.to_owned() }))
                    .collect(),
            };
            prop_assert_eq!(settled(&write(&solution, &settings), &solution).unwrap().settings, settings);
        }

        #[test]
        fn no_file_brings_reading_down(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\",:a-zA-Z0-9]{0,80}") {
            let _ = SettingsFile::read(&bytes);
            let _ = SettingsFile::read(format!("{{\"EnvironmentVariables\":[{text}]}}").as_bytes());
        }
    }
}
