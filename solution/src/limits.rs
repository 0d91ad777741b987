//! How much of a package is worth reading.

use std::time::Duration;

/// Bounds on what a package may cost. The defaults let every real package through with room to spare: the largest of
/// 687 public ones has 16 MB unpacked at a ratio of 6 to 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in the package.
    pub entries: usize,
    /// Bytes of one file, unpacked.
    pub entry_bytes: u64,
    /// Bytes of all files, unpacked.
    pub unpacked_bytes: u64,
    /// Bytes of one file that is read into values: XML and JSON.
    pub text_bytes: u64,
    /// How many bytes one packed byte may become, in files of more than a megabyte.
    pub ratio: u64,
    /// Bytes of a file's name.
    pub name_bytes: usize,
    /// Elements within elements of an XML file.
    pub depth: usize,
    /// Time for reading.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 65_536,
            entry_bytes: 1 << 30,
            unpacked_bytes: 4 << 30,
            text_bytes: 256 << 20,
            ratio: 200,
            name_bytes: 1_024,
            depth: 256,
            time: Duration::from_secs(60),
        }
    }
}
