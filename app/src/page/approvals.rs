//! The inbox of approvers.

use crate::{
    components::{Column, Grid, Moment},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page::maker::address,
};
use leptos::prelude::*;
use model::gate::ApprovalRequest;
use pipelines::stage_run;

/// Address of this page.
pub const PATH: &str = "/approvals";

/// `/approvals`
#[component]
pub fn Approvals() -> impl IntoView {
    super::load(
        Area::General,
        async {
            let caller = context::caller()?;
            Ok::<_, AppError>(stage_run::inbox(&context::host(), &caller).await?)
        },
        show,
    )
}

fn show(requests: Vec<ApprovalRequest>) -> impl IntoView {
    let columns = ["Solution", "Version", "Pipeline", "Stage", "Target", "Requested by", "Requested", "Answer until"]
        .into_iter()
        .map(Column::new)
        .collect();
    view! {
        <PageHeader title="Approvals" subtitle="Deployments that wait for you"/>
        <section class="card">
            <Grid
                caption="Deployments that wait for you"
                hide_caption=true
                columns
                rows=requests.into_iter().map(row).collect()
                empty="Nothing waits for your approval."
            />
        </section>
    }
}

fn row(request: ApprovalRequest) -> AnyView {
    let notes = (!request.notes.is_empty()).then(|| view! { <small>{request.notes}</small> });
    view! {
        <tr>
            <th scope="row"><a href=address::run(request.run)>{request.solution}</a><br/>{notes}</th>
            <td>{request.version.to_string()}</td>
            <td>{request.pipeline}</td>
            <td>{request.stage}</td>
            <td>{request.target}</td>
            <td>{request.requested_by}</td>
            <td><Moment at=request.requested/></td>
            <td>{request.deadline.map(|deadline| view! { <Moment at=deadline absolute=true/> })}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use model::{Timestamp, id::StageRunId};
    use uuid::Uuid;

    #[test]
    fn a_request_leads_to_its_run_and_what_people_wrote_stays_text() {
        let request = ApprovalRequest {
            run: StageRunId(Uuid::from_u128(7)),
            solution: "<b>Expenses</b>".to_owned(),
            version: "1.0.0.4".parse().unwrap(),
            pipeline: "Contoso".to_owned(),
            stage: "Test".to_owned(),
            target: "Contoso Test".to_owned(),
            requested_by: "Miguel Silva".to_owned(),
            notes: "<script>".to_owned(),
            requested: Timestamp(0),
            deadline: None,
        };
        let html = row(request).to_html();
        assert!(html.contains("/runs/00000000-0000-0000-0000-000000000007"), "{html}");
        assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
    }
}
