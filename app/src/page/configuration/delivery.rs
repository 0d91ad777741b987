//! *Delivery*: how often, how fast and how safely solutions get to the end of their pipelines.

use crate::{
    components::{Appearance, Bar, BarPlot, Button, Card, Choice, Column, CommandBar, CommandLink, Grid, Icon, Select},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::{
    delivery::{Delivery, Measures, Period, Week, span},
    id::PipelineId,
};
use pipelines::{delivery, pipeline};

/// Address of this page.
pub const PATH: &str = "/configuration/delivery";

/// What the page is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// A pipeline; all of them without one.
    pub pipeline: Option<PipelineId>,
    /// How far back.
    pub period: Period,
}

/// What the fields of an address narrow the page to. What makes no sense there counts as not given.
pub fn read(field: impl Fn(&str) -> Option<String>) -> DeliveryFilter {
    DeliveryFilter {
        pipeline: field("pipeline").and_then(|id| id.parse().ok()),
        period: field("period").and_then(|name| Period::from_name(&name)).unwrap_or_default(),
    }
}

impl DeliveryFilter {
    fn query(self) -> String {
        let pipeline = self.pipeline.map(|id| format!("&pipeline={id}")).unwrap_or_default();
        format!("?period={}{pipeline}", self.period.name())
    }
}

/// `/configuration/delivery`
#[component]
pub fn DeliveryPage() -> impl IntoView {
    let filter = read(page::query);
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            let delivery = delivery::get(&host, &caller, filter.pipeline, filter.period).await?;
            let pipelines = pipeline::list(&host, &caller).await?;
            Ok::<_, AppError>((delivery, pipelines.into_iter().map(|one| (one.id, one.name)).collect::<Vec<_>>()))
        },
        move |(delivery, pipelines)| show(filter, delivery, pipelines),
    )
}

fn show(filter: DeliveryFilter, delivery: Delivery, pipelines: Vec<(PipelineId, String)>) -> impl IntoView {
    let tiles = tiles(&delivery.total, filter.period).into_iter().map(|(icon, number, label)| {
        view! { <li><div class="tile"><Icon name=icon/><strong>{number}</strong><span>{label}</span></div></li> }
    });
    let itself = format!("{PATH}{}", filter.query());
    let csv = format!("/delivery/csv{}", filter.query());
    let bars = delivery.weeks.iter().map(bar).collect::<Vec<_>>();
    let rows = delivery.weeks.iter().rev().map(row).collect();
    let columns = vec![
        Column::new("Week from"),
        Column::new("Deployments").numeric(),
        Column::new("Failures").numeric(),
        Column::new("Lead time"),
        Column::new("Time to restore"),
    ];
    view! {
        <CommandBar>
            <CommandLink icon="arrow-download" href=csv>"Export CSV"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=itself>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Delivery" subtitle=format!("Deployments to the last stages of pipelines, {}", filter.period.label())/>
        {filter_form(filter, pipelines)}
        <ul class="tiles">{tiles.collect_view()}</ul>
        <Card title="Deployments a week">
            <BarPlot title="Deployments a week; the table below has the numbers" bars/>
            <p class="plot-legend"><span class="good">"Succeeded"</span> <span class="bad">"Failed or rolled back"</span></p>
            <Grid caption="Deployments a week" hide_caption=true columns rows empty="No weeks."/>
        </Card>
    }
    .into_any()
}

/// The four measures: icon, number, and what it is.
fn tiles(total: &Measures, period: Period) -> [(&'static str, String, &'static str); 4] {
    let none = || "–".to_owned();
    let weeks = f64::from(u32::try_from(period.weeks()).unwrap_or(1));
    [
        ("rocket", format!("{:.1}", f64::from(total.deployments) / weeks), "Deployments a week"),
        ("clock", total.lead_time.map_or_else(none, span), "Lead time from development (median)"),
        (
            "error-circle",
            total.failure_percent().map_or_else(none, |percent| format!("{percent} %")),
            "Change-failure rate",
        ),
        ("arrow-reset", total.time_to_restore.map_or_else(none, span), "Time to restore (median)"),
    ]
}

fn bar(week: &Week) -> Bar {
    let Measures { deployments, failures, .. } = week.measures;
    let begins = week.begins.day();
    Bar {
        label: begins.get(5..).unwrap_or_default().to_owned(),
        title: format!("Week from {begins}: {deployments} deployments, {failures} failures"),
        parts: vec![(deployments.saturating_sub(failures), "good"), (failures, "bad")],
    }
}

fn row(week: &Week) -> AnyView {
    let Measures { deployments, failures, lead_time, time_to_restore } = week.measures.clone();
    let time = |time: Option<i64>| time.map_or_else(|| "–".to_owned(), span);
    view! {
        <tr>
            <th scope="row">{week.begins.day()}</th>
            <td class="numeric">{deployments.to_string()}</td>
            <td class="numeric">{failures.to_string()}</td>
            <td>{time(lead_time)}</td>
            <td>{time(time_to_restore)}</td>
        </tr>
    }
    .into_any()
}

fn filter_form(filter: DeliveryFilter, pipelines: Vec<(PipelineId, String)>) -> impl IntoView {
    let of_pipelines = pipelines.into_iter().map(|(id, name)| Choice::new(id, name)).collect();
    let periods = Period::ALL.map(|period| Choice::new(period.name(), period.label())).to_vec();
    view! {
        <form class="filters card" method="get" action=PATH role="search" aria-label="Delivery">
            <Select
                name="pipeline"
                label="Pipeline"
                choices=of_pipelines
                value=filter.pipeline.map(|id| id.to_string()).unwrap_or_default()
                none="All"
            />
            <Select name="period" label="Period" choices=periods value=filter.period.name()/>
            <div class="buttons">
                <Button appearance=Appearance::Primary icon="filter">"Apply filters"</Button>
            </div>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_makes_no_sense_shows_everything() {
        let field = |name: &str| Some(if name == "period" { "decade" } else { "nobody" }.to_owned());
        assert_eq!(read(field), DeliveryFilter::default());
        let year = read(|name| (name == "period").then(|| "year".to_owned()));
        assert_eq!((year.period, year.query().as_str()), (Period::Year, "?period=year"));
    }

    #[test]
    fn what_was_not_measured_is_no_number() {
        let [frequency, lead_time, rate, restore] = tiles(&Measures::default(), Period::FourWeeks);
        assert_eq!([frequency.1, lead_time.1, rate.1, restore.1], ["0.0", "–", "–", "–"]);
        let measures =
            Measures { deployments: 6, failures: 3, lead_time: Some(7_200_000), time_to_restore: Some(60_000) };
        let [frequency, lead_time, rate, restore] = tiles(&measures, Period::FourWeeks);
        assert_eq!([frequency.1, lead_time.1, rate.1, restore.1], ["1.5", "2 hours", "50 %", "1 minute"]);
    }
}
