//! How components are named in a package.

use crate::Result;
use crate::xml::Attributes;
use model::{Component, ComponentType};

/// An id in the one form in which ids are compared: lower case, without braces.
pub(crate) fn id(text: &str) -> String {
    text.trim().trim_matches(|character| matches!(character, '{' | '}')).to_ascii_lowercase()
}

/// A component as `RootComponent`, `Required` and `Dependent` name one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The component. Its name is the schema name; or the alternate key (`id.uniquename="…"`), the values of a compound
    /// key joined with commas; or the id; or the display name.
    pub(crate) component: Component,
    /// Its id, where it has one beside the name.
    pub(crate) id: Option<String>,
    /// The attribute `solution`.
    pub(crate) solution: Option<String>,
    /// The attribute `behavior`.
    pub(crate) behavior: Option<String>,
}

/// Reads the attributes of a component; none where there is no type or no name.
pub(crate) fn component(attributes: &Attributes<'_>) -> Result<Option<Named>> {
    let mut kind = None;
    let (mut schema_name, mut own_id, mut parent, mut display_name) = (None, None, None, None);
    let (mut solution, mut behavior) = (None, None);
    let mut keys: Vec<String> = Vec::new();
    attributes.each(|name, value| {
        let place = match name {
            "type" => {
                kind = Some(ComponentType::parse(&value));
                return;
            }
            "id" => {
                own_id = Some(id(&value)).filter(|id| !id.is_empty());
                return;
            }
            "schemaName" => &mut schema_name,
            "parentSchemaName" => &mut parent,
            "displayName" => &mut display_name,
            "solution" => &mut solution,
            "behavior" => &mut behavior,
            other => {
                if other.starts_with("id.") && !value.is_empty() {
                    keys.push(value.into_owned());
                }
                return;
            }
        };
        *place = Some(value.into_owned()).filter(|value| !value.is_empty());
    })?;
    let Some(kind) = kind else { return Ok(None) };
    let named = schema_name.or_else(|| (!keys.is_empty()).then(|| keys.join(",")));
    let (name, id) = match (named, own_id) {
        (Some(name), id) => (Some(name), id),
        (None, id) => (id.or_else(|| display_name.clone()), None),
    };
    let Some(name) = name else { return Ok(None) };
    Ok(Some(Named { component: Component { kind, name, parent, display_name }, id, solution, behavior }))
}
