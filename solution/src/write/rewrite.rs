//! A package written again with another version, or as managed or unmanaged.

use super::{
    pack::{crc, deflate},
    unwritten,
};
use crate::{
    Limits, PackageError, Result,
    archive::{DEFLATED, Directory, Entry, Field, LOCAL_HEADER, invalid, u16_at},
    manifest, read,
    xml::{malformed, unexpected},
};
use model::{ErrorCode, SolutionVersion};
use quick_xml::events::Event;
use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
};

/// What to write differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another version of the solution.
    pub version: Option<SolutionVersion>,
    /// Managed or unmanaged.
    pub managed: Option<bool>,
}

/// Writes a package again with changes in its manifest. Within `solution.xml` only the version and the mark whether the
/// solution is managed are replaced; every other file is copied packed as it is, with its dates and its place.
pub fn rewrite(source: impl Read + Seek, target: impl Write + Seek, changes: &Changes) -> Result<()> {
    let limits = Limits::default();
    let mut archive = read::open(source, &limits)?;
    let index = archive.find(manifest::FILE).ok_or_else(|| invalid("it has no solution.xml"))?;
    let before = archive.whole(index, &limits)?;
    let after = edit(&before, changes)?;
    let (source, directory) = archive.into_parts();
    splice(source, target, directory, index, &after)
}

/// Replaces texts of the manifest.
fn edit(xml: &[u8], changes: &Changes) -> Result<Vec<u8>> {
    // What is wrong with it before is told as such.
    manifest::read(xml, &Limits::default())?;
    let places = places(xml)?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    if let Some(version) = &changes.version {
        edits.push((
            places.version.ok_or_else(|| unexpected(manifest::FILE, "it has no version"))?,
            version.to_string(),
        ));
    }
    if let Some(managed) = changes.managed {
        let place =
            places.managed.ok_or_else(|| unexpected(manifest::FILE, "it does not say whether it is managed"))?;
        edits.push((place, u8::from(managed).to_string()));
    }
    edits.sort_by_key(|(place, _)| place.start);
    let mut edited = Vec::with_capacity(xml.len() + 16);
    let mut copied = 0;
    for (place, text) in edits {
        edited.extend_from_slice(xml.get(copied..place.start).unwrap_or_default());
        edited.extend_from_slice(text.as_bytes());
        copied = place.end;
    }
    edited.extend_from_slice(xml.get(copied..).unwrap_or_default());
    // A version written half as a reference (`1.0&#46;1`) would come out as something else.
    let is_done = manifest::read(edited.as_slice(), &Limits::default()).is_ok_and(|read| {
        changes.version.as_ref().is_none_or(|version| *version == read.version)
            && changes.managed.is_none_or(|managed| managed == read.managed)
    });
    if is_done { Ok(edited) } else { Err(unexpected(manifest::FILE, "its version is written in a way of its own")) }
}

#[derive(Default)]
struct Places {
    version: Option<Range<usize>>,
    managed: Option<Range<usize>>,
}

/// Where the texts of `Version` and `Managed` stand.
fn places(xml: &[u8]) -> Result<Places> {
    let mark = if xml.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let text =
        std::str::from_utf8(xml.get(mark..).unwrap_or_default()).map_err(|cause| malformed(manifest::FILE, cause))?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut places = Places::default();
    loop {
        let start = position(reader.buffer_position());
        let event = reader.read_event().map_err(|cause| malformed(manifest::FILE, cause))?;
        let end = position(reader.buffer_position());
        match event {
            Event::Start(element) => path.push(element.name().as_ref().to_owned()),
            Event::End(_) => {
                path.pop();
            }
            Event::Text(_) => {
                let place = match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    [_, "SolutionManifest", "Version"] => &mut places.version,
                    [_, "SolutionManifest", "Managed"] => &mut places.managed,
                    _ => continue,
                };
                if place.replace(start + mark..end + mark).is_some() {
                    return Err(unexpected(manifest::FILE, "its version is in pieces"));
                }
            }
            Event::Eof => return Ok(places),
            _ => {}
        }
    }
}

fn position(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Copies a zip with one file replaced: everything before it, the file, everything after it, and the directory with the
/// places of what moved.
fn splice(
    mut source: impl Read + Seek,
    mut target: impl Write + Seek,
    directory: Directory,
    index: usize,
    content: &[u8],
) -> Result<()> {
    let entry = directory.entries.get(index).ok_or_else(|| invalid("a file is not in its directory"))?;
    let damaged = || invalid(format!("the file “{}” in it is damaged", entry.name));
    let start = entry.position.ok_or_else(damaged)?;
    let end = directory.entries.iter().filter_map(|other| other.position).filter(|other| *other > start).min();
    let end = end.unwrap_or(directory.start);

    let packed = if entry.method == DEFLATED { deflate(content)? } else { content.to_vec() };
    let (checksum, packed_size, size) = (crc(content), small(packed.len())?, small(content.len())?);

    let mut header = vec![0_u8; LOCAL_HEADER];
    source.seek(SeekFrom::Start(start)).and_then(|_| source.read_exact(&mut header)).map_err(unread)?;
    let name_length = u16_at(&header, 26).map_or(0, usize::from);
    let extra_length = u16_at(&header, 28).map_or(0, usize::from);
    let mut rest = vec![0_u8; name_length + extra_length];
    source.read_exact(&mut rest).map_err(unread)?;
    let (name, extra) = rest.split_at_checked(name_length).ok_or_else(damaged)?;
    let extra = without_zip64(extra);
    // The sizes stand in the header now, not behind the content.
    let flags = (entry.flags & !0x0008).to_le_bytes();
    put(&mut header, 6, &flags)?;
    put(&mut header, 14, &checksum.to_le_bytes())?;
    put(&mut header, 18, &packed_size.to_le_bytes())?;
    put(&mut header, 22, &size.to_le_bytes())?;
    put(&mut header, 28, &u16::try_from(extra.len()).map_err(|_| damaged())?.to_le_bytes())?;
    let written = (header.len() + name.len() + extra.len() + packed.len()) as u64;
    let grown = i128::from(written) - i128::from(end - start);

    copy(&mut source, &mut target, 0..start)?;
    for piece in [header.as_slice(), name, &extra, &packed] {
        target.write_all(piece).map_err(unwritten)?;
    }
    copy(&mut source, &mut target, end..directory.start)?;

    let mut bytes = directory.bytes;
    put(&mut bytes, entry.record + 8, &flags)?;
    put(&mut bytes, entry.record + 16, &checksum.to_le_bytes())?;
    set(&mut bytes, entry.packed, u64::from(packed_size))?;
    set(&mut bytes, entry.unpacked, u64::from(size))?;
    let moved = |entry: &&Entry| entry.position.is_some_and(|position| position > start);
    let offsets = directory.entries.iter().filter(moved).map(|entry| entry.offset);
    for field in offsets.chain(directory.offsets).chain(directory.end64_offset) {
        let value = i128::from(field.value) + grown;
        set(&mut bytes, field, u64::try_from(value).map_err(|_| damaged())?)?;
    }
    target.write_all(&bytes).and_then(|()| target.flush()).map_err(unwritten)
}

/// Copies a range of bytes.
fn copy(source: &mut (impl Read + Seek), target: &mut impl Write, range: Range<u64>) -> Result<()> {
    let length = range.end.saturating_sub(range.start);
    source.seek(SeekFrom::Start(range.start)).map_err(unread)?;
    let copied = io::copy(&mut source.take(length), target).map_err(unwritten)?;
    if copied == length { Ok(()) } else { Err(invalid("it ends too early")) }
}

/// Extra fields without the one for large sizes: the sizes of the manifest are small.
fn without_zip64(extra: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(extra.len());
    let mut at = 0;
    while let (Some(id), Some(length)) = (u16_at(extra, at), u16_at(extra, at + 2)) {
        let end = at + 4 + usize::from(length);
        if id != 1 {
            kept.extend_from_slice(extra.get(at..end).unwrap_or_default());
        }
        at = end;
    }
    kept.extend_from_slice(extra.get(at..).unwrap_or_default());
    kept
}

fn set(bytes: &mut [u8], field: Field, value: u64) -> Result<()> {
    if field.wide {
        return put(bytes, field.at, &value.to_le_bytes());
    }
    let value = u32::try_from(value).map_err(|_| too_large())?;
    put(bytes, field.at, &value.to_le_bytes())
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Result<()> {
    let place = bytes.get_mut(at..at + value.len()).ok_or_else(|| invalid("its directory is damaged"))?;
    place.copy_from_slice(value);
    Ok(())
}

fn small(bytes: usize) -> Result<u32> {
    u32::try_from(bytes).map_err(|_| too_large())
}

fn too_large() -> PackageError {
    PackageError::new(ErrorCode::INVALID_FILE, "The package is too large to be written.")
}

fn unread(cause: io::Error) -> PackageError {
    PackageError::new(ErrorCode::INVALID_FILE, "The package could not be read to its end.").caused_by(cause)
}
