//! The solution package format: open, index, compare, write. Bytes in, values out.
//!
//! A package is a zip with `solution.xml`, `customizations.xml` and `[Content_Types].xml` at its root. Nothing in it is
//! trusted: [`Limits`] bound entries, sizes, depth and time, and everything that is wrong comes back as a
//! [`PackageError`] with the platform's code and a sentence for a person.

mod archive;
mod comparison;
mod customizations;
mod error;
mod exposure;
mod flow;
mod inspect;
mod limits;
mod manifest;
mod naming;
mod part;
mod read;
mod variables;
mod write;
mod xml;

pub use comparison::{compare, compare_files};
pub use error::{PackageError, Result};
pub use limits::Limits;
pub use manifest::Manifest;
pub use read::{manifest, read, read_file};
pub use write::{Changes, NewPackage, pack, rewrite, write_new};
