//! The zip around a package.
//!
//! Slipway reads the directory of a zip by itself. A library would hide what has to be looked at: two entries of one
//! name, what an entry claims before anything is unpacked, and where exactly it lies, so that a package can be written
//! again without touching any other byte. The format is PKWARE's APPNOTE 6.3.

mod directory;
mod entry;
mod unpack;

pub(crate) use directory::Directory;
pub(crate) use entry::{DEFLATED, Entry, Field, u16_at};
pub(crate) use unpack::Unpacked;

use crate::{Limits, PackageError, Result, limits::RATIO_FROM_BYTES};
use model::ErrorCode;
use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
};

/// Bytes of a local header without name and extra fields.
pub(crate) const LOCAL_HEADER: usize = 30;
/// What a local header begins with.
pub(crate) const LOCAL_SIGNATURE: u32 = 0x0403_4b50;

/// A zip that was opened and found harmless.
pub(crate) struct Archive<R> {
    reader: R,
    directory: Directory,
    /// Positions in the directory by normalised name in lower case.
    names: HashMap<String, usize>,
    /// Bytes that may still be unpacked.
    work: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory and looks at every claim in it before anything is unpacked.
    pub(crate) fn open(mut reader: R, limits: &Limits) -> Result<Self> {
        let directory = Directory::read(&mut reader, limits)?;
        let mut names = HashMap::with_capacity(directory.entries.len());
        let mut unpacked = 0_u64;
        for (index, entry) in directory.entries.iter().enumerate() {
            look_at(entry, limits)?;
            unpacked = unpacked.saturating_add(entry.unpacked.value);
            if names.insert(entry.name.to_ascii_lowercase(), index).is_some() {
                return Err(invalid(format!("it has two files named “{}”", entry.name)));
            }
        }
        if unpacked > limits.unpacked_bytes {
            return Err(invalid(format!(
                "its files claim {unpacked} bytes unpacked, and at most {} are accepted",
                limits.unpacked_bytes
            )));
        }
        Ok(Self { reader, directory, names, work: limits.work_bytes })
    }

    /// Everything in it, in the order of its directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.directory.entries
    }

    /// Its directory.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The place of a file by its path, with forward slashes and without regard to case.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.names.get(path.to_ascii_lowercase().as_str()).copied()
    }

    /// Gives back the reader and the directory.
    pub(crate) fn into_parts(self) -> (R, Directory) {
        (self.reader, self.directory)
    }

    /// Starts unpacking a file.
    pub(crate) fn unpack(&mut self, index: usize) -> Result<Unpacked<'_, R>> {
        self.seek(index)?;
        let entry = self.directory.entries.get(index).ok_or_else(|| invalid("a file is not in its directory"))?;
        Ok(Unpacked::new(&mut self.reader, entry, &mut self.work))
    }

    /// Goes to where the bytes of a file begin, and tells how many there are.
    fn seek(&mut self, index: usize) -> Result<u64> {
        let entry = self.directory.entries.get(index).ok_or_else(|| invalid("a file is not in its directory"))?;
        let damaged = || invalid(format!("the file “{}” in it is damaged", entry.name)).of_one_file();
        let position = entry.position.ok_or_else(damaged)?;
        self.reader.seek(SeekFrom::Start(position)).map_err(|cause| damaged().caused_by(cause))?;
        let mut header = [0_u8; LOCAL_HEADER];
        self.reader.read_exact(&mut header).map_err(|cause| damaged().caused_by(cause))?;
        if entry::u32_at(&header, 0) != Some(LOCAL_SIGNATURE) {
            return Err(damaged());
        }
        let skip = entry::u16_at(&header, 26).map_or(0, u64::from) + entry::u16_at(&header, 28).map_or(0, u64::from);
        let start = position + LOCAL_HEADER as u64 + skip;
        if start.saturating_add(entry.packed.value) > self.directory.start {
            return Err(damaged());
        }
        self.reader.seek(SeekFrom::Start(start)).map_err(|cause| damaged().caused_by(cause))?;
        Ok(entry.packed.value)
    }

    /// The bytes of a file as they are packed.
    pub(crate) fn packed(&mut self, index: usize) -> Result<std::io::Take<&mut R>> {
        let length = self.seek(index)?;
        Ok(self.reader.by_ref().take(length))
    }

    /// Unpacks a file as a whole.
    pub(crate) fn whole(&mut self, index: usize, limits: &Limits) -> Result<Vec<u8>> {
        let (name, size) = self
            .directory
            .entries
            .get(index)
            .map(|entry| (entry.name.clone(), entry.unpacked.value))
            .ok_or_else(|| invalid("a file is not in its directory"))?;
        if size > limits.whole_bytes {
            return Err(invalid(format!(
                "the file “{name}” in it has {size} bytes, and at most {} are accepted",
                limits.whole_bytes
            )));
        }
        let mut content = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or_default());
        self.unpack(index)?
            .read_to_end(&mut content)
            .map_err(|cause| PackageError::of_io(&format!("The file “{name}” in it is damaged."), cause))?;
        Ok(content)
    }
}

/// A refusal of the whole file.
pub(crate) fn invalid(reason: impl std::fmt::Display) -> PackageError {
    PackageError::new(
        ErrorCode::INVALID_SOLUTION_FILE,
        format!("The solution file is invalid: {reason}. Choose the zip file as it was exported."),
    )
}

/// Refuses an entry that is not harmless.
fn look_at(entry: &Entry, limits: &Limits) -> Result<()> {
    let name = &entry.name;
    if let Some(reason) = entry::unsafe_name(name) {
        return Err(invalid(format!("the file name “{}” in it {reason}", name.escape_debug())));
    }
    if entry.flags & 0x2041 != 0 {
        return Err(invalid(format!("the file “{name}” in it is encrypted")));
    }
    if !matches!(entry.method, entry::STORED | entry::DEFLATED) {
        return Err(invalid(format!("the file “{name}” in it is packed with the unknown method {}", entry.method)));
    }
    let (packed, unpacked) = (entry.packed.value, entry.unpacked.value);
    if entry.method == entry::STORED && packed != unpacked {
        return Err(invalid(format!("the file “{name}” in it claims two different sizes")));
    }
    if unpacked > limits.entry_bytes {
        return Err(invalid(format!(
            "the file “{name}” in it claims {unpacked} bytes, and at most {} are accepted",
            limits.entry_bytes
        )));
    }
    if unpacked > RATIO_FROM_BYTES && unpacked / packed.max(1) > limits.ratio {
        return Err(invalid(format!("the file “{name}” in it claims to unpack to {unpacked} bytes from {packed}")));
    }
    Ok(())
}
