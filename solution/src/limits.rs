//! How much of a package is worth reading.

/// Bounds on what a package may cost. All of them count, so that the same package is always let through or refused,
/// on a fast machine and on a slow one; as reading is linear, `work_bytes` bounds its time.
///
/// The defaults leave room to spare: the largest of 687 public packages has 16 MB unpacked at a ratio of 6 to 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in the package.
    pub entries: usize,
    /// Bytes of a file's name.
    pub name_bytes: usize,
    /// Bytes of one file, unpacked.
    pub entry_bytes: u64,
    /// Bytes of all files, unpacked.
    pub unpacked_bytes: u64,
    /// How many bytes one packed byte may become, in files of more than 8 MB.
    pub ratio: u64,
    /// Bytes unpacked in all to work out the facts.
    pub work_bytes: u64,
    /// Bytes of one piece of XML: a tag or a text.
    pub piece_bytes: u64,
    /// Bytes of a file that is read as a whole: the manifest when a package is written again, and JSON.
    pub whole_bytes: u64,
    /// Elements within elements.
    pub depth: usize,
    /// Components, dependencies, connection references and variables, each.
    pub items: usize,
}

/// Files below this size are not asked for their ratio: a small file of blanks packs well and harms nobody.
pub(crate) const RATIO_FROM_BYTES: u64 = 8 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 65_535,
            name_bytes: 1_024,
            entry_bytes: 1 << 30,
            unpacked_bytes: 4 << 30,
            ratio: 200,
            work_bytes: 512 << 20,
            piece_bytes: 16 << 20,
            whole_bytes: 64 << 20,
            depth: 256,
            items: 250_000,
        }
    }
}
