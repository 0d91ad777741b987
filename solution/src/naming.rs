//! How components are named in a package.

use crate::Result;
use crate::xml::Attributes;
use model::{Component, ComponentType};

/// An id in the one form in which ids are compared: lower case, without braces.
pub(crate) fn id(text: &str) -> String {
    text.trim().trim_matches(|character| matches!(character, '{' | '}')).to_ascii_lowercase()
}

/// A component as `RootComponent`, `Required` and `Dependent` name one, with its id where it has one beside the name.
///
/// The name is the schema name; or the alternate key (`id.uniquename="…"`), the values of a compound key joined with
/// commas; or the id; or the display name.
pub(crate) fn component(attributes: &Attributes<'_>) -> Result<Option<(Component, Option<String>)>> {
    let mut kind = None;
    let (mut schema_name, mut own_id, mut parent, mut display_name) = (None, None, None, None);
    let mut keys: Vec<String> = Vec::new();
    for (name, value) in attributes.all()? {
        if value.is_empty() {
            continue;
        }
        match name.as_str() {
            "type" => kind = Some(ComponentType::parse(&value)),
            "schemaName" => schema_name = Some(value),
            "id" => own_id = Some(id(&value)),
            "parentSchemaName" => parent = Some(value),
            "displayName" => display_name = Some(value),
            other if other.starts_with("id.") => keys.push(value),
            _ => {}
        }
    }
    let Some(kind) = kind else { return Ok(None) };
    let key = (!keys.is_empty()).then(|| keys.join(","));
    let named = schema_name.or(key);
    let beside = named.as_ref().and(own_id.clone());
    let Some(name) = named.or(own_id).or_else(|| display_name.clone()) else { return Ok(None) };
    Ok(Some((Component { kind, name, parent, display_name }, beside)))
}
