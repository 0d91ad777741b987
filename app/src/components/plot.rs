//! Plots, drawn on the server.

use leptos::prelude::*;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 180;
/// Room for numbers at the left and words below.
const LEFT: u32 = 40;
const BELOW: u32 = 24;

/// A bar of a plot: what it stands for, and its parts from below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Words below it.
    pub label: String,
    /// What it tells when somebody points at it.
    pub title: String,
    /// Its parts, from below: how high, and the name of their series.
    pub parts: Vec<(u32, &'static str)>,
}

/// Bars in a row. Everything they tell stands in a table next to them, so the picture itself is one word to a screen
/// reader.
#[component]
pub fn BarPlot(
    /// What it shows.
    #[prop(into)]
    title: String,
    /// The bars.
    bars: Vec<Bar>,
) -> impl IntoView {
    let highest = bars.iter().map(height).max().unwrap_or(0).max(1);
    let count = u32::try_from(bars.len()).unwrap_or(u32::MAX).max(1);
    let step = f64::from(WIDTH - LEFT) / f64::from(count);
    // About a dozen words fit below.
    let every = usize::try_from(count.div_ceil(12)).unwrap_or(1).max(1);
    let scale = f64::from(HEIGHT - BELOW - 8) / f64::from(highest);
    let floor = f64::from(HEIGHT - BELOW);
    let drawn: Vec<_> = bars
        .into_iter()
        .enumerate()
        .map(|(number, bar)| {
            let left = f64::from(LEFT) + step * f64::from(u32::try_from(number).unwrap_or(0));
            let mut below = 0;
            let parts: Vec<_> = bar
                .parts
                .iter()
                .filter(|(high, _)| *high > 0)
                .map(|(high, series)| {
                    below += high;
                    view! {
                        <rect
                            class=*series
                            x=format!("{:.1}", left + step * 0.15)
                            y=format!("{:.1}", floor - f64::from(below) * scale)
                            width=format!("{:.1}", step * 0.7)
                            height=format!("{:.1}", f64::from(*high) * scale)
                        />
                    }
                })
                .collect();
            let label = (number % every == 0).then(|| {
                view! {
                    <text x=format!("{:.1}", left + step / 2.0) y=(HEIGHT - 6).to_string() text-anchor="middle">{bar.label}</text>
                }
            });
            view! { <g><title>{bar.title}</title>{parts}{label}</g> }
        })
        .collect();
    let line = |value: u32| {
        let y = floor - f64::from(value) * scale;
        view! {
            <line x1=LEFT.to_string() x2=WIDTH.to_string() y1=format!("{y:.1}") y2=format!("{y:.1}")/>
            <text x=(LEFT - 8).to_string() y=format!("{:.1}", y + 4.0) text-anchor="end">{value.to_string()}</text>
        }
    };
    view! {
        <svg class="plot" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=title>
            {line(0)}
            {line(highest)}
            {drawn}
        </svg>
    }
    .into_any()
}

fn height(bar: &Bar) -> u32 {
    bar.parts.iter().map(|(high, _)| high).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(bars: Vec<Bar>) -> String {
        Owner::new().with(|| view! { <BarPlot title="Runs" bars/> }.to_html())
    }

    fn bar(parts: &[(u32, &'static str)]) -> Bar {
        Bar { label: "Nov 1".to_owned(), title: "<b>".to_owned(), parts: parts.to_vec() }
    }

    #[test]
    fn the_highest_bar_fills_the_plot_and_parts_stand_on_each_other() {
        let html = drawn(vec![bar(&[(3, "good"), (1, "bad")]), bar(&[(2, "good")])]);
        assert_eq!(html.matches("<rect").count(), 3);
        assert!(html.contains(r#"height="111.0""#) && html.contains(r#"y="8.0""#), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn nothing_to_draw_is_an_empty_plot() {
        assert!(!drawn(Vec::new()).contains("<rect"));
        assert!(!drawn(vec![bar(&[(0, "good")])]).contains("<rect"));
    }
}
