//! One file of a zip, as the directory claims it.

/// Not packed.
pub(crate) const STORED: u16 = 0;
/// Packed with deflate.
pub(crate) const DEFLATED: u16 = 8;

/// A number of a directory record with the place where it stands, so that it can be written anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    /// The number.
    pub(crate) value: u64,
    /// Where it stands in the directory.
    pub(crate) at: usize,
    /// Whether it takes eight bytes (zip64) instead of four.
    pub(crate) wide: bool,
}

/// A file of a zip.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its path with forward slashes.
    pub(crate) name: String,
    /// General purpose flags.
    pub(crate) flags: u16,
    /// How it is packed.
    pub(crate) method: u16,
    /// CRC-32 of its content.
    pub(crate) crc: u32,
    /// Bytes packed.
    pub(crate) packed: Field,
    /// Bytes unpacked, as claimed.
    pub(crate) unpacked: Field,
    /// Place of its local header, as claimed.
    pub(crate) offset: Field,
    /// Where its local header really is; none where that place is not in the file.
    pub(crate) position: Option<u64>,
    /// Where its record begins in the directory.
    pub(crate) record: usize,
}

impl Entry {
    /// Whether it is a folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// Why a path must not leave the zip, if it must not.
pub(crate) fn unsafe_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if name.chars().any(char::is_control) {
        return Some("has control characters");
    }
    if name.starts_with('/') {
        return Some("leads out of the package");
    }
    if name.get(1..2) == Some(":") {
        return Some("leads to a drive");
    }
    if name.split('/').any(|part| part == "..") {
        return Some("leads out of the package");
    }
    None
}

/// Two bytes, little end first.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Four bytes, little end first.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Eight bytes, little end first.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
