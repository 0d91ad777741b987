//! Writing packages.

mod new_package;
mod pack;
mod rewrite;

pub use new_package::{NewPackage, write_new};
pub use pack::pack;
pub use rewrite::{Changes, rewrite};

use crate::PackageError;
use model::ErrorCode;
use std::io;

fn unwritten(cause: io::Error) -> PackageError {
    PackageError::new(ErrorCode::INVALID_FILE, "The package could not be written. Look whether the disk is full.")
        .caused_by(cause)
}
