//! XML and JSON as one kind of tree, in which formatting means nothing.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    hash::Hasher,
};

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// An element of XML.
    #[default]
    Element,
    /// An object of JSON: its order means nothing.
    Object,
    /// A list of JSON: its order matters.
    List,
    /// A text of JSON.
    Text,
    /// A number, truth value or null of JSON.
    Literal,
}

/// A node of a document. White space around texts is not in it, and attributes are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Name of the element, or key in the object.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

/// Elements whose children are a set: their order has no meaning to the platform.
const SETS: [&str; 33] = [
    "attributes",
    "AppModuleComponents",
    "AppModuleRoleMaps",
    "AttributeImageConfigs",
    "connectionreferences",
    "CustomActions",
    "CommandDefinitions",
    "customlabels",
    "Descriptions",
    "displaynames",
    "EntityDataProviders",
    "EntityImageConfigs",
    "EntityKeys",
    "EntityKeyAttributes",
    "EntityRelationshipRoles",
    "EntityRelationships",
    "fieldpermissions",
    "forms",
    "labels",
    "Languages",
    "LocLabels",
    "LocalizedCollectionNames",
    "LocalizedNames",
    "MissingDependencies",
    "options",
    "PluginTypes",
    "RolePrivileges",
    "RootComponents",
    "savedqueries",
    "Titles",
    "Roles",
    "visualizations",
    "NonInteractive",
];

/// What an element is known by among its siblings, best first.
const KEYS: [&str; 22] = [
    "id",
    "Id",
    "uniquename",
    "UniqueName",
    "LogicalName",
    "PhysicalName",
    "formid",
    "savedqueryid",
    "savedqueryvisualizationid",
    "PluginTypeId",
    "schemaName",
    "name",
    "Name",
    "LCID",
    "languagecode",
    "value",
    "key",
    "ControlId",
    "control",
    "uniqueid",
    "attribute",
    "entityname",
];

impl Node {
    /// A node of JSON.
    pub(super) fn of_json(name: impl Into<String>, value: &serde_json::Value) -> Self {
        use serde_json::Value;
        let mut node = Self { name: name.into(), ..Self::default() };
        match value {
            Value::Object(members) => {
                node.kind = Kind::Object;
                node.children = members.iter().map(|(name, value)| Self::of_json(name.clone(), value)).collect();
            }
            Value::Array(items) => {
                node.kind = Kind::List;
                node.children = items.iter().map(|item| Self::of_json("", item)).collect();
            }
            Value::String(text) => {
                node.kind = Kind::Text;
                node.text.clone_from(text);
            }
            other => {
                node.kind = Kind::Literal;
                node.text = other.to_string();
            }
        }
        node
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let at = self.attributes.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        self.attributes.get(at).map(|(_, value)| value.as_str())
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of a name, taken out.
    pub(super) fn take(&mut self, name: &str) -> Option<Self> {
        let at = self.children.iter().position(|child| child.name == name)?;
        Some(self.children.remove(at))
    }

    /// The text of the first child of a name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The value of an attribute, or the text of a child of that name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attribute(name).or_else(|| self.text_of(name)).filter(|value| !value.is_empty())
    }

    /// The name for people: the description of its first localised name.
    pub(super) fn title(&self) -> Option<&str> {
        let names = self.child("LocalizedNames").or_else(|| self.child("displaynames"));
        let names = names.and_then(|names| names.children.first());
        names.and_then(|name| name.attribute("description")).filter(|title| !title.is_empty())
    }

    /// Whether it is a text and nothing else.
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty() && self.attributes.is_empty()
    }

    /// Whether the order of its children has no meaning.
    pub(super) fn is_set(&self) -> bool {
        self.kind == Kind::Element && SETS.contains(&self.name.as_str())
    }

    /// Whether its children are its properties, each with a name of its own.
    pub(super) fn is_record(&self) -> bool {
        match self.kind {
            Kind::Object => true,
            Kind::Element => {
                let mut seen = HashSet::with_capacity(self.children.len());
                self.children.iter().all(|child| seen.insert(child.name.as_str()))
            }
            _ => false,
        }
    }

    /// What it is known by among its siblings.
    pub(super) fn key(&self) -> Option<String> {
        let known = KEYS.iter().find_map(|key| self.value(key))?;
        Some(format!("{}[{}]", self.name, known.trim_matches(['{', '}'])))
    }

    /// A digest in which formatting and the order of what has no order mean nothing. 128 bits, so that nobody
    /// finds a second content for one by chance.
    pub(super) fn digest(&self) -> u128 {
        let mut digests: Vec<(&str, u128)> =
            self.children.iter().map(|child| (child.name.as_str(), child.digest())).collect();
        if self.is_set() || self.is_record() {
            digests.sort_unstable();
        }
        let mut hasher = Digester::default();
        hasher.text(&self.name);
        hasher.number(self.kind as u128);
        hasher.text(&self.text);
        hasher.number(self.attributes.len() as u128);
        for (name, value) in &self.attributes {
            hasher.text(name);
            hasher.text(value);
        }
        for (_, digest) in digests {
            hasher.number(digest);
        }
        hasher.finish()
    }

    /// Roughly how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let own = self.name.len() + self.text.len() + 120;
        let attributes: usize = self.attributes.iter().map(|(name, value)| name.len() + value.len() + 48).sum();
        own + attributes + self.children.iter().map(Self::size).sum::<usize>()
    }

    /// Its content on one line, at most about so many characters.
    pub(super) fn brief(&self, most: usize) -> String {
        let mut text = String::new();
        self.write_brief(&mut text, most);
        text
    }

    fn write_brief(&self, into: &mut String, most: usize) {
        if into.len() >= most {
            return;
        }
        match self.kind {
            Kind::Text | Kind::Literal => into.push_str(&self.text),
            Kind::Element if self.is_leaf() => into.push_str(&self.text),
            Kind::Element | Kind::Object | Kind::List => {
                let mut first = true;
                let mut separate = |into: &mut String| {
                    if !std::mem::take(&mut first) {
                        into.push_str(", ");
                    }
                };
                for (name, value) in &self.attributes {
                    separate(into);
                    let _ = write!(into, "{name}: {value}");
                }
                if !self.text.is_empty() {
                    separate(into);
                    into.push_str(&self.text);
                }
                for child in &self.children {
                    if into.len() >= most {
                        into.push('…');
                        return;
                    }
                    separate(into);
                    if child.is_leaf() && child.text.is_empty() && child.kind == Kind::Element {
                        into.push_str(&child.name);
                        continue;
                    }
                    if !child.name.is_empty() {
                        let _ = write!(into, "{}: ", child.name);
                    }
                    let nested = !child.children.is_empty();
                    if nested {
                        into.push('(');
                    }
                    child.write_brief(into, most);
                    if nested {
                        into.push(')');
                    }
                }
            }
        }
    }
}

/// Keys of siblings, each with its place; none where two have the same or one has none.
pub(super) fn keys(siblings: &[Node]) -> Option<HashMap<String, usize>> {
    let mut keys = HashMap::with_capacity(siblings.len());
    for (at, sibling) in siblings.iter().enumerate() {
        if keys.insert(sibling.key()?, at).is_some() {
            return None;
        }
    }
    Some(keys)
}

/// Two hashers of the standard library that began differently.
#[derive(Debug)]
pub(super) struct Digester(std::hash::DefaultHasher, std::hash::DefaultHasher);

impl Default for Digester {
    fn default() -> Self {
        let mut second = std::hash::DefaultHasher::new();
        second.write_u8(1);
        Self(std::hash::DefaultHasher::new(), second)
    }
}

impl Digester {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u128);
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: u128) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn finish(&self) -> u128 {
        (u128::from(self.0.finish()) << 64) | u128::from(self.1.finish())
    }
}
