//! Where runs and their steps stand, in the platform's option values.

use serde::{Deserialize, Serialize};

macro_rules! options {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of its numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The platform's option value.
            pub fn code(self) -> i32 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The value of a platform option value.
            pub fn from_code(code: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }

            /// The words on screen.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }
    };
}

options! {
    /// The platform's option set `stagerunstatus`.
    StageRunStatus {
        /// Asked for; nobody has taken it up yet.
        NotStarted = 200_000_000, "Not started";
        /// Taken up: the solution is being exported.
        Started = 200_000_001, "Started";
        /// Installed in the target.
        Succeeded = 200_000_002, "Succeeded";
        /// Ended without success.
        Failed = 200_000_003, "Failed";
        /// Withdrawn by a person.
        Canceled = 200_000_004, "Canceled";
        /// Waits for its time.
        Scheduled = 200_000_005, "Scheduled";
        /// Pre-flight is running.
        Validating = 200_000_006, "Validating";
        /// Pre-flight is done and found no error; the run waits for settings and *Deploy*.
        ValidationSucceeded = 200_000_007, "Validation succeeded";
        /// Preparing: gates before the import.
        PreDeployInProgress = 200_000_008, "Pre-deploy in progress";
        /// Ready: waits for the target to be free.
        PreDeploySucceeded = 200_000_009, "Pre-deploy succeeded";
        /// Importing.
        Deploying = 200_000_010, "Deploying";
    }
}

impl StageRunStatus {
    /// Whether the run has ended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }

    /// Whether a person can still withdraw the run: until the import begins.
    pub fn is_cancellable(self) -> bool {
        !self.is_final() && self != Self::Deploying
    }

    /// The word in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not-started",
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Scheduled => "scheduled",
            Self::Validating => "validating",
            Self::ValidationSucceeded => "validation-succeeded",
            Self::PreDeployInProgress => "pre-deploy-in-progress",
            Self::PreDeploySucceeded => "pre-deploy-succeeded",
            Self::Deploying => "deploying",
        }
    }

    /// The status of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.name() == name)
    }
}

options! {
    /// The platform's option set `deploymentsuboperation`: the steps of a run.
    SubOperation {
        /// Exporting the solution and waiting for gates before it.
        ExecutingPreStep = 200_000_101, "Exporting solution";
        /// Reading what the package needs.
        RetrievingArtifactConfiguration = 200_000_102, "Reading the artifact";
        /// Pre-flight.
        ValidatingArtifactConfiguration = 200_000_103, "Pre-flight checks";
        /// Storing the artifact, or fetching the stored one.
        RetrievingArtifact = 200_000_104, "Preparing the artifact";
        /// The import into the target.
        DeployingArtifact = 200_000_105, "Importing into the target";
        /// Looking whether the target has what was imported.
        ExecutingPostStep = 200_000_106, "Verifying the target";
    }
}

options! {
    /// The platform's option set `operationstatus`, for a step of a run.
    StepStatus {
        /// Not begun.
        NotStarted = 200_000_000, "Not started";
        /// Running.
        Started = 200_000_001, "Running";
        /// Done.
        Succeeded = 200_000_002, "Succeeded";
        /// Failed.
        Failed = 200_000_003, "Failed";
        /// Waiting for somebody or something.
        Pending = 200_000_004, "Waiting";
        /// Not to be done any more.
        Canceled = 200_000_006, "Canceled";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_values_keep_the_platforms_numbers() {
        assert_eq!(StageRunStatus::Succeeded.code(), 200_000_002);
        assert_eq!(StageRunStatus::ValidationSucceeded.code(), 200_000_007);
        assert_eq!(SubOperation::DeployingArtifact.code(), 200_000_105);
        for status in StageRunStatus::ALL.iter().copied() {
            assert_eq!(StageRunStatus::from_code(status.code()), Some(status));
            assert_eq!(StageRunStatus::from_name(status.name()), Some(status));
        }
    }

    #[test]
    fn a_run_can_be_cancelled_until_its_import_begins() {
        assert!(StageRunStatus::PreDeploySucceeded.is_cancellable());
        assert!(!StageRunStatus::Deploying.is_cancellable());
        assert!(!StageRunStatus::Failed.is_cancellable());
    }
}
