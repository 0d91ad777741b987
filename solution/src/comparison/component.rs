//! Which component an item of `customizations.xml` is.

use super::node::Node;
use crate::{
    naming,
    part::{self, Kind},
};
use model::{Component, ComponentType};

/// The component of an item, by the section it stands in. Sections that nobody told of have components too: their
/// type is called after the element.
pub(super) fn of_item(section: &str, item: &Node) -> Component {
    let Component { kind, name, parent, display_name } = of_section(section, item);
    Component {
        kind,
        name: naming::cut(name),
        parent: parent.map(naming::cut),
        display_name: display_name.map(naming::cut),
    }
}

fn of_section(section: &str, item: &Node) -> Component {
    match section {
        "Entities" => {
            let name = item.child("Name");
            let title = name.and_then(|name| name.attribute("LocalizedName")).map(str::to_owned);
            let name = name.map(|name| name.text.clone()).unwrap_or_default();
            Component { display_name: title, ..Component::new(ComponentType::ENTITY, name) }
        }
        "Workflows" => {
            let name = item.attribute("Name").map(str::to_owned);
            let id = naming::id(item.attribute("WorkflowId").unwrap_or_default());
            Component { display_name: name, ..Component::new(ComponentType::WORKFLOW, id) }
        }
        "connectionreferences" => {
            let title = item.text_of("connectionreferencedisplayname").filter(|title| !title.is_empty());
            let name = item.attribute("connectionreferencelogicalname").unwrap_or_default();
            Component {
                display_name: title.map(str::to_owned),
                ..Component::new(ComponentType::connection_reference(), name)
            }
        }
        "EnvironmentVariables" => {
            let name = item.value("SchemaName").or_else(|| item.value("Name")).unwrap_or_default();
            let title = item.child("DisplayName").and_then(Node::title).map(str::to_owned);
            Component { display_name: title, ..Component::new(ComponentType::ENVIRONMENT_VARIABLE_DEFINITION, name) }
        }
        section => match part::list(section).filter(|kind| part::is_part(*kind, &item.name)) {
            Some(kind) => of_kind(kind, item),
            None => of_unknown(section, item),
        },
    }
}

fn of_kind(kind: Kind, item: &Node) -> Component {
    let shape = kind.shape();
    let name = item.value(shape.name).unwrap_or_default();
    let name = if shape.is_id { naming::id(name) } else { name.to_owned() };
    let title = item.value(shape.title).or_else(|| item.title()).map(str::to_owned);
    let parent = item.text_of("ReferencingEntityName").or_else(|| item.text_of("FirstEntityName"));
    Component {
        parent: parent.filter(|_| kind == Kind::Relationship).map(str::to_owned),
        display_name: title,
        ..Component::new(shape.kind, name)
    }
}

fn of_unknown(section: &str, item: &Node) -> Component {
    let (kind, plain) = match section {
        "RibbonDiffXml" => (ComponentType::Number(55), true),
        "SiteMap" => (ComponentType::SITE_MAP, true),
        "EntityMaps" => {
            let of = |name| item.text_of(name).unwrap_or_default();
            let name = format!("{} → {}", of("EntitySource"), of("EntityTarget"));
            return Component::new(ComponentType::Number(46), name);
        }
        "EntityImageConfigs" => (ComponentType::Number(432), false),
        "AttributeImageConfigs" => (ComponentType::Number(431), false),
        "Languages" => return Component::new(ComponentType::Table("language".to_owned()), item.text.clone()),
        _ => (ComponentType::Table(item.name.to_lowercase()), false),
    };
    let known = item.key().filter(|_| !plain);
    let known = known.as_deref().and_then(|key| key.strip_prefix(item.name.as_str()));
    let name = known.map(|key| key.trim_matches(['[', ']'])).filter(|key| !key.is_empty()).unwrap_or(&item.name);
    Component { display_name: item.title().map(str::to_owned), ..Component::new(kind, name) }
}
