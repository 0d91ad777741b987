//! A table of runs.

use super::address;
use crate::{
    components::{Column, Grid, Moment, StatusBadge},
    page::comparison,
};
use leptos::prelude::*;
use model::stage_run::{RunFilter, RunSort, StageRunSummary};

/// A table of runs. With a filter its headings sort.
#[component]
pub fn RunTable(
    /// The runs.
    runs: Vec<StageRunSummary>,
    /// What the list is narrowed to and sorted by.
    #[prop(optional_no_strip, into)]
    sorted: Option<RunFilter>,
    /// What to say when there are none.
    #[prop(into)]
    empty: String,
) -> impl IntoView {
    let column = |label: &str, sort: Option<RunSort>| match (sort, &sorted) {
        (Some(sort), Some(filter)) => {
            let direction = (filter.sort == sort).then_some(filter.ascending);
            Column::new(label).sorted(address::write(&address::sorted_by(filter, sort)), direction)
        }
        _ => Column::new(label),
    };
    let columns = vec![
        column("Start time", Some(RunSort::Requested)),
        column("End time", Some(RunSort::Ended)),
        column("Solution", Some(RunSort::Solution)),
        column("Version", Some(RunSort::Version)),
        column("Pipeline", None),
        column("Stage", None),
        column("Target", None),
        column("Deployed by", None),
        column("Status", Some(RunSort::Status)),
    ];
    view! { <Grid caption="Runs" hide_caption=true columns rows=runs.into_iter().map(row).collect() empty/> }
}

fn row(run: StageRunSummary) -> AnyView {
    let ended = match run.ended {
        Some(ended) => view! { <Moment at=ended absolute=true/> }.into_any(),
        None => "Not yet".into_any(),
    };
    let compare = comparison::of_run(&run);
    let failure = (!run.error_message.is_empty()).then(|| view! { <small class="failure">{run.error_message}</small> });
    let waiting = (!run.waiting_for.is_empty()).then(|| view! { <br/><small>{run.waiting_for}</small> });
    let settings_only = run.settings_only.then(|| view! { <br/><small>"Settings only"</small> });
    let run_as = run.run_as_name.map(|name| view! { <br/><small>{format!("as {name}")}</small> });
    view! {
        <tr>
            <th scope="row"><a href=format!("/runs/{}", run.id)><Moment at=run.requested absolute=true/></a></th>
            <td>{ended}</td>
            <td>{run.solution_display_name}</td>
            <td>{run.version.to_string()}{settings_only}{compare}</td>
            <td>{run.pipeline_name}</td>
            <td>{run.stage_name}</td>
            <td>{run.target_name}</td>
            <td>{run.requested_by_name}{run_as}</td>
            <td><StatusBadge status=run.status/>{failure}{waiting}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::{
        SolutionVersion, Timestamp,
        id::{EnvironmentId, StageRunId},
        stage_run::StageRunStatus,
    };
    use uuid::Uuid;

    fn run(name: &str) -> StageRunSummary {
        StageRunSummary {
            id: StageRunId(Uuid::from_u128(7)),
            status: StageRunStatus::Failed,
            pipeline_name: name.to_owned(),
            stage_name: name.to_owned(),
            source: EnvironmentId(Uuid::from_u128(1)),
            target_name: name.to_owned(),
            solution: name.to_owned(),
            solution_display_name: name.to_owned(),
            version: SolutionVersion::from([1, 0, 0, 1]),
            previous_version: None,
            artifact: None,
            requested_by_name: name.to_owned(),
            run_as_name: Some(name.to_owned()),
            settings_only: false,
            requested: Timestamp(0),
            ended: None,
            error_message: name.to_owned(),
            waiting_for: name.to_owned(),
        }
    }

    #[test]
    fn a_row_leads_to_its_run() {
        let html = view! { <RunTable runs=vec![run("Contoso")] empty="None."/> }.to_html();
        assert!(html.contains("href=\"/runs/00000000-0000-0000-0000-000000000007\""), "{html}");
    }

    #[test]
    fn a_run_that_took_the_place_of_a_version_leads_to_the_comparison_with_it() {
        let previous_version = Some(SolutionVersion::from([1, 0, 0, 0]));
        let artifact = Some(model::id::ArtifactId(Uuid::from_u128(9)));
        for (previous_version, artifact, links) in
            [(None, None, 0), (previous_version.clone(), None, 0), (None, artifact, 0), (previous_version, artifact, 1)]
        {
            let run = StageRunSummary { previous_version, artifact, ..run("Contoso") };
            let html = view! { <RunTable runs=vec![run] empty="None."/> }.to_html();
            let link = "href=\"/comparison?run=00000000-0000-0000-0000-000000000007\"";
            assert_eq!(html.matches(link).count(), links, "{html}");
        }
    }

    #[test]
    fn names_and_failures_from_elsewhere_stay_text() {
        let html = view! { <RunTable runs=vec![run("</td><script>alert(1)</script>")] empty="None."/> }.to_html();
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("&lt;/td&gt;&lt;script&gt;").count(), 8, "{html}");
    }

    #[test]
    fn headings_sort_and_tell_how_the_list_is_sorted() {
        let filter = RunFilter { status: Some(StageRunStatus::Failed), ..RunFilter::default() };
        let html = view! { <RunTable runs=Vec::new() sorted=filter empty="None."/> }.to_html();
        assert_eq!(html.matches("aria-sort").count(), 1, "{html}");
        assert!(html.contains("aria-sort=\"descending\""), "{html}");
        assert!(html.contains("href=\"/configuration/run-history?status=failed&amp;order=ascending\""), "{html}");
        assert!(
            html.contains("href=\"/configuration/run-history?status=failed&amp;sort=solution&amp;order=ascending\""),
            "{html}"
        );
        let plain = view! { <RunTable runs=Vec::new() empty="None."/> }.to_html();
        assert!(!plain.contains("href="), "{plain}");
    }
}
