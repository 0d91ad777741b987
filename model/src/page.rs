//! Pages of long lists.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Number of this page, from 1.
    pub number: u64,
    /// Rows a page holds at most.
    pub size: u64,
    /// Rows of all pages together, as far as they were counted.
    pub total: u64,
    /// Whether there are more rows than `total` says: a long history is not counted to its end.
    #[serde(default)]
    pub more: bool,
}

impl<T> Page<T> {
    /// Number of the last page, at least 1.
    pub fn last(&self) -> u64 {
        self.total.div_ceil(self.size.max(1)).max(1)
    }

    /// The same page with each row changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(change).collect(),
            number: self.number,
            size: self.size,
            total: self.total,
            more: self.more,
        }
    }
}
