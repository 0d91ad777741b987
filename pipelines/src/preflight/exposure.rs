//! Flows and values give away what they should not.

use super::{Entry, Group, Rule, Subject};
use model::{
    Component, Finding, Severity,
    inspection::{Exposure, ExposureKind},
};

pub(super) const RULE: Rule = Rule {
    findings,
    entries: &[
        Entry {
            id: "secret-in-package",
            group: Group::Hygiene,
            severity: Severity::Warning,
            codes: &[],
            summary: "A flow or a value carries a signed link, a key, a password or a token. Shown masked.",
        },
        Entry {
            id: "tenant-in-package",
            group: Group::Hygiene,
            severity: Severity::Warning,
            codes: &[],
            summary: "A flow carries the id of a tenant.",
        },
        Entry {
            id: "mail-address-in-package",
            group: Group::Hygiene,
            severity: Severity::Warning,
            codes: &[],
            summary: "A flow carries a mail address.",
        },
        Entry {
            id: "environment-address-in-package",
            group: Group::Hygiene,
            severity: Severity::Warning,
            codes: &[],
            summary: "A flow carries the address of an environment, which is another one in the target.",
        },
    ],
};

/// Places that a message lists.
const MOST: usize = 5;

fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let exposures = &subject.package.inspection.exposures;
    let of = |kinds: &[ExposureKind]| exposures.iter().filter(|one| kinds.contains(&one.kind)).collect::<Vec<_>>();
    let secret = of(&[ExposureKind::Signature, ExposureKind::Key, ExposureKind::Token]);
    [
        finding(
            &secret,
            "secret-in-package",
            "The package carries secrets",
            "Whoever can read the package can use what stands in it",
            "Put the secret into a key vault, use it through an environment variable of type secret or a connection, and renew it: it has been in a file.",
        ),
        finding(
            &of(&[ExposureKind::Tenant]),
            "tenant-in-package",
            "The package carries the id of a tenant",
            "The id of a tenant is written down in it",
            "Take the id from an environment variable.",
        ),
        finding(
            &of(&[ExposureKind::Mail]),
            "mail-address-in-package",
            "The package carries mail addresses",
            "Mail addresses are written down in it",
            "Take the address from an environment variable, so that the target has its own.",
        ),
        finding(
            &of(&[ExposureKind::EnvironmentUrl]),
            "environment-address-in-package",
            "The package carries the address of an environment",
            "The address of an environment is written down in it, and flows in the target would go on using that environment",
            "Take the address from an environment variable, so that the target has its own.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn finding(exposures: &[&Exposure], rule: &str, title: &str, what: &str, remedy: &str) -> Option<Finding> {
    if exposures.is_empty() {
        return None;
    }
    let mut places: Vec<String> = exposures
        .iter()
        .take(MOST)
        .map(|one| format!("{} in “{}” at {}", one.masked, one.component.label(), one.place))
        .collect();
    if exposures.len() > MOST {
        places.push(format!("and {} more", exposures.len() - MOST));
    }
    let mut components: Vec<Component> = exposures.iter().map(|one| one.component.clone()).collect();
    components.sort();
    components.dedup();
    Some(Finding {
        severity: Severity::Warning,
        code: None,
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: format!("{what}: {}.", places.join("; ")),
        components,
        remedy: remedy.to_owned(),
        action: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::preflight::fixture::{package, rules, target, verdict};
    use model::{
        Component, ComponentType,
        inspection::{Exposure, ExposureKind},
    };

    #[test]
    fn what_is_given_away_is_a_warning_for_each_kind_that_names_the_place() {
        let mut orders = package("Orders", "1.0.0.0");
        for kind in [ExposureKind::Signature, ExposureKind::Token, ExposureKind::Mail] {
            orders.inspection.exposures.push(Exposure {
                kind,
                component: Component::new(ComponentType::WORKFLOW, "f1"),
                place: "actions › Call › uri".to_owned(),
                masked: "abcd… (40 characters)".to_owned(),
            });
        }
        let findings = verdict(&orders, &target(&[]));
        assert_eq!(rules(&findings), ["secret-in-package", "mail-address-in-package"]);
        assert!(findings[0].message.contains("abcd… (40 characters) in “f1” at actions › Call › uri"));
        assert_eq!(findings[0].components.len(), 1);
        assert!(findings.iter().all(|finding| !finding.blocks()));
    }
}
