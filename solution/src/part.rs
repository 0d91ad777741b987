//! The parts of `customizations.xml` that are read alike: one element for each, with a name, perhaps a name for people,
//! and perhaps files of its own.

use model::ComponentType;

/// Kinds of parts that are read alike: one element for each, a name, and perhaps a name for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Attribute,
    EntityKey,
    Form,
    View,
    Chart,
    Relationship,
    OptionSet,
    Role,
    WebResource,
    AppModule,
    SiteMap,
    CanvasApp,
    Connector,
    CustomControl,
    Dashboard,
    AiModel,
    Sla,
    Step,
    Endpoint,
    SecurityProfile,
    Assembly,
    PluginType,
}

/// A kind of part: its component type, the attribute or child element with its name, whether that is an id, and the
/// attribute or child element with a name for people.
pub(crate) struct Shape {
    pub(crate) kind: ComponentType,
    pub(crate) name: &'static str,
    pub(crate) is_id: bool,
    pub(crate) title: &'static str,
}

impl Kind {
    pub(crate) fn shape(self) -> Shape {
        let (number, name, is_id, title) = match self {
            Self::Attribute => (2, "LogicalName", false, ""),
            Self::EntityKey => (14, "LogicalName", false, ""),
            Self::Form => (60, "formid", true, ""),
            Self::View => (26, "savedqueryid", true, ""),
            Self::Chart => (59, "savedqueryvisualizationid", true, ""),
            Self::Relationship => (10, "Name", false, ""),
            Self::OptionSet => (9, "Name", false, "localizedName"),
            Self::Role => (20, "id", true, "name"),
            Self::WebResource => (61, "Name", false, "DisplayName"),
            Self::AppModule => (80, "UniqueName", false, ""),
            Self::SiteMap => (62, "SiteMapUniqueName", false, ""),
            Self::CanvasApp => (300, "Name", false, "DisplayName"),
            Self::Connector => (372, "name", false, "displayname"),
            Self::CustomControl => (66, "Name", false, ""),
            Self::Dashboard => (60, "FormId", true, ""),
            Self::AiModel => (401, "msdyn_aimodelid", true, "msdyn_name"),
            Self::Sla => (152, "SLAId", true, "Name"),
            Self::Step => (92, "SdkMessageProcessingStepId", true, "Name"),
            Self::Endpoint => (95, "ServiceEndpointId", true, "Name"),
            Self::SecurityProfile => (70, "fieldsecurityprofileid", true, "name"),
            Self::Assembly => (91, "FullName", false, ""),
            Self::PluginType => (90, "PluginTypeId", true, "Name"),
        };
        Shape { kind: ComponentType::Number(number), name, is_id, title }
    }

    /// Whether it belongs to the table it stands in.
    pub(crate) fn is_of_table(self) -> bool {
        matches!(self, Self::Attribute | Self::EntityKey | Self::Form | Self::View | Self::Chart)
    }
}

/// The lists under the root that hold parts, with the element of a part.
pub(crate) fn list(name: &str) -> Option<Kind> {
    Some(match name {
        "EntityRelationships" => Kind::Relationship,
        "optionsets" => Kind::OptionSet,
        "Roles" => Kind::Role,
        "WebResources" => Kind::WebResource,
        "AppModules" => Kind::AppModule,
        "AppModuleSiteMaps" => Kind::SiteMap,
        "CanvasApps" => Kind::CanvasApp,
        "Connectors" => Kind::Connector,
        "CustomControls" => Kind::CustomControl,
        "Dashboards" | "InteractionCentricDashboards" => Kind::Dashboard,
        "AIModels" => Kind::AiModel,
        "Slas" => Kind::Sla,
        "SdkMessageProcessingSteps" => Kind::Step,
        "ServiceEndpoints" => Kind::Endpoint,
        "FieldSecurityProfiles" => Kind::SecurityProfile,
        "SolutionPluginAssemblies" => Kind::Assembly,
        _ => return None,
    })
}

pub(crate) fn is_part(kind: Kind, name: &str) -> bool {
    name == match kind {
        Kind::Relationship => "EntityRelationship",
        Kind::OptionSet => "optionset",
        Kind::Role => "Role",
        Kind::WebResource => "WebResource",
        Kind::AppModule => "AppModule",
        Kind::SiteMap => "AppModuleSiteMap",
        Kind::CanvasApp => "CanvasApp",
        Kind::Connector => "Connector",
        Kind::CustomControl => "CustomControl",
        Kind::Dashboard => return matches!(name, "Dashboard" | "InteractionCentricDashboard"),
        Kind::AiModel => "AIModel",
        Kind::Sla => "Sla",
        Kind::Step => "SdkMessageProcessingStep",
        Kind::Endpoint => "ServiceEndpoint",
        Kind::SecurityProfile => "FieldSecurityProfile",
        Kind::Assembly => "PluginAssembly",
        Kind::PluginType => "PluginType",
        Kind::Attribute => "attribute",
        Kind::EntityKey => "EntityKey",
        Kind::Form => "systemform",
        Kind::View => "savedquery",
        Kind::Chart => "visualization",
    }
}

/// The elements of a part that name a file of the package, and nothing else.
pub(crate) fn names_file(kind: Kind, element: &str) -> bool {
    match kind {
        Kind::WebResource | Kind::Assembly | Kind::CustomControl => element == "FileName",
        Kind::CanvasApp => matches!(element, "DocumentUri" | "BackgroundImageUri"),
        Kind::Connector => {
            matches!(element, "openapidefinition" | "connectionparameters" | "policytemplateinstances" | "iconblob")
        }
        Kind::Attribute => element == "FormulaDefinitionFileName",
        _ => false,
    }
}
