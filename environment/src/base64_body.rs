//! JSON bodies that carry a file as base64, without ever having the file in memory.
//!
//! Dataverse sends and takes solution packages as one long string within a JSON object: `CustomizationFile`,
//! `ExportSolutionFile`. Reading takes that string out of the stream while it passes and leaves the rest, which is short.
//! Writing makes the string from the file as it is sent.

mod sieve;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use sieve::Sieve;
pub use sieve::SieveError;
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::io::AsyncReadExt;

/// Bytes of a file that become one piece of the body: a multiple of three, so that no piece needs padding.
const PIECE: usize = 48 * 1024;

/// A body that is being read.
///
/// `content` gives the bytes of the file; none when the field is not there. It has to be read to its end before `rest`
/// says what else stands in the body.
pub struct Incoming {
    content: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
    sieve: Arc<Mutex<Sieve>>,
}

impl Incoming {
    /// Reads a body whose `field` carries a file. What else stands in it may have at most `rest_limit` bytes.
    pub fn new<S, E>(body: S, field: &str, rest_limit: usize) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let sieve = Arc::new(Mutex::new(Sieve::new(field, rest_limit)));
        let inner = Arc::clone(&sieve);
        let end = Arc::clone(&sieve);
        let pieces = body
            .map(move |piece| {
                let piece = piece.map_err(io::Error::other)?;
                let mut sieve = inner.lock().unwrap_or_else(PoisonError::into_inner);
                sieve.take(&piece).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            })
            .chain(stream::once(async move {
                let mut sieve = end.lock().unwrap_or_else(PoisonError::into_inner);
                sieve.end().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            }))
            .filter(|piece| futures::future::ready(!matches!(piece, Ok(bytes) if bytes.is_empty())));
        Self { content: Box::pin(pieces), sieve }
    }

    /// Waits for the first bytes of the file. None when there is no file in the body, or an empty one; the body was read
    /// to its end then.
    pub async fn content(&mut self) -> io::Result<Option<impl Stream<Item = io::Result<Bytes>> + Send + '_>> {
        match self.content.next().await {
            None => Ok(None),
            Some(Err(error)) => Err(error),
            Some(first) => Ok(Some(stream::iter([first]).chain(self.content.by_ref()))),
        }
    }

    /// What else stands in the body, with an empty string in the place of the file. For when the content was read.
    pub fn rest(self) -> Result<serde_json::Value, serde_json::Error> {
        let sieve = self.sieve.lock().unwrap_or_else(PoisonError::into_inner);
        if sieve.rest().iter().all(u8::is_ascii_whitespace) {
            return Ok(serde_json::Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(sieve.rest())
    }
}

/// A body to send: what stands before the file's base64, the file, what stands after it.
pub struct Outgoing {
    head: Bytes,
    file: tokio::fs::File,
    bytes: u64,
    tail: Bytes,
}

impl Outgoing {
    /// A JSON object with a file as the string `field`. `object` is the rest of the object.
    pub fn new(
        object: &serde_json::Map<String, serde_json::Value>,
        field: &str,
        file: tokio::fs::File,
        bytes: u64,
    ) -> Self {
        let mut head = serde_json::Value::Object(object.clone()).to_string();
        head.pop();
        if !object.is_empty() {
            head.push(',');
        }
        head.push_str(&serde_json::Value::from(field).to_string());
        head.push_str(":\"");
        Self { head: head.into(), file, bytes, tail: Bytes::from_static(b"\"}") }
    }

    /// Bytes of the whole body.
    pub fn length(&self) -> u64 {
        (self.head.len() + self.tail.len()) as u64 + self.bytes.div_ceil(3) * 4
    }

    /// The body. Fails when the file turns out to have another size than was said.
    pub fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let Self { head, file, bytes, tail } = self;
        let pieces = stream::try_unfold((file, bytes), |(mut file, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let size = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let mut piece = vec![0; size];
            file.read_exact(&mut piece).await?;
            Ok(Some((Bytes::from(STANDARD.encode(piece)), (file, left - size as u64))))
        });
        stream::iter([Ok(head)]).chain(pieces).chain(stream::iter([Ok(tail)]))
    }
}

/// Decodes a short text.
pub fn decode(text: &str) -> Result<Vec<u8>, SieveError> {
    STANDARD.decode(text).map_err(|_| SieveError::NotBase64)
}

#[cfg(test)]
mod tests;
