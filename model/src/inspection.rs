//! What looking into the files of a package brings up, beyond what the package says of itself.

use crate::{Component, package::UnreadableFile};
use serde::{Deserialize, Serialize};

/// What was seen in the files of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Inspection {
    /// Language codes that the package has labels in, such as 1033, in order.
    pub languages: Vec<u32>,
    /// Files that components name and that the package does not have.
    pub missing_files: Vec<MissingFile>,
    /// Documents of canvas apps that are not whole: each is a zip of its own inside the package.
    pub damaged_apps: Vec<UnreadableFile>,
    /// Secrets, addresses of people and of environments in flows and values, masked.
    pub exposures: Vec<Exposure>,
    /// Root components of the manifest (processes, web resources, canvas apps) that nothing in the package defines.
    pub undefined_components: Vec<Component>,
    /// Tables and canvas apps that the package defines and the manifest does not list.
    pub undeclared_components: Vec<Component>,
    /// Connection references, variables and processes that the package defines more than once.
    pub repeated_components: Vec<Component>,
    /// One file of every extension that `[Content_Types].xml` does not list. Empty where it lists none at all.
    pub untyped_files: Vec<String>,
    /// One file of every extension, by extension.
    pub extensions: Vec<FileExtension>,
    /// The largest file beside the three at the root that describe the package.
    pub largest_file: Option<PackagedFile>,
    /// Which component uses which connector, sorted.
    pub connector_uses: Vec<ConnectorUse>,
    /// Whether values of variables are packaged in the layout of 2020, in one file at the root.
    pub variables_in_old_layout: bool,
}

/// A file that a component names and that is not in the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingFile {
    /// Its path in the package.
    pub file: String,
    /// The component that names it.
    pub component: Component,
}

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackagedFile {
    /// Its path in the package.
    pub file: String,
    /// Bytes unpacked.
    pub bytes: u64,
}

/// An extension that files of a package have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileExtension {
    /// In lower case, without the dot: `js`.
    pub extension: String,
    /// The first file that has it, or the name of the first web resource that does.
    pub file: String,
}

/// A component that works with a connector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConnectorUse {
    /// The last part of the connector's id, in lower case: `shared_sharepointonline`.
    pub connector: String,
    /// A connection reference, a flow or a canvas app.
    pub component: Component,
}

/// What kind of thing a package gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExposureKind {
    /// The signature of a link (`sig=…`): whoever has the link may use it.
    Signature,
    /// A key or password.
    Key,
    /// A token.
    Token,
    /// The id of a tenant.
    Tenant,
    /// A mail address.
    Mail,
    /// The address of an environment.
    EnvironmentUrl,
}

/// A place in a package that gives something away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// What is given away.
    pub kind: ExposureKind,
    /// The flow or variable it is in.
    pub component: Component,
    /// Where in it: keys from the outside to the inside, joined with ` › `.
    pub place: String,
    /// What is there, with all but its beginning left out where it is a secret.
    pub masked: String,
}
