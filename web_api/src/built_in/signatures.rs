//! Actions and functions of a built-in environment, as `$metadata` tells them.

use crate::metadata::{Signature, Signatures};

/// Actions, functions and what they answer.
pub const SIGNATURES: Signatures = Signatures {
    operations: OPERATIONS,
    responses: RESPONSES,
    open_types: &["SolutionParameters", "SolutionOperationResult", "StageSolutionResults", "MissingComponent"],
};

/// Actions and functions, for the CSDL.
const OPERATIONS: &[Signature] = &[
    ("WhoAmI", false, &[], "WhoAmIResponse"),
    ("RetrieveVersion", false, &[], "RetrieveVersionResponse"),
    ("RetrieveAvailableLanguages", false, &[], "RetrieveAvailableLanguagesResponse"),
    ("RetrieveProvisionedLanguages", false, &[], "RetrieveProvisionedLanguagesResponse"),
    ("RetrieveMissingDependencies", false, &[("SolutionUniqueName", "Edm.String")], "Collection(mscrm.crmbaseentity)"),
    (
        "RetrieveDependenciesForUninstall",
        false,
        &[("SolutionUniqueName", "Edm.String")],
        "Collection(mscrm.crmbaseentity)",
    ),
    ("RetrieveSolutionImportResult", false, &[("ImportJobId", "Edm.Guid")], "RetrieveSolutionImportResultResponse"),
    (
        "RetrieveFormattedImportJobResults",
        false,
        &[("ImportJobId", "Edm.Guid")],
        "RetrieveFormattedImportJobResultsResponse",
    ),
    ("StageSolution", true, &[("CustomizationFile", "Edm.Binary")], "StageSolutionResponse"),
    ("RetrieveMissingComponents", true, &[("CustomizationFile", "Edm.Binary")], "RetrieveMissingComponentsResponse"),
    ("ImportSolution", true, IMPORT, ""),
    ("ImportSolutionAsync", true, IMPORT, "ImportSolutionAsyncResponse"),
    ("StageAndUpgradeAsync", true, IMPORT, "StageAndUpgradeAsyncResponse"),
    ("ExportSolution", true, EXPORT, "ExportSolutionResponse"),
    ("ExportSolutionAsync", true, EXPORT, "ExportSolutionAsyncResponse"),
    ("DownloadSolutionExportData", true, &[("ExportJobId", "Edm.Guid")], "DownloadSolutionExportDataResponse"),
    ("DeleteAndPromote", true, &[("UniqueName", "Edm.String")], "DeleteAndPromoteResponse"),
    ("DeleteAndPromoteAsync", true, &[("UniqueName", "Edm.String")], "DeleteAndPromoteAsyncResponse"),
    ("UninstallSolutionAsync", true, &[("SolutionUniqueName", "Edm.String")], "UninstallSolutionAsyncResponse"),
    ("PublishAllXml", true, &[], ""),
    ("PublishXml", true, &[("ParameterXml", "Edm.String")], ""),
];

const IMPORT: &[(&str, &str)] = &[
    ("OverwriteUnmanagedCustomizations", "Edm.Boolean"),
    ("PublishWorkflows", "Edm.Boolean"),
    ("CustomizationFile", "Edm.Binary"),
    ("ImportJobId", "Edm.Guid"),
    ("SkipProductUpdateDependencies", "Edm.Boolean"),
    ("HoldingSolution", "Edm.Boolean"),
    ("ComponentParameters", "Collection(mscrm.crmbaseentity)"),
    ("SolutionParameters", "mscrm.SolutionParameters"),
];

const EXPORT: &[(&str, &str)] = &[("SolutionName", "Edm.String"), ("Managed", "Edm.Boolean")];

/// Properties of the answers of functions and actions.
const RESPONSES: &[(&str, &[(&str, &str)])] = &[
    ("WhoAmIResponse", &[("BusinessUnitId", "Edm.Guid"), ("UserId", "Edm.Guid"), ("OrganizationId", "Edm.Guid")]),
    ("RetrieveVersionResponse", &[("Version", "Edm.String")]),
    ("RetrieveAvailableLanguagesResponse", &[("LocaleIds", "Collection(Edm.Int32)")]),
    ("RetrieveProvisionedLanguagesResponse", &[("RetrieveProvisionedLanguages", "Collection(Edm.Int32)")]),
    ("RetrieveSolutionImportResultResponse", &[("SolutionOperationResult", "mscrm.SolutionOperationResult")]),
    ("RetrieveFormattedImportJobResultsResponse", &[("FormattedResults", "Edm.String")]),
    ("StageSolutionResponse", &[("StageSolutionResults", "mscrm.StageSolutionResults")]),
    ("RetrieveMissingComponentsResponse", &[("MissingComponents", "Collection(mscrm.MissingComponent)")]),
    ("ImportSolutionAsyncResponse", &[("ImportJobKey", "Edm.String"), ("AsyncOperationId", "Edm.Guid")]),
    ("StageAndUpgradeAsyncResponse", &[("ImportJobKey", "Edm.String"), ("AsyncOperationId", "Edm.Guid")]),
    ("ExportSolutionResponse", &[("ExportSolutionFile", "Edm.Binary")]),
    ("ExportSolutionAsyncResponse", &[("AsyncOperationId", "Edm.Guid"), ("ExportJobId", "Edm.Guid")]),
    ("DownloadSolutionExportDataResponse", &[("ExportSolutionFile", "Edm.Binary")]),
    ("DeleteAndPromoteResponse", &[("SolutionId", "Edm.Guid")]),
    ("DeleteAndPromoteAsyncResponse", &[("AsyncOperationId", "Edm.Guid")]),
    ("UninstallSolutionAsyncResponse", &[("AsyncOperationId", "Edm.Guid")]),
];
