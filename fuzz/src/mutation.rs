//! Changing a zip where it matters: in what is packed in it. Bytes changed at random hardly ever get past the checksums.

use crate::corpus::{File, zipped};
use std::io::{Cursor, Read};

/// Bytes of a part that is changed, and of all parts together.
const MOST: u64 = 1 << 20;

/// A seed, used up by one choice after the other.
struct Choices(u32);

impl Choices {
    /// One of so many.
    fn of(&mut self, count: usize) -> usize {
        let Ok(count) = u32::try_from(count.max(1)) else { return 0 };
        let choice = self.0 % count;
        self.0 /= count;
        choice as usize
    }
}

/// Changes one part of a zip, and packs it again; none where it is no zip that can be unpacked. `mutate` changes the
/// content of a part; now and then, parts are dropped, doubled or swapped instead.
pub fn repacked(bytes: &[u8], seed: u32, mutate: &mut dyn FnMut(Vec<u8>) -> Vec<u8>) -> Option<Vec<u8>> {
    changed(bytes, &mut Choices(seed), mutate)
}

fn changed(bytes: &[u8], choices: &mut Choices, mutate: &mut dyn FnMut(Vec<u8>) -> Vec<u8>) -> Option<Vec<u8>> {
    let mut parts = unzipped(bytes)?;
    let action = choices.of(16);
    let at = choices.of(parts.len());
    let other = choices.of(parts.len());
    match action {
        0 => {
            parts.remove(at);
        }
        1 => {
            let (name, content) = parts.get(at)?.clone();
            parts.push((format!("{name}.1"), content));
        }
        2 => {
            let name = parts.get(other)?.0.clone();
            parts.get_mut(at)?.0 = name;
        }
        3 => {
            let content = parts.get(other)?.1.clone();
            parts.get_mut(at)?.1 = content;
        }
        _ => {
            let (_, content) = parts.get_mut(at)?;
            let inner = if content.starts_with(b"PK") { changed(content, choices, mutate) } else { None };
            *content = inner.unwrap_or_else(|| mutate(std::mem::take(content)));
        }
    }
    Some(zipped(&parts))
}

/// The parts of a zip; none where it has none, or where they are too large.
fn unzipped(bytes: &[u8]) -> Option<Vec<File>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    let mut left = MOST;
    for index in 0..archive.len() {
        let file = archive.by_index(index).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut content = Vec::new();
        file.take(left).read_to_end(&mut content).ok()?;
        left = left.checked_sub(content.len() as u64).filter(|left| *left > 0)?;
        parts.push((name, content));
    }
    Some(parts).filter(|parts| !parts.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::corpus;
    use solution::Limits;

    #[test]
    fn what_is_changed_inside_still_is_a_package_more_often_than_not() {
        let mut turned = |mut content: Vec<u8>| {
            content.reverse();
            content
        };
        let changed: Vec<Vec<u8>> =
            (0..400).map(|seed| repacked(corpus::package(), seed, &mut turned).unwrap()).collect();
        let different = changed.iter().filter(|bytes| *bytes != corpus::package()).count();
        let read =
            changed.iter().filter(|bytes| solution::read(Cursor::new(bytes), &Limits::default()).is_ok()).count();
        assert!(different > 350, "{different} of 400 differ");
        assert!((100..400).contains(&read), "{read} of 400 are packages");
    }

    #[test]
    fn what_is_no_zip_is_left_to_others() {
        assert!(repacked(b"no zip", 7, &mut |content| content).is_none());
    }
}
