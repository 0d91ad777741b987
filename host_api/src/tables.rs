//! The tables of the host. Names, types and option values are the platform's: `table-reference.md` of its documentation,
//! and, for newer columns, what scripts for it read and write.

use web_api::table::{Collection, Column, Kind, Schema, Table, Through};

const fn column(name: &'static str, display_name: &'static str, kind: Kind) -> Column {
    Column { name, display_name, kind }
}

const fn lookup(name: &'static str, display_name: &'static str, table: &'static str) -> Column {
    column(name, display_name, Kind::Lookup { table, navigation: name })
}

const fn collection(navigation: &'static str, table: &'static str, column: &'static str) -> Collection {
    Collection { navigation, table, column, through: None }
}

/// The N:N table of pipelines and their development environments, and its navigation property.
pub const LINK: &str = "deploymentpipeline_deploymentenvironment";

/// Longest memo.
const MEMO: u32 = 1_048_576;

const STATE: Kind = Kind::Choice(&[(0, "Active"), (1, "Inactive")]);
const STATUS: Kind = Kind::Choice(&[(1, "Active"), (2, "Inactive")]);
const ENVIRONMENT_TYPE: Kind =
    Kind::Choice(&[(200_000_000, "Development Environment"), (200_000_001, "Target Environment")]);
const VALIDATION_STATUS: Kind =
    Kind::Choice(&[(200_000_000, "Pending"), (200_000_001, "Success"), (200_000_002, "Failed")]);
const DEPLOYMENT_TYPE: Kind = Kind::Choice(&[(0, "Standard"), (1, "Source Control"), (2, "ADO Pipeline")]);
const DELEGATED_TYPE: Kind = Kind::Choice(&[(1, "Stage Owner"), (2, "Service Principal")]);
const STAGE_RUN_STATUS: Kind = Kind::Choice(&[
    (200_000_000, "Not Started"),
    (200_000_001, "Started"),
    (200_000_002, "Succeeded"),
    (200_000_003, "Failed"),
    (200_000_004, "Canceled"),
    (200_000_005, "Scheduled"),
    (200_000_006, "Validating"),
    (200_000_007, "Validation Succeeded"),
    (200_000_008, "Pre-Deploy In Progress"),
    (200_000_009, "Pre-Deploy Succeeded"),
    (200_000_010, "Deploying"),
]);
const OPERATION: Kind = Kind::Choice(&[
    (200_000_200, "None"),
    (200_000_201, "Validate"),
    (200_000_202, "Deploy"),
    (200_000_203, "PreDeploy"),
]);
const OPERATION_STATUS: Kind = Kind::Choice(&[
    (200_000_000, "Not Started"),
    (200_000_001, "Started"),
    (200_000_002, "Succeeded"),
    (200_000_003, "Failed"),
    (200_000_004, "Pending"),
    (200_000_005, "Scheduled"),
    (200_000_006, "Canceled"),
]);
const SUBOPERATION: Kind = Kind::Choice(&[
    (200_000_100, "None"),
    (200_000_101, "Executing Pre-step"),
    (200_000_102, "Retrieving Artifact Configuration"),
    (200_000_103, "Validating Artifact Configuration"),
    (200_000_104, "Retrieving Artifact"),
    (200_000_105, "Deploying Artifact"),
    (200_000_106, "Executing Post-step"),
]);
const APPROVAL_STATUS: Kind = Kind::Choice(&[(10, "Pending"), (20, "Approved"), (30, "Rejected")]);
const STEP_STATUS: Kind = Kind::Choice(&[(10, "Pending"), (20, "Completed"), (30, "Failed")]);

const CREATED: Column = column("createdon", "Created On", Kind::DateTime);
const MODIFIED: Column = column("modifiedon", "Modified On", Kind::DateTime);
const OWNER: Column = lookup("ownerid", "Owner", "systemuser");
const VERSION_NUMBER: Column = column("versionnumber", "Version Number", Kind::BigInteger);
const STATE_CODE: Column = column("statecode", "Status", STATE);
const STATUS_CODE: Column = column("statuscode", "Status Reason", STATUS);

/// The tables of the host.
pub const HOST: Schema = Schema(&[
    Table {
        logical_name: "deploymentenvironment",
        schema_name: "DeploymentEnvironment",
        set_name: "deploymentenvironments",
        display_name: "Deployment Environment",
        display_collection_name: "Deployment Environments",
        type_code: 10_300,
        id: "deploymentenvironmentid",
        name: "name",
        keys: &["environmentid"],
        columns: &[
            column("deploymentenvironmentid", "Deployment Environment", Kind::Id),
            column("name", "Name", Kind::Text(100)),
            column("description", "Description", Kind::Memo(2_000)),
            column("environmentid", "Environment ID", Kind::Text(100)),
            column("environmenttype", "Environment Type", ENVIRONMENT_TYPE),
            column("validationstatus", "Validation Status", VALIDATION_STATUS),
            column("errormessage", "Error Message", Kind::Memo(MEMO)),
            OWNER,
            STATE_CODE,
            STATUS_CODE,
            CREATED,
            MODIFIED,
            VERSION_NUMBER,
        ],
        collections: &[
            Collection {
                navigation: LINK,
                table: "deploymentpipeline",
                column: "deploymentenvironmentid",
                through: Some(Through { table: LINK, column: "deploymentpipelineid" }),
            },
            collection(
                "deploymentenvironment_deploymentstage_TargetDeploymentEnvironmentId",
                "deploymentstage",
                "targetdeploymentenvironmentid",
            ),
        ],
    },
    Table {
        logical_name: "deploymentpipeline",
        schema_name: "DeploymentPipeline",
        set_name: "deploymentpipelines",
        display_name: "Deployment Pipeline",
        display_collection_name: "Deployment Pipelines",
        type_code: 10_301,
        id: "deploymentpipelineid",
        name: "name",
        keys: &[],
        columns: &[
            column("deploymentpipelineid", "Deployment Pipeline", Kind::Id),
            column("name", "Name", Kind::Text(100)),
            column("description", "Description", Kind::Memo(2_000)),
            column("enableaideploymentnotes", "AI deployment notes", Kind::Boolean),
            column("enableredeployment", "Allow redeployments of older versions", Kind::Boolean),
            column("deploymenttype", "Deployment Type", DEPLOYMENT_TYPE),
            OWNER,
            STATE_CODE,
            STATUS_CODE,
            CREATED,
            MODIFIED,
            VERSION_NUMBER,
        ],
        collections: &[
            Collection {
                navigation: LINK,
                table: "deploymentenvironment",
                column: "deploymentpipelineid",
                through: Some(Through { table: LINK, column: "deploymentenvironmentid" }),
            },
            collection("deploymentpipeline_deploymentstage", "deploymentstage", "deploymentpipelineid"),
        ],
    },
    Table {
        logical_name: LINK,
        schema_name: "DeploymentPipeline_DeploymentEnvironment",
        set_name: "deploymentpipeline_deploymentenvironmentset",
        display_name: "Linked Development Environment",
        display_collection_name: "Linked Development Environments",
        type_code: 10_302,
        id: "deploymentpipeline_deploymentenvironmentid",
        name: "deploymentpipeline_deploymentenvironmentid",
        keys: &[],
        columns: &[
            column("deploymentpipeline_deploymentenvironmentid", "Link", Kind::Id),
            column("deploymentpipelineid", "Deployment Pipeline", Kind::Guid),
            column("deploymentenvironmentid", "Deployment Environment", Kind::Guid),
            VERSION_NUMBER,
        ],
        collections: &[],
    },
    Table {
        logical_name: "deploymentstage",
        schema_name: "DeploymentStage",
        set_name: "deploymentstages",
        display_name: "Deployment Stage",
        display_collection_name: "Deployment Stages",
        type_code: 10_304,
        id: "deploymentstageid",
        name: "name",
        keys: &[],
        columns: &[
            column("deploymentstageid", "Deployment Stage", Kind::Id),
            column("name", "Name", Kind::Text(100)),
            column("description", "Description", Kind::Memo(2_000)),
            lookup("deploymentpipelineid", "Deployment Pipeline", "deploymentpipeline"),
            lookup("previousdeploymentstageid", "Previous Deployment Stage", "deploymentstage"),
            lookup("targetdeploymentenvironmentid", "Target Deployment Environment", "deploymentenvironment"),
            column("preexportsteprequired", "Pre-Export Step Required", Kind::Boolean),
            column("predeploymentsteprequired", "Pre-Deployment Step Required", Kind::Boolean),
            column("isdelegateddeployment", "Is Delegated Deployment", Kind::Boolean),
            column("delegateddeploymenttype", "Delegated Deployment Type", DELEGATED_TYPE),
            column("spnclientid", "SPN Client Id", Kind::Text(100)),
            column("issharingenabled", "Allow sharing requests", Kind::Boolean),
            OWNER,
            STATE_CODE,
            STATUS_CODE,
            CREATED,
            MODIFIED,
            VERSION_NUMBER,
        ],
        collections: &[
            collection("deploymentstage_deploymentstagerun", "deploymentstagerun", "deploymentstageid"),
            collection("deploymentstage_deploymentstage", "deploymentstage", "previousdeploymentstageid"),
        ],
    },
    Table {
        logical_name: "deploymentstagerun",
        schema_name: "DeploymentStageRun",
        set_name: "deploymentstageruns",
        display_name: "Deployment Stage Run",
        display_collection_name: "Deployment Stage Runs",
        type_code: 10_303,
        id: "deploymentstagerunid",
        name: "name",
        keys: &[],
        columns: &[
            column("deploymentstagerunid", "Deployment Stage Run", Kind::Id),
            column("name", "Name", Kind::Text(450)),
            column("artifactname", "Artifact Name", Kind::Text(200)),
            column("artifactversion", "Artifact Version", Kind::Text(100)),
            column("artifactdevcurrentversion", "Artifact Development Version", Kind::Text(100)),
            column("solutionid", "Solution", Kind::Text(100)),
            lookup("artifactid", "Artifact", "deploymentartifact"),
            lookup("deploymentstageid", "Deployment Stage", "deploymentstage"),
            lookup("devdeploymentenvironment", "Development Environment", "deploymentenvironment"),
            lookup("targetdeploymentenvironment", "Target Environment", "deploymentenvironment"),
            column("devenvironmentid", "Development Environment ID", Kind::Text(100)),
            column("targetenvironmentid", "Target Environment ID", Kind::Text(100)),
            column("stagerunstatus", "Stage Run Status", STAGE_RUN_STATUS),
            column("operation", "Operation", OPERATION),
            column("operationstatus", "Operation Status", OPERATION_STATUS),
            column("suboperation", "Suboperation", SUBOPERATION),
            column("operationdetails", "Operation Details", Kind::Memo(MEMO)),
            column("errormessage", "Error Message", Kind::Memo(MEMO)),
            column("validationresults", "Validation Results", Kind::Memo(MEMO)),
            column("deploymentsettingsjson", "Deployment Settings", Kind::Memo(MEMO)),
            column("deploymentnotes", "Deployment Notes", Kind::Memo(10_000)),
            column("aigenerateddeploymentnotes", "AI Generated Deployment Notes", Kind::Memo(10_000)),
            column("makerainoteslanguagecode", "Language of AI Notes", Kind::Text(20)),
            column("scheduledtime", "Scheduled Time", Kind::DateTime),
            column("starttime", "Start Time", Kind::DateTime),
            column("endtime", "End Time", Kind::DateTime),
            column("retrycount", "Retry Count", Kind::Integer),
            column("iscanceled", "Is Canceled", Kind::Boolean),
            column("isredeployment", "Is Redeployment", Kind::Boolean),
            column("preexportstepstatus", "Pre-Export Step Status", STEP_STATUS),
            column("approvalstatus", "Approval Status", APPROVAL_STATUS),
            column("predeploymentstepstatus", "Pre-Deployment Step Status", STEP_STATUS),
            column("postdeploymentstepstatus", "Post-Deployment Step Status", Kind::Choice(&[(10, "Notified")])),
            lookup("deployasuser", "Deploy As User", "systemuser"),
            OWNER,
            lookup("createdby", "Created By", "systemuser"),
            STATE_CODE,
            STATUS_CODE,
            CREATED,
            MODIFIED,
            VERSION_NUMBER,
        ],
        collections: &[collection(
            "deploymentstagerun_deploymentstagerunstat",
            "deploymentstagerunstatus",
            "deploymentstagerunid",
        )],
    },
    Table {
        logical_name: "deploymentartifact",
        schema_name: "DeploymentArtifact",
        set_name: "deploymentartifacts",
        display_name: "Deployment Artifact",
        display_collection_name: "Deployment Artifacts",
        type_code: 10_299,
        id: "deploymentartifactid",
        name: "name",
        keys: &[],
        columns: &[
            column("deploymentartifactid", "Deployment Artifact", Kind::Id),
            column("name", "Name", Kind::Text(100)),
            column("artifactversion", "Artifact Version", Kind::Text(100)),
            column("generatedon", "Generated On", Kind::DateTime),
            column("artifactfile", "Artifact File", Kind::File),
            column("artifactfile_name", "Artifact File Name", Kind::Text(400)),
            column("artifactfileunmanaged", "Artifact File (Unmanaged)", Kind::File),
            column("artifactfileunmanaged_name", "Artifact File Name (Unmanaged)", Kind::Text(400)),
            STATE_CODE,
            STATUS_CODE,
            CREATED,
            MODIFIED,
            VERSION_NUMBER,
        ],
        collections: &[collection("deploymentartifact_deploymentstagerun", "deploymentstagerun", "artifactid")],
    },
    Table {
        logical_name: "deploymentstagerunstatus",
        schema_name: "DeploymentStageRunStatus",
        set_name: "deploymentstagerunstatuses",
        display_name: "Deployment Stage Run Suboperation",
        display_collection_name: "Deployment Stage Run Suboperations",
        type_code: 10_305,
        id: "deploymentstagerunstatusid",
        name: "name",
        keys: &[],
        columns: &[
            column("deploymentstagerunstatusid", "Deployment Stage Run Suboperation", Kind::Id),
            column("name", "Name", Kind::Text(450)),
            lookup("deploymentstagerunid", "Deployment Stage Run", "deploymentstagerun"),
            column("operation", "Operation", OPERATION),
            column("operationstatus", "Operation Status", OPERATION_STATUS),
            column("suboperation", "Suboperation", SUBOPERATION),
            column("details", "Details", Kind::Memo(MEMO)),
            column("errormessage", "Error Message", Kind::Memo(MEMO)),
            column("retrycount", "Retry Count", Kind::Integer),
            column("starttime", "Start Time", Kind::DateTime),
            column("endtime", "End Time", Kind::DateTime),
            STATE_CODE,
            STATUS_CODE,
            CREATED,
            MODIFIED,
            VERSION_NUMBER,
        ],
        collections: &[],
    },
    Table {
        logical_name: "systemuser",
        schema_name: "SystemUser",
        set_name: "systemusers",
        display_name: "User",
        display_collection_name: "Users",
        type_code: 8,
        id: "systemuserid",
        name: "fullname",
        keys: &["domainname"],
        columns: &[
            column("systemuserid", "User", Kind::Id),
            column("fullname", "Full Name", Kind::Text(200)),
            column("domainname", "User Name", Kind::Text(1024)),
            column("isdisabled", "Status", Kind::Boolean),
            VERSION_NUMBER,
        ],
        collections: &[],
    },
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_id_and_leads_only_to_tables_there_are() {
        for table in HOST.0 {
            assert!(table.property(table.id).is_some() && table.property(table.name).is_some(), "{}", table.set_name);
            for column in table.columns {
                if let Kind::Lookup { table: target, .. } = column.kind {
                    assert!(HOST.table(target).is_some(), "{}.{}", table.logical_name, column.name);
                }
            }
            for collection in table.collections {
                let other = HOST.table(collection.table).unwrap_or_else(|| panic!("{}", collection.navigation));
                match collection.through {
                    Some(through) => assert!(HOST.table(through.table).is_some(), "{}", collection.navigation),
                    None => assert!(other.lookup(collection.column).is_some(), "{}", collection.navigation),
                }
            }
        }
    }
}
