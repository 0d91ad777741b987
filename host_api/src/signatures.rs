//! Actions and functions of the host, as `$metadata` tells them.

use web_api::metadata::{Named, Signature, Signatures};

/// Actions, functions and what they answer.
pub const SIGNATURES: Signatures = Signatures {
    operations: OPERATIONS,
    responses: RESPONSES,
    open_types: &["DeploymentPipelineSummary", "DeploymentEnvironmentSummary", "StageRunDetails"],
};

const STAGE_RUN: Named = &[("StageRunId", "Edm.Guid")];

const OPERATIONS: &[Signature] = &[
    ("WhoAmI", false, &[], "WhoAmIResponse"),
    ("RetrieveVersion", false, &[], "RetrieveVersionResponse"),
    (
        "RetrieveDeploymentPipelines",
        false,
        &[("SourceEnvironmentId", "Edm.String")],
        "RetrieveDeploymentPipelinesResponse",
    ),
    (
        "RetrieveDeploymentPipelineInfo",
        false,
        &[("DeploymentPipelineId", "Edm.Guid"), ("SourceEnvironmentId", "Edm.String"), ("ArtifactName", "Edm.String")],
        "RetrieveDeploymentPipelineInfoResponse",
    ),
    ("ValidatePackageAsync", true, STAGE_RUN, ""),
    ("DeployPackageAsync", true, STAGE_RUN, ""),
    ("RetryFailedDeploymentAsync", true, STAGE_RUN, ""),
    ("ManageEnvironmentStamp", true, &[("DeploymentEnvironmentId", "Edm.String")], ""),
    (
        "UpdatePreExportStepStatus",
        true,
        &[
            ("StageRunId", "Edm.Guid"),
            ("PreExportStepStatus", "Edm.Int32"),
            ("PreExportProperties", "Edm.String"),
            ("Comments", "Edm.String"),
        ],
        "",
    ),
    (
        "UpdateApprovalStatus",
        true,
        &[
            ("StageRunId", "Edm.Guid"),
            ("ApprovalStatus", "Edm.Int32"),
            ("ApprovalComments", "Edm.String"),
            ("ApprovalProperties", "Edm.String"),
        ],
        "",
    ),
    (
        "UpdatePreDeploymentStepStatus",
        true,
        &[("StageRunId", "Edm.Guid"), ("PreDeploymentStepStatus", "Edm.Int32"), ("Comments", "Edm.String")],
        "",
    ),
];

const RESPONSES: &[(&str, Named)] = &[
    ("WhoAmIResponse", &[("BusinessUnitId", "Edm.Guid"), ("UserId", "Edm.Guid"), ("OrganizationId", "Edm.Guid")]),
    ("RetrieveVersionResponse", &[("Version", "Edm.String")]),
    (
        "RetrieveDeploymentPipelinesResponse",
        &[
            ("CanCreate", "Edm.Boolean"),
            ("AvailablePipelines", "Collection(mscrm.DeploymentPipelineSummary)"),
            ("DeploymentEnvironment", "mscrm.DeploymentEnvironmentSummary"),
        ],
    ),
    (
        "RetrieveDeploymentPipelineInfoResponse",
        &[
            ("SourceDeploymentEnvironmentId", "Edm.Guid"),
            ("StageRunsDetails", "Collection(mscrm.StageRunDetails)"),
            ("EnableAIDeploymentNotes", "Edm.Boolean"),
            ("EnableRedeployment", "Edm.Boolean"),
            ("DeploymentType", "Edm.Int32"),
        ],
    ),
];
