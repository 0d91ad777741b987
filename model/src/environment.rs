//! Environments as admins register them and makers choose them.

use crate::{
    SolutionVersion, Timestamp,
    id::{DeploymentEnvironmentId, EnvironmentId, UserId},
};
use serde::{Deserialize, Serialize};

/// The platform's option set `environmenttype`. Fixed once the record is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvironmentType {
    /// 200000000: solutions are exported from it.
    Development,
    /// 200000001: artifacts are deployed into it.
    Target,
}

impl EnvironmentType {
    /// The platform's option value.
    pub fn code(self) -> i32 {
        match self {
            Self::Development => 200_000_000,
            Self::Target => 200_000_001,
        }
    }

    /// The type of an option value.
    pub fn from_code(code: i32) -> Option<Self> {
        [Self::Development, Self::Target].into_iter().find(|kind| kind.code() == code)
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Development => "Development Environment",
            Self::Target => "Target Environment",
        }
    }

    /// The word in URLs and forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Target => "target",
        }
    }

    /// The type of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Development, Self::Target].into_iter().find(|kind| kind.name() == name)
    }
}

/// The platform's option set `validationstatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ValidationStatus {
    /// 200000000: the host has yet to connect to the environment.
    Pending,
    /// 200000001
    Success,
    /// 200000002: the record says why.
    Failed,
}

impl ValidationStatus {
    /// The platform's option value.
    pub fn code(self) -> i32 {
        match self {
            Self::Pending => 200_000_000,
            Self::Success => 200_000_001,
            Self::Failed => 200_000_002,
        }
    }

    /// The status of an option value.
    pub fn from_code(code: i32) -> Option<Self> {
        [Self::Pending, Self::Success, Self::Failed].into_iter().find(|status| status.code() == code)
    }

    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Success => "Success",
            Self::Failed => "Failed",
        }
    }
}

/// Which records a list of environments shows. The platform's views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvironmentView {
    /// *Added Deployment Environments*: all active records.
    #[default]
    Active,
    /// *Added Development Environments*.
    Development,
    /// *Added Target Environments*.
    Target,
    /// *Inactive Deployment Environments*.
    Inactive,
}

impl EnvironmentView {
    /// Every view, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Active, Self::Development, Self::Target, Self::Inactive];

    /// The word in the URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Development => "development",
            Self::Target => "target",
            Self::Inactive => "inactive",
        }
    }

    /// The view of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Added Deployment Environments",
            Self::Development => "Added Development Environments",
            Self::Target => "Added Target Environments",
            Self::Inactive => "Inactive Deployment Environments",
        }
    }
}

/// The host's record of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentEnvironment {
    /// Id of the record.
    pub id: DeploymentEnvironmentId,
    /// Name of the record.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Development or target.
    pub kind: EnvironmentType,
    /// The environment it stands for.
    pub environment_id: EnvironmentId,
    /// Owner.
    pub owner: UserId,
    /// Name of the owner.
    pub owner_name: String,
    /// What came of connecting to it.
    pub validation: ValidationStatus,
    /// Why validation failed; empty otherwise.
    pub error_message: String,
    /// Whether the record is active.
    pub active: bool,
    /// Raised by one with every change; a form sends back the one it was filled from.
    pub row_version: i32,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// An environment kept by Slipway itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltInEnvironment {
    /// Its Environment ID.
    pub id: EnvironmentId,
    /// Name.
    pub name: String,
    /// Milliseconds an import takes for each component, so that practice looks like the real thing; 0 is as fast as it can.
    pub import_pace: u32,
    /// What it is like, and what it takes.
    pub properties: EnvironmentProperties,
    /// Number of solutions in it.
    pub solutions: u64,
    /// When it was created.
    pub created: Timestamp,
}

/// An environment a person may choose in the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentChoice {
    /// The environment.
    pub id: EnvironmentId,
    /// Name of its record.
    pub name: String,
    /// Development or target.
    pub kind: EnvironmentType,
}

/// What an environment is like, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvironmentProperties {
    /// Version of its platform, such as `9.2.25093.138`; none where it is the latest.
    pub platform_version: Option<SolutionVersion>,
    /// Codes of the languages that are installed, such as 1033.
    pub languages: Vec<u32>,
    /// Extensions of files it does not take, in lower case, without the dot.
    pub blocked_extensions: Vec<String>,
    /// The largest file it takes, in megabytes.
    pub largest_file_megabytes: u32,
}

/// Extensions that a new environment does not take: programs and what starts them. The platform's own list has scripts
/// and assemblies too; it does not apply them to what solutions are made of.
const BLOCKED: &str = "bat chm cmd com cpl exe hta inf ins isp jar jse lnk mad msi msp pif ps1 psc1 reg scf scr shb shs vb vbe vbs ws wsc wsf wsh";

/// Megabytes of the largest file: what the platform can be set to at most.
const LARGEST_FILE: u32 = 128;

/// English.
const ENGLISH: u32 = 1_033;

impl Default for EnvironmentProperties {
    fn default() -> Self {
        Self {
            platform_version: None,
            languages: vec![ENGLISH],
            blocked_extensions: BLOCKED.split(' ').map(str::to_owned).collect(),
            largest_file_megabytes: LARGEST_FILE,
        }
    }
}

impl EnvironmentProperties {
    /// Whether files with an extension, in lower case, are not taken.
    pub fn is_blocked(&self, extension: &str) -> bool {
        self.blocked_extensions.iter().any(|blocked| blocked == extension)
    }

    /// Whether a file of so many bytes is not taken.
    pub fn is_too_large(&self, bytes: u64) -> bool {
        bytes > u64::from(self.largest_file_megabytes) << 20
    }
}
