//! Zips made by Slipway itself.

use super::unwritten;
use crate::{PackageError, Result};
use flate2::{Compression, write::DeflateEncoder};
use model::ErrorCode;
use std::io::{Seek, Write};

/// The first moment a zip can name, 1 January 1980, so that the same files make the same bytes.
const DATE: u16 = 0x0021;
/// Names are UTF-8.
const UTF8: u16 = 0x0800;
const DEFLATED: u16 = 8;
const VERSION: u16 = 20;

/// Packs files into a zip, in the order given: the same bytes for the same files.
pub fn pack(files: &[(&str, &[u8])], mut target: impl Write + Seek) -> Result<()> {
    let mut directory = Vec::new();
    let mut offset = 0_u32;
    for (name, content) in files {
        let packed = deflate(content)?;
        let mut common = Vec::with_capacity(26);
        let flags = if name.is_ascii() { 0 } else { UTF8 };
        for number in [VERSION, flags, DEFLATED, 0, DATE] {
            common.extend_from_slice(&number.to_le_bytes());
        }
        for number in [crc(content), size(packed.len())?, size(content.len())?] {
            common.extend_from_slice(&number.to_le_bytes());
        }
        let name_length = u16::try_from(name.len()).map_err(|_| too_large())?;
        common.extend_from_slice(&name_length.to_le_bytes());
        common.extend_from_slice(&[0, 0]);

        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());

        let mut local = b"PK\x03\x04".to_vec();
        local.extend_from_slice(&common);
        local.extend_from_slice(name.as_bytes());
        target.write_all(&local).and_then(|()| target.write_all(&packed)).map_err(unwritten)?;
        offset = offset.checked_add(size(local.len() + packed.len())?).ok_or_else(too_large)?;
    }
    let count = u16::try_from(files.len()).map_err(|_| too_large())?.to_le_bytes();
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend_from_slice(&count);
    end.extend_from_slice(&count);
    end.extend_from_slice(&size(directory.len())?.to_le_bytes());
    end.extend_from_slice(&offset.to_le_bytes());
    end.extend_from_slice(&[0, 0]);
    target.write_all(&directory).and_then(|()| target.write_all(&end)).and_then(|()| target.flush()).map_err(unwritten)
}

/// Packs with deflate.
pub(super) fn deflate(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(unwritten)
}

/// CRC-32.
pub(super) fn crc(content: &[u8]) -> u32 {
    crc32fast::hash(content)
}

fn size(bytes: usize) -> Result<u32> {
    u32::try_from(bytes).map_err(|_| too_large())
}

fn too_large() -> PackageError {
    PackageError::new(ErrorCode::INVALID_FILE, "The package is too large to be written.")
}
