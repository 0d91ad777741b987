//! The artifacts that the host keeps: what was deployed, ready to be taken away.

use crate::{
    components::{Column, CommandBar, CommandLink, Grid, Icon, Moment, Pager, SearchBox},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use leptos_router::location::Url;
use model::{page::Page, stage_run::Artifact};
use pipelines::artifact;

/// Address of this page.
pub const PATH: &str = "/configuration/solution-artifacts";
/// A page number beyond every real list.
const LAST_PAGE: u64 = 1_000_000;

/// Address of a page of the list, of one solution or of all.
fn address(solution: &str, page: u64) -> String {
    let solution = (!solution.is_empty()).then(|| format!("solution={}", Url::escape(solution)));
    let page = (page > 1).then(|| format!("page={page}"));
    let query: Vec<_> = solution.into_iter().chain(page).collect();
    if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", query.join("&")) }
}

/// `/configuration/solution-artifacts`
#[component]
pub fn SolutionArtifacts() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let solution = page::query("solution");
            let number = page::query("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, LAST_PAGE);
            let artifacts = artifact::list(&host, &caller, solution.as_deref(), number).await?;
            Ok::<_, AppError>((solution.unwrap_or_default(), artifacts))
        },
        |(solution, artifacts)| show(solution, artifacts),
    )
}

fn show(solution: String, artifacts: Page<Artifact>) -> impl IntoView {
    let columns = vec![
        Column::new("Solution"),
        Column::new("Version"),
        Column::new("Pipeline"),
        Column::new("Generated"),
        Column::new("SHA-256 (managed)"),
        Column::new("Managed package"),
        Column::new("Unmanaged package"),
        Column::new("Comparison"),
    ];
    let empty = if solution.is_empty() {
        "There are no artifacts yet. The first deployment of a version makes one.".to_owned()
    } else {
        format!("There is no artifact of a solution named “{solution}”.")
    };
    let (number, last) = (artifacts.number, artifacts.last());
    let (searched, itself) = (solution.clone(), address(&solution, number));
    view! {
        <CommandBar>
            <CommandLink icon="arrow-clockwise" href=itself>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Solution artifacts" subtitle="One version of a solution, the same for every stage">
            <SearchBox action=PATH label="Name of a solution" value=solution name="solution"/>
        </PageHeader>
        <section class="card">
            <Grid
                caption="Solution artifacts"
                hide_caption=true
                columns
                rows=artifacts.rows.into_iter().map(row).collect()
                empty
            />
            <Pager number last label="Solution artifacts" href=move |page| address(&searched, page)/>
        </section>
    }
}

fn row(artifact: Artifact) -> AnyView {
    let what = format!("{} {}", artifact.solution_display_name, artifact.version);
    let compare = page::comparison::address(None, artifact.id);
    let compared = view! { <a href=compare aria-label=format!("Compare {what}")>"Compare"</a> };
    let short: String = artifact.managed_sha256.chars().take(12).collect();
    let package = |kind: &'static str, bytes: u64| {
        view! {
            <a href=format!("/artifacts/{}/{kind}", artifact.id) download aria-label=format!("Download {what} {kind}")>
                <Icon name="arrow-download"/>
                {size(bytes)}
            </a>
        }
    };
    let (managed, unmanaged) =
        (package("managed", artifact.managed_bytes), package("unmanaged", artifact.unmanaged_bytes));
    view! {
        <tr>
            <th scope="row">{artifact.solution_display_name}<br/><small>{artifact.solution}</small></th>
            <td>{artifact.version.to_string()}</td>
            <td>{artifact.pipeline_name}</td>
            <td><Moment at=artifact.generated/></td>
            <td>
                <details class="hash">
                    <summary title=artifact.managed_sha256.clone()><code>{short}"…"</code></summary>
                    <dl class="facts">
                        <div><dt>"Managed"</dt><dd><code>{artifact.managed_sha256}</code></dd></div>
                        <div><dt>"Unmanaged"</dt><dd><code>{artifact.unmanaged_sha256}</code></dd></div>
                    </dl>
                </details>
            </td>
            <td>{managed}</td>
            <td>{unmanaged}</td>
            <td>{compared}</td>
        </tr>
    }
    .into_any()
}

/// A size as people read it, in the units of the decimal system: `12.3 kB`.
fn size(bytes: u64) -> String {
    let (unit, tenths) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..999_950 => ("kB", bytes.saturating_add(50) / 100),
        999_950..999_950_000 => ("MB", bytes.saturating_add(50_000) / 100_000),
        _ => ("GB", bytes.saturating_add(50_000_000) / 100_000_000),
    };
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::{
        SolutionVersion, Timestamp,
        id::{ArtifactId, EnvironmentId, PipelineId},
    };
    use uuid::Uuid;

    #[test]
    fn sizes_are_rounded_to_a_tenth_of_the_largest_unit() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_949, "1.9 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (262_144_000, "262.1 MB"),
            (3_000_000_000, "3.0 GB"),
        ] {
            assert_eq!(size(bytes), expected, "{bytes}");
        }
    }

    #[test]
    fn the_address_of_a_page_keeps_the_solution() {
        assert_eq!(address("", 1), PATH);
        assert_eq!(address("", 3), format!("{PATH}?page=3"));
        assert_eq!(address("a&b", 2), format!("{PATH}?solution=a%26b&page=2"));
    }

    #[test]
    fn both_packages_can_be_fetched_and_the_whole_hash_read() {
        let artifact = Artifact {
            id: ArtifactId(Uuid::from_u128(3)),
            solution: "contoso".to_owned(),
            solution_display_name: "<b>Contoso</b>".to_owned(),
            version: SolutionVersion::from([1, 0, 0, 1]),
            pipeline: PipelineId(Uuid::from_u128(4)),
            pipeline_name: "Contoso".to_owned(),
            source: EnvironmentId(Uuid::from_u128(5)),
            generated: Timestamp(0),
            managed_sha256: "ab".repeat(32),
            managed_bytes: 2_048,
            unmanaged_sha256: "cd".repeat(32),
            unmanaged_bytes: 4_096,
        };
        let html = row(artifact).to_html();
        assert!(html.contains("/artifacts/00000000-0000-0000-0000-000000000003/managed\""), "{html}");
        assert!(html.contains("/artifacts/00000000-0000-0000-0000-000000000003/unmanaged\""), "{html}");
        assert!(html.contains(&format!("<code>{}</code>", "ab".repeat(32))), "{html}");
        assert!(html.contains("\"/comparison?after=00000000-0000-0000-0000-000000000003\""), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }
}
