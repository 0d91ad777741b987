//! How components are named in a package.

use crate::{
    Result,
    xml::{Attributes, unexpected},
};
use model::{Component, ComponentType};

/// Bytes of a name, and of a title for people. The longest of real packages has 225. A name is kept with everything that
/// belongs to what it names, so one without a bound would fill the memory many times over.
const LONGEST: usize = 1_024;

/// A title for people, cut where it is too long.
pub(crate) fn cut(mut title: String) -> String {
    if title.len() > LONGEST {
        title.truncate(title.floor_char_boundary(LONGEST));
        title.push('…');
    }
    title
}

/// Refuses a name that is too long.
pub(crate) fn name(name: String, file: &str) -> Result<String> {
    if name.len() > LONGEST {
        let reason = format!("a name in it has {} bytes, and at most {LONGEST} are accepted", name.len());
        return Err(unexpected(file, reason));
    }
    Ok(name)
}

/// Connectors, connection references or variables that one flow or app uses, at most; real ones use a dozen.
const MOST_USED: usize = 500;

/// What a flow or an app uses, sorted, each once. Each is kept together with what uses it.
pub(crate) fn used(mut names: Vec<String>, file: &str) -> Result<Vec<String>> {
    names.sort_unstable();
    names.dedup();
    if names.len() > MOST_USED {
        return Err(unexpected(file, format!("one flow or app in it uses more than {MOST_USED} things of a kind")));
    }
    names.into_iter().map(|used| name(used, file)).collect()
}

/// A component whose names have a bound.
pub(crate) fn bounded(component: Component, file: &str) -> Result<Component> {
    Ok(Component {
        name: name(component.name, file)?,
        parent: component.parent.map(|parent| name(parent, file)).transpose()?,
        display_name: component.display_name.map(cut),
        kind: component.kind,
    })
}

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
    let component = bounded(Component { kind, name, parent, display_name }, attributes.file())?;
    Ok(Some(Named { component, id, solution, behavior }))
}
