//! What receivers are sent.

use crate::event::Facts;
use model::{Timestamp, event::EventName, stage_run::StageRunStatus, webhook::WebhookForm};
use serde_json::{Value, json};

/// The name of a test in the place of that of an event.
pub(super) const TEST: &str = "Test";

/// What is told.
pub(super) struct Told<'a> {
    /// The event; none for a test.
    pub event: Option<EventName>,
    /// Counts the events of the run.
    pub number: i64,
    pub at: Timestamp,
    pub facts: &'a Facts,
    /// Where people reach Slipway, for links.
    pub public_url: &'a str,
}

impl Told<'_> {
    /// The name of the event.
    pub fn name(&self) -> &'static str {
        self.event.map_or(TEST, EventName::name)
    }

    /// The body of a call.
    pub fn body(&self, form: WebhookForm) -> String {
        match form {
            WebhookForm::Event => self.json().to_string(),
            WebhookForm::Teams => self.teams().to_string(),
        }
    }

    fn status(&self) -> Option<StageRunStatus> {
        StageRunStatus::from_code(self.facts.status)
    }

    fn link(&self) -> String {
        format!("{}/runs/{}", self.public_url, self.facts.run)
    }

    /// The event with the names that the platform's triggers have.
    fn json(&self) -> Value {
        let facts = self.facts;
        let artifact = |kind: &str| facts.artifact.map(|id| format!("{}/artifacts/{id}/{kind}", self.public_url));
        json!({
            "EventName": self.name(),
            "EventNumber": self.number,
            "OccurredOn": self.at.to_rfc3339(),
            "InputParameters": { "StageRunId": facts.run },
            "OutputParameters": {
                "DeploymentPipelineName": facts.pipeline,
                "DeploymentStageName": facts.stage,
                "ArtifactName": facts.solution,
                "SolutionArtifactVersion": facts.version,
                "DeployAsUser": facts.run_as.as_ref().unwrap_or(&facts.requested_by),
                "ScheduledTime": facts.scheduled.map(|at| Timestamp(at).to_rfc3339()),
                "DeploymentNotes": facts.notes,
                "AIGeneratedSolutionDescription": null,
                "StageRunDetailsLink": self.link(),
                "ArtifactFileDownloadLink": artifact("managed"),
                "UnmanagedArtifactFileDownloadLink": artifact("unmanaged"),
                "SourceDeploymentEnvironmentId": facts.source,
                "TargetEnvironmentId": facts.target,
            },
            "StageRun": {
                "StageRunStatus": facts.status,
                "StageRunStatusName": self.status().map(StageRunStatus::label),
                "SolutionDisplayName": facts.solution_display_name,
                "RequestedBy": facts.requested_by,
                "SourceEnvironmentName": facts.source_name,
                "TargetEnvironmentName": facts.target_name,
                "ErrorMessage": facts.error_message,
            },
        })
    }

    /// A message with a card, as the workflow *Post to a channel when a webhook request is received* takes it. What
    /// people wrote stands in text runs, in which no Markdown counts.
    fn teams(&self) -> Value {
        let facts = self.facts;
        let heading = self.event.map_or("Test of a Slipway webhook", EventName::meaning);
        let color = match self.event {
            Some(EventName::DeploymentFailed) => "attention",
            Some(EventName::DeploymentCompleted | EventName::ApprovalCompleted) => "good",
            Some(EventName::ApprovalStarted | EventName::PreDeploymentStarted) => "warning",
            _ => "default",
        };
        let line = |label: &str, text: &str| {
            json!({ "type": "RichTextBlock", "inlines": [
                { "type": "TextRun", "text": format!("{label}: "), "weight": "bolder" },
                { "type": "TextRun", "text": text },
            ]})
        };
        let solution = format!("{} {}", facts.solution_display_name, facts.version);
        let mut body = vec![
            json!({ "type": "TextBlock", "text": heading, "size": "large", "weight": "bolder", "color": color, "wrap": true }),
            line("Solution", &solution),
            line("Pipeline", &facts.pipeline),
            line("Stage", &facts.stage),
            line("Target", &facts.target_name),
            line("Requested by", &facts.requested_by),
        ];
        let more = [("Notes", &facts.notes), ("Reason", &facts.error_message)];
        body.extend(more.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| line(label, text)));
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                    "actions": [{ "type": "Action.OpenUrl", "title": "Open run", "url": self.link() }],
                },
            }],
        })
    }
}

/// A run that there is not, for a test.
pub(super) fn sample() -> Facts {
    Facts {
        status: StageRunStatus::NotStarted.code(),
        pipeline: "Sample pipeline".to_owned(),
        stage: "Test".to_owned(),
        solution: "SampleSolution".to_owned(),
        solution_display_name: "Sample solution".to_owned(),
        version: "1.0.0.1".to_owned(),
        requested_by: "Slipway".to_owned(),
        notes: "This is a test. Nothing was deployed.".to_owned(),
        source_name: "Sample development".to_owned(),
        target_name: "Sample target".to_owned(),
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn told(facts: &Facts, event: Option<EventName>) -> Told<'_> {
        Told { event, number: 3, at: Timestamp(1_795_348_800_000), facts, public_url: "https://slipway.contoso.com" }
    }

    #[test]
    fn an_event_has_the_names_of_the_platforms_triggers() {
        let artifact = uuid::Uuid::from_u128(7);
        let facts = Facts { artifact: Some(artifact), scheduled: Some(0), ..sample() };
        let body: Value =
            serde_json::from_str(&told(&facts, Some(EventName::DeploymentStarted)).body(WebhookForm::Event)).unwrap();
        assert_eq!(body["EventName"], "OnDeploymentStarted");
        assert_eq!(body["OccurredOn"], "2026-11-22T12:00:00Z");
        assert_eq!(body["InputParameters"]["StageRunId"], uuid::Uuid::nil().to_string());
        let output = &body["OutputParameters"];
        let names: Vec<_> = output.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "AIGeneratedSolutionDescription",
                "ArtifactFileDownloadLink",
                "ArtifactName",
                "DeployAsUser",
                "DeploymentNotes",
                "DeploymentPipelineName",
                "DeploymentStageName",
                "ScheduledTime",
                "SolutionArtifactVersion",
                "SourceDeploymentEnvironmentId",
                "StageRunDetailsLink",
                "TargetEnvironmentId",
                "UnmanagedArtifactFileDownloadLink",
            ]
        );
        assert_eq!(output["ScheduledTime"], "1970-01-01T00:00:00Z");
        assert_eq!(output["DeployAsUser"], "Slipway");
        let managed = format!("https://slipway.contoso.com/artifacts/{artifact}/managed");
        assert_eq!(output["ArtifactFileDownloadLink"], managed);
        assert_eq!(body["StageRun"]["StageRunStatus"], 200_000_000);
    }

    #[test]
    fn a_card_for_teams_keeps_what_people_wrote_out_of_markdown() {
        let hostile = "[click](https://evil.example) **bold**";
        let facts = Facts { notes: hostile.to_owned(), error_message: hostile.to_owned(), ..sample() };
        let body: Value =
            serde_json::from_str(&told(&facts, Some(EventName::DeploymentFailed)).body(WebhookForm::Teams)).unwrap();
        let card = &body["attachments"][0]["content"];
        assert_eq!(body["type"], "message");
        assert_eq!(body["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
        assert_eq!((&card["type"], &card["body"][0]["text"]), (&json!("AdaptiveCard"), &json!("Deployment failed")));
        let blocks = card["body"].as_array().unwrap();
        let (markdown, runs): (Vec<_>, Vec<_>) = blocks.iter().partition(|block| block["type"] == "TextBlock");
        assert!(markdown.iter().all(|block| !block.to_string().contains("click")));
        assert_eq!(runs.iter().filter(|block| block.to_string().contains("click")).count(), 2);
        assert!(card["actions"][0]["url"].as_str().unwrap().starts_with("https://slipway.contoso.com/runs/"));
    }

    #[test]
    fn a_test_says_that_it_is_one() {
        let facts = sample();
        let test = told(&facts, None);
        assert!(test.body(WebhookForm::Event).contains(r#""EventName":"Test""#));
        assert!(test.body(WebhookForm::Teams).contains("Test of a Slipway webhook"));
    }
}
