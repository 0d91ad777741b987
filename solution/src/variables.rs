//! Environment variables: the files of their own that they have since 2021, and the values packaged along.

use crate::{
    Limits, Result,
    customizations::is_true,
    naming,
    xml::{self, Attributes, Reading, unexpected},
};
use model::variable::{EnvironmentVariable, VariableType};
use serde::Deserialize;
use std::io::Read;

/// The folder of the definitions, one folder for each in it.
pub(crate) const FOLDER: &str = "environmentvariabledefinitions/";
/// The file of a definition.
pub(crate) const DEFINITION: &str = "environmentvariabledefinition.xml";
/// The file of its value.
pub(crate) const VALUE: &str = "environmentvariablevalues.json";
/// The file of all values in the layout of 2020.
pub(crate) const OLD_VALUES: &str = "environment_variable_values.json";

/// Reads `environmentvariabledefinition.xml`.
pub(crate) fn definition(source: impl Read, file: &str, limits: &Limits) -> Result<EnvironmentVariable> {
    let mut draft = Draft { file: file.to_owned(), ..Draft::default() };
    xml::read(source, file, limits, &mut draft)?;
    if draft.schema_name.is_empty() {
        return Err(unexpected(file, "it has no schema name"));
    }
    let schema_name = naming::name(draft.schema_name, file)?;
    Ok(EnvironmentVariable {
        display_name: draft
            .display_name
            .filter(|name| !name.is_empty())
            .map_or_else(|| schema_name.clone(), naming::cut),
        schema_name,
        description: draft.description.unwrap_or_default(),
        kind: draft.kind.unwrap_or(VariableType::String),
        default_value: draft.default_value.filter(|value| !value.is_empty()),
        packaged_value: None,
        required: draft.required,
    })
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Element {
    #[default]
    Other,
    Document,
    Definition,
    Default,
    Required,
    Type,
}

#[derive(Default)]
struct Draft {
    file: String,
    schema_name: String,
    display_name: Option<String>,
    description: Option<String>,
    kind: Option<VariableType>,
    default_value: Option<String>,
    required: bool,
}

impl Reading for Draft {
    type Element = Element;

    const DOCUMENT: Element = Element::Document;

    fn start(&mut self, parent: Element, name: &str, attributes: &Attributes<'_>) -> Result<Element> {
        use Element as E;
        Ok(match (parent, name) {
            (E::Document, "environmentvariabledefinition") => {
                self.schema_name = attributes.get("schemaname")?.unwrap_or_default();
                E::Definition
            }
            (E::Document, other) => {
                return Err(unexpected(
                    &self.file,
                    format!("it begins with “{other}” instead of “environmentvariabledefinition”"),
                ));
            }
            (E::Definition, "displayname") => {
                self.display_name = attributes.get("default")?;
                E::Other
            }
            (E::Definition, "description") => {
                self.description = attributes.get("default")?;
                E::Other
            }
            (E::Definition, "defaultvalue") => E::Default,
            (E::Definition, "isrequired") => E::Required,
            (E::Definition, "type") => E::Type,
            _ => E::Other,
        })
    }

    fn end(&mut self, element: Element, text: &str) -> Result<()> {
        match element {
            Element::Default => self.default_value = Some(text.to_owned()),
            Element::Required => self.required = is_true(text.trim()),
            Element::Type => self.kind = text.trim().parse().ok().and_then(VariableType::from_code),
            _ => {}
        }
        Ok(())
    }

    fn has_text(element: Element) -> bool {
        matches!(element, Element::Default | Element::Required | Element::Type)
    }
}

#[derive(Deserialize)]
struct ValueFile {
    environmentvariablevalues: Values,
}

#[derive(Deserialize)]
struct Values {
    #[serde(default)]
    environmentvariablevalue: OneOrMany,
}

/// Always one in real packages; the format it was turned from allows for a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Value),
    Many(Vec<Value>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

#[derive(Deserialize)]
struct Value {
    value: Option<String>,
}

/// Reads `environmentvariablevalues.json`: the packaged value; none where the file has no value in it.
pub(crate) fn value(content: &[u8], file: &str) -> Result<Option<String>> {
    let read: ValueFile = json(content, file)?;
    Ok(match read.environmentvariablevalues.environmentvariablevalue {
        OneOrMany::One(value) => value.value,
        OneOrMany::Many(values) => values.into_iter().next().and_then(|value| value.value),
    })
}

/// Values of 2020 in the spelling of the product and in the one of its first weeks.
#[derive(Deserialize)]
struct OldValues {
    #[serde(rename = "EnvironmentVariableValues", alias = "values", default)]
    values: Vec<OldValue>,
}

#[derive(Deserialize)]
struct OldValue {
    #[serde(rename = "EnvironmentVariableDefinition.SchemaName", alias = "name")]
    schema_name: String,
    #[serde(rename = "Value", alias = "value")]
    value: Option<String>,
}

/// Reads `environment_variable_values.json`: schema names with their values.
pub(crate) fn old_values(content: &[u8]) -> Result<Vec<(String, Option<String>)>> {
    let read: OldValues = json(content, OLD_VALUES)?;
    Ok(read.values.into_iter().map(|value| (value.schema_name, value.value)).collect())
}

/// Reads a JSON file, with or without a byte order mark.
pub(crate) fn json<'a, T: Deserialize<'a>>(content: &'a [u8], file: &str) -> Result<T> {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    serde_json::from_slice(content).map_err(|cause| unexpected(file, &cause).caused_by(cause))
}
