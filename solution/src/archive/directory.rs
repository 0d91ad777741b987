//! The directory of a zip.

use super::{
    LOCAL_HEADER,
    entry::{Entry, Field, u16_at, u32_at, u64_at},
    invalid,
};
use crate::{Limits, PackageError, Result};
use std::io::{self, Read, Seek, SeekFrom};

const RECORD_SIGNATURE: u32 = 0x0201_4b50;
const RECORD: usize = 46;
const END_SIGNATURE: u32 = 0x0605_4b50;
const END: usize = 22;
const END64_SIGNATURE: u32 = 0x0606_4b50;
const END64: usize = 56;
const LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const LOCATOR: usize = 20;
/// Where the end is looked for first: it has hardly ever a comment.
const SHORT_TAIL: u64 = 4 << 10;
/// Where the end is at the latest: before a comment of 65,535 bytes.
const LONG_TAIL: u64 = (END + 65_535 + LOCATOR + END64) as u64;

/// The directory of a zip with all that follows it, as bytes and as entries.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    /// Where it begins in the file.
    pub(crate) start: u64,
    /// Its bytes, up to the end of the file.
    pub(crate) bytes: Vec<u8>,
    /// The place of the directory as the end record claims it (and once more in the zip64 record, where there is one).
    pub(crate) offsets: Vec<Field>,
    /// The place of the zip64 end record, as its locator claims it.
    pub(crate) end64_offset: Option<Field>,
    /// Everything in it, in its order.
    pub(crate) entries: Vec<Entry>,
    /// Bytes of the whole file.
    pub(crate) length: u64,
}

impl Directory {
    pub(super) fn read(reader: &mut (impl Read + Seek), limits: &Limits) -> Result<Self> {
        let unread = |cause: std::io::Error| PackageError::of_io("The file could not be read to its end.", cause);
        let length = reader.seek(SeekFrom::End(0)).map_err(unread)?;
        // The end is nearly always the very end; a long comment is looked for only when it is not.
        let mut tail = tail(reader, length, SHORT_TAIL).map_err(unread)?;
        let mut found = find_end(&tail);
        if found.is_none() && length > SHORT_TAIL {
            tail = self::tail(reader, length, LONG_TAIL).map_err(unread)?;
            found = find_end(&tail);
        }
        let end = found.ok_or_else(|| not_a_zip(reader, length))?;
        let tail_start = length - tail.len() as u64;

        let broken = || invalid("it is not a whole zip file");
        let mut size = u64::from(u32_at(&tail, end + 12).ok_or_else(broken)?);
        let mut claimed = u64::from(u32_at(&tail, end + 16).ok_or_else(broken)?);
        let mut offsets = vec![Field { value: claimed, at: end + 16, wide: false }];
        let mut end64_offset = None;
        let mut directory_end = tail_start + end as u64;
        if let Some(locator) = end.checked_sub(LOCATOR).filter(|at| u32_at(&tail, *at) == Some(LOCATOR_SIGNATURE)) {
            let end64 = locator.checked_sub(END64).filter(|at| u32_at(&tail, *at) == Some(END64_SIGNATURE));
            let end64 = end64.ok_or_else(broken)?;
            size = u64_at(&tail, end64 + 40).ok_or_else(broken)?;
            claimed = u64_at(&tail, end64 + 48).ok_or_else(broken)?;
            offsets.retain(|field| field.value != u64::from(u32::MAX));
            offsets.push(Field { value: claimed, at: end64 + 48, wide: true });
            let place = u64_at(&tail, locator + 8).ok_or_else(broken)?;
            end64_offset = Some(Field { value: place, at: locator + 8, wide: true });
            directory_end = tail_start + end64 as u64;
        }

        let start = directory_end.checked_sub(size).ok_or_else(broken)?;
        let longest = (limits.entries as u64).saturating_mul((RECORD + limits.name_bytes) as u64);
        if size > longest {
            return Err(invalid(format!("its directory has {size} bytes")));
        }
        let bytes = match usize::try_from(i128::from(start) - i128::from(tail_start)) {
            Ok(before) => tail.split_off(before),
            Err(_) => self::tail(reader, length, length - start).map_err(unread)?,
        };

        // From here on places are counted from the beginning of the directory.
        let moved = |field: Field| -> Option<Field> {
            let at = (tail_start + field.at as u64).checked_sub(start)?;
            Some(Field { at: usize::try_from(at).ok()?, ..field })
        };
        let offsets = offsets.into_iter().map(moved).collect::<Option<Vec<_>>>().ok_or_else(broken)?;
        let end64_offset = match end64_offset {
            Some(field) => Some(moved(field).ok_or_else(broken)?),
            None => None,
        };
        let size = usize::try_from(size).map_err(|_| broken())?;
        let shift = i128::from(start) - i128::from(claimed);
        let entries = entries(bytes.get(..size).ok_or_else(broken)?, start, shift, limits)?;
        Ok(Self { start, bytes, offsets, end64_offset, entries, length })
    }
}

/// At most so many bytes from the end.
fn tail(reader: &mut (impl Read + Seek), length: u64, most: u64) -> io::Result<Vec<u8>> {
    let size = length.min(most);
    reader.seek(SeekFrom::Start(length - size))?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    reader.by_ref().take(size).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// The last end record whose comment fits.
fn find_end(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(END)?;
    (0..=last).rev().find(|at| {
        u32_at(tail, *at) == Some(END_SIGNATURE)
            && u16_at(tail, *at + 20).is_some_and(|comment| at + END + usize::from(comment) <= tail.len())
    })
}

fn entries(directory: &[u8], start: u64, shift: i128, limits: &Limits) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut at = 0;
    while at < directory.len() {
        if entries.len() == limits.entries {
            return Err(invalid(format!("it has more than {} files", limits.entries)));
        }
        let broken = || invalid("its directory is damaged");
        let (entry, next) = record(directory, at, start, shift, limits)?.ok_or_else(broken)?;
        entries.push(entry);
        at = next;
    }
    if shift == 0 {
        refuse_overlaps(&entries, start)?;
    }
    Ok(entries)
}

/// One record, and where the next one begins.
fn record(directory: &[u8], at: usize, start: u64, shift: i128, limits: &Limits) -> Result<Option<(Entry, usize)>> {
    let Some(fixed) = directory.get(at..at + RECORD) else { return Ok(None) };
    let (Some(RECORD_SIGNATURE), Some(name_length), Some(extra_length), Some(comment_length)) =
        (u32_at(fixed, 0), u16_at(fixed, 28), u16_at(fixed, 30), u16_at(fixed, 32))
    else {
        return Ok(None);
    };
    let name_end = at + RECORD + usize::from(name_length);
    let extra_end = name_end + usize::from(extra_length);
    let next = extra_end + usize::from(comment_length);
    let (Some(name), Some(extra)) = (directory.get(at + RECORD..name_end), directory.get(name_end..extra_end)) else {
        return Ok(None);
    };
    if next > directory.len() {
        return Ok(None);
    }
    if name.len() > limits.name_bytes {
        return Err(invalid(format!("it has a file name of {} bytes", name.len())));
    }
    let narrow =
        |offset: usize| Field { value: u32_at(fixed, offset).map_or(0, u64::from), at: at + offset, wide: false };
    let (mut unpacked, mut packed, mut offset) = (narrow(24), narrow(20), narrow(42));
    widen(extra, name_end, &mut [&mut unpacked, &mut packed, &mut offset]);
    let position = i128::from(offset.value) + shift;
    let position = u64::try_from(position).ok().filter(|position| position + LOCAL_HEADER as u64 <= start);
    let entry = Entry {
        name: name_text(name),
        flags: u16_at(fixed, 8).unwrap_or_default(),
        method: u16_at(fixed, 10).unwrap_or_default(),
        crc: u32_at(fixed, 16).unwrap_or_default(),
        packed,
        unpacked,
        offset,
        position,
        record: at,
    };
    Ok(Some((entry, next)))
}

/// Takes numbers that do not fit into four bytes from the zip64 field: those, and in this order.
fn widen(extra: &[u8], extra_at: usize, fields: &mut [&mut Field]) {
    let mut at = 0;
    while let (Some(id), Some(length)) = (u16_at(extra, at), u16_at(extra, at + 2)) {
        if id == 1 {
            let mut value_at = at + 4;
            for field in fields.iter_mut().filter(|field| field.value == u64::from(u32::MAX)) {
                if let Some(value) = u64_at(extra, value_at).filter(|_| value_at + 8 <= at + 4 + usize::from(length)) {
                    **field = Field { value, at: extra_at + value_at, wide: true };
                }
                value_at += 8;
            }
            return;
        }
        at += 4 + usize::from(length);
    }
}

/// A name with forward slashes. Some old tools write backslashes. What is not UTF-8 is code page 437, which agrees with
/// ASCII; other letters do not occur in names that matter here and become question marks.
fn name_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\\', "/")
}

/// Two entries over the same bytes are how small files pretend to be many large ones.
fn refuse_overlaps(entries: &[Entry], start: u64) -> Result<()> {
    let mut extents: Vec<(u64, u64)> = entries
        .iter()
        .filter_map(|entry| Some((entry.position?, entry.packed.value.saturating_add(LOCAL_HEADER as u64))))
        .collect();
    extents.sort_unstable();
    let nexts = extents.iter().skip(1).map(|(next, _)| *next).chain([start]);
    for ((position, length), next) in extents.iter().zip(nexts) {
        if position.saturating_add(*length) > next {
            return Err(invalid("files in it lie over each other"));
        }
    }
    Ok(())
}

/// Why a file without an end record is no zip.
fn not_a_zip(reader: &mut (impl Read + Seek), length: u64) -> PackageError {
    let mut head = [0_u8; 24];
    let seen = reader.seek(SeekFrom::Start(0)).and_then(|_| reader.read(&mut head)).unwrap_or_default();
    let head = head.get(..seen).unwrap_or_default();
    if length == 0 {
        invalid("it is empty")
    } else if head.starts_with(b"version https://git-lfs") {
        invalid("it is a Git LFS pointer to a file and not the file itself")
    } else if head.starts_with(b"PK") {
        invalid("the zip file ends too early")
    } else {
        invalid("it is not a zip file")
    }
}
