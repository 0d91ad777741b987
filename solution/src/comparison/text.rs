//! Texts side by side.

use imara_diff::{Algorithm, Diff, InternedInput};
use model::comparison::{TextLine, TextRow};
use std::{hash::Hash, ops::Range};

/// Equal lines shown around a difference.
const AROUND: usize = 3;
/// Rows shown of one text.
const ROWS: usize = 2_000;
/// Characters shown of one line or value.
pub(super) const LONGEST: usize = 400;

/// Where two sequences differ: ranges of the one, with the ranges of the other that stand in their place. Cost stays
/// close to linear whatever the sequences are, and swapped sequences give swapped ranges.
pub(super) fn hunks<T: Eq + Hash + Ord + Copy + Default>(
    before: &[T],
    after: &[T],
) -> Vec<(Range<usize>, Range<usize>)> {
    // The algorithm has a direction; always going one way makes both directions mirror each other.
    if before > after {
        return hunks(after, before).into_iter().map(|(one, other)| (other, one)).collect();
    }
    let mut input = InternedInput::default();
    input.update_before(before.iter().copied());
    input.update_after(after.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (range(hunk.before), range(hunk.after))).collect()
}

/// Two texts side by side, line by line, and how many rows were left out.
pub(super) fn rows(before: &str, after: &str) -> (Vec<TextRow>, u32) {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut rows = Vec::new();
    let mut left_out = 0_usize;
    let mut shown_before = 0;
    let hunks = hunks(&before, &after);
    for (index, (removed, added)) in hunks.iter().enumerate() {
        let next = hunks.get(index + 1).map_or(before.len(), |(next, _)| next.start);
        let lead = (removed.start - shown_before).min(AROUND);
        let tail = (next - removed.end).min(AROUND);
        let longest = removed.len().max(added.len());
        let shown = longest.min(ROWS.saturating_sub(rows.len()));
        left_out += longest - shown;
        if shown == 0 {
            continue;
        }
        for back in (1..=lead).rev() {
            let (one, other) = (removed.start - back, added.start - back);
            rows.push(TextRow { before: line(&before, one), after: line(&after, other) });
        }
        for offset in 0..shown {
            let one = Some(removed.start + offset).filter(|at| *at < removed.end);
            let other = Some(added.start + offset).filter(|at| *at < added.end);
            let (mut one, mut other) =
                (one.and_then(|at| line_whole(&before, at)), other.and_then(|at| line_whole(&after, at)));
            if let (Some(one), Some(other)) = (&mut one, &mut other) {
                let (shorter_one, shorter_other) = window(&one.text, &other.text);
                (one.text, other.text) = (shorter_one, shorter_other);
            }
            for line in [&mut one, &mut other].into_iter().flatten() {
                shorten(&mut line.text);
            }
            rows.push(TextRow { before: one, after: other });
        }
        let tail = if shown == longest { tail } else { 0 };
        for ahead in 0..tail {
            let (one, other) = (removed.end + ahead, added.end + ahead);
            rows.push(TextRow { before: line(&before, one), after: line(&after, other) });
        }
        shown_before = removed.end + tail;
    }
    (rows, u32::try_from(left_out).unwrap_or(u32::MAX))
}

fn line_whole(lines: &[&str], at: usize) -> Option<TextLine> {
    let text = lines.get(at)?;
    Some(TextLine { number: u32::try_from(at + 1).unwrap_or(u32::MAX), text: (*text).to_owned() })
}

fn line(lines: &[&str], at: usize) -> Option<TextLine> {
    let mut line = line_whole(lines, at)?;
    shorten(&mut line.text);
    Some(line)
}

/// Cuts a text after so many characters that it can be shown.
pub(super) fn shorten(text: &mut String) {
    if text.len() > LONGEST
        && let Some((at, _)) = text.char_indices().nth(LONGEST)
    {
        text.truncate(at);
        text.push('…');
    }
}

/// The parts of two texts in which the first difference is to be seen, where they are too long to be shown whole.
pub(super) fn window(before: &str, after: &str) -> (String, String) {
    const CONTEXT: usize = 60;
    let is_long = |text: &str| text.len() > LONGEST && text.chars().nth(LONGEST).is_some();
    let mut texts = (before.to_owned(), after.to_owned());
    if is_long(before) || is_long(after) {
        let common = before.char_indices().zip(after.chars()).take_while(|((_, one), other)| one == other).count();
        let cut = |text: &str| {
            let start = text.char_indices().nth(common.saturating_sub(CONTEXT)).map_or(0, |(at, _)| at);
            let rest = text.get(start..).unwrap_or_default();
            if start == 0 { rest.to_owned() } else { format!("…{rest}") }
        };
        texts = (cut(before), cut(after));
        shorten(&mut texts.0);
        shorten(&mut texts.1);
    }
    texts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn shown(rows: &[TextRow]) -> Vec<String> {
        let text = |line: &Option<TextLine>| {
            line.as_ref().map_or_else(|| "–".to_owned(), |line| format!("{} {}", line.number, line.text))
        };
        rows.iter().map(|row| format!("{} | {}", text(&row.before), text(&row.after))).collect()
    }

    #[test]
    fn equal_lines_stand_around_a_difference_and_far_ones_are_left_out() {
        let before: Vec<String> = (1..=20).map(|number| format!("line {number}")).collect();
        let mut after = before.clone();
        after[9] = "other".to_owned();
        after.insert(10, "new".to_owned());
        let (rows, left_out) = rows(&before.join("\n"), &after.join("\n"));
        assert_eq!(left_out, 0);
        assert_eq!(
            shown(&rows),
            [
                "7 line 7 | 7 line 7",
                "8 line 8 | 8 line 8",
                "9 line 9 | 9 line 9",
                "10 line 10 | 10 other",
                "– | 11 new",
                "11 line 11 | 12 line 11",
                "12 line 12 | 13 line 12",
                "13 line 13 | 14 line 13",
            ]
        );
    }

    #[test]
    fn a_difference_deep_in_a_long_line_is_to_be_seen() {
        let before = "x".repeat(100_000) + "one";
        let after = "x".repeat(100_000) + "two";
        let (rows, _) = rows(&before, &after);
        let row = &rows[0];
        assert!(row.before.as_ref().unwrap().text.ends_with("one"));
        assert!(row.after.as_ref().unwrap().text.ends_with("two"));
        assert!(row.after.as_ref().unwrap().text.len() < 1_000);
    }

    #[test]
    fn a_rewritten_text_has_a_limit() {
        let text = |word: &str| (0..50_000).map(|number| format!("{word} {number}")).collect::<Vec<_>>().join("\n");
        let (rows, left_out) = rows(&text("a"), &text("b"));
        assert_eq!((rows.len(), left_out), (2_000, 48_000));
    }

    proptest! {
        #[test]
        fn both_directions_mirror_each_other(
            before in prop::collection::vec("[a-d]", 0..40),
            after in prop::collection::vec("[a-d]", 0..40),
        ) {
            let (there, _) = rows(&before.join("\n"), &after.join("\n"));
            let (back, _) = rows(&after.join("\n"), &before.join("\n"));
            let turned: Vec<TextRow> =
                back.into_iter().map(|row| TextRow { before: row.after, after: row.before }).collect();
            prop_assert_eq!(there, turned);
        }
    }
}
