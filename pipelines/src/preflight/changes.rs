//! What a deployment will change in the target.

use model::{package::PackageFacts, solution::SolutionContents, stage_run::Change};

/// What a deployment of a package changes, against what the target has of the same solution.
pub fn changes(_package: &PackageFacts, _installed: Option<&SolutionContents>) -> Vec<Change> {
    Vec::new()
}
