//! Unpacking one file of a zip, never further than it claims.

use super::{Entry, entry::DEFLATED, invalid};
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufReader, Read, Take};

/// Bytes read from the package at a time.
const BUFFER: usize = 32 << 10;

enum Source<'a, R> {
    Stored(Take<&'a mut R>),
    Deflated(Box<DeflateDecoder<BufReader<Take<&'a mut R>>>>),
}

/// The content of a file. Fails when there is more or less of it than claimed, when its CRC is another one, and when
/// the work allowed for the package is used up.
pub(crate) struct Unpacked<'a, R> {
    source: Source<'a, R>,
    name: String,
    left: u64,
    crc: Hasher,
    expected: u32,
    done: bool,
    work: &'a mut u64,
}

impl<'a, R: Read> Unpacked<'a, R> {
    pub(super) fn new(reader: &'a mut R, entry: &Entry, work: &'a mut u64) -> Self {
        let packed = reader.take(entry.packed.value);
        let source = if entry.method == DEFLATED {
            let size = usize::try_from(entry.packed.value).unwrap_or(BUFFER).clamp(64, BUFFER);
            Source::Deflated(Box::new(DeflateDecoder::new(BufReader::with_capacity(size, packed))))
        } else {
            Source::Stored(packed)
        };
        Self {
            source,
            name: entry.name.clone(),
            left: entry.unpacked.value,
            crc: Hasher::new(),
            expected: entry.crc,
            done: false,
            work,
        }
    }

    fn damaged(&self, reason: &str) -> io::Error {
        io::Error::other(invalid(format!("the file “{}” in it {reason}", self.name)).of_one_file())
    }

    fn finish(&mut self) -> io::Result<usize> {
        if self.left > 0 {
            return Err(self.damaged("ends too early"));
        }
        if self.crc.clone().finalize() != self.expected {
            return Err(self.damaged("is damaged: its checksum is another one"));
        }
        self.done = true;
        Ok(0)
    }
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.done || buffer.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.source {
            Source::Stored(source) => source.read(buffer),
            Source::Deflated(source) => source.read(buffer),
        };
        let count = match read {
            Ok(0) => return self.finish(),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(_) => return Err(self.damaged("is damaged and cannot be unpacked")),
        };
        let bytes = count as u64;
        let larger = || io::Error::other(invalid(format!("the file “{}” in it is larger than it claims", self.name)));
        self.left = self.left.checked_sub(bytes).ok_or_else(larger)?;
        *self.work = self
            .work
            .checked_sub(bytes)
            .ok_or_else(|| io::Error::other(invalid("there is more in it to read than is accepted")))?;
        if let Some(content) = buffer.get(..count) {
            self.crc.update(content);
        }
        Ok(count)
    }
}
