//! Takes one base64 string out of JSON that comes in pieces.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SieveError {
    /// What is not the file is too long.
    #[error("What stands beside the file has more than {0} bytes.")]
    TooLong(usize),
    /// The file is not base64.
    #[error("The file is not written in base64.")]
    NotBase64,
    /// The body ends in the middle of a string.
    #[error("The body ends in the middle of a string.")]
    Incomplete,
}

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between strings.
    Between,
    /// In a string that stays in the rest.
    Text {
        /// After a backslash.
        escaped: bool,
        /// Whether it is the name of a field of the outermost object.
        name: bool,
    },
    /// In the string that is the file.
    File,
    /// After a backslash within it.
    FileEscape,
    /// In `\u002B` within it: digits so far and their value.
    FileUnicode(u8, u16),
}

/// The machine. Its rest is the body with an empty string in the place of the file.
pub(super) struct Sieve {
    field: Vec<u8>,
    rest_limit: usize,
    rest: Vec<u8>,
    place: Place,
    depth: u32,
    /// Whether a string that begins now is a field's name.
    name_is_next: bool,
    /// The last name of the outermost object, as it is written.
    name: Vec<u8>,
    /// Whether a string that begins now is the file.
    file_is_next: bool,
    encoded: Vec<u8>,
}

impl Sieve {
    pub(super) fn new(field: &str, rest_limit: usize) -> Self {
        Self {
            field: field.as_bytes().to_vec(),
            rest_limit,
            rest: Vec::new(),
            place: Place::Between,
            depth: 0,
            name_is_next: false,
            name: Vec::new(),
            file_is_next: false,
            encoded: Vec::new(),
        }
    }

    /// What is not the file.
    pub(super) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// Takes a piece and gives the bytes of the file in it.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<Bytes, SieveError> {
        let mut piece = piece;
        while let Some((&byte, after)) = piece.split_first() {
            if self.place == Place::File {
                // By far the most bytes: taken over in one go.
                let end = piece.iter().position(|&byte| byte == b'"' || byte == b'\\').unwrap_or(piece.len());
                let (file, left) = piece.split_at(end);
                self.encoded.extend_from_slice(file);
                piece = left;
                if let Some((&stop, after)) = piece.split_first() {
                    if stop == b'"' {
                        self.place = Place::Between;
                        self.keep(b'"')?;
                    } else {
                        self.place = Place::FileEscape;
                    }
                    piece = after;
                }
                continue;
            }
            self.step(byte)?;
            piece = after;
        }
        self.decode(false)
    }

    /// Gives the last bytes of the file.
    pub(super) fn end(&mut self) -> Result<Bytes, SieveError> {
        if self.place != Place::Between {
            return Err(SieveError::Incomplete);
        }
        self.decode(true)
    }

    fn step(&mut self, byte: u8) -> Result<(), SieveError> {
        match self.place {
            Place::Between => self.between(byte),
            Place::Text { escaped, name } => {
                if byte == b'"' && !escaped {
                    self.place = Place::Between;
                } else {
                    self.place = Place::Text { escaped: byte == b'\\' && !escaped, name };
                    if name {
                        self.name.push(byte);
                    }
                }
                self.keep(byte)
            }
            Place::File => Ok(()),
            Place::FileEscape => {
                self.place = Place::File;
                match byte {
                    b'/' => self.encoded.push(b'/'),
                    b'n' | b'r' | b't' => {}
                    b'u' => self.place = Place::FileUnicode(0, 0),
                    _ => return Err(SieveError::NotBase64),
                }
                Ok(())
            }
            Place::FileUnicode(digits, value) => {
                let digit = char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
                let value = value << 4 | digit.ok_or(SieveError::NotBase64)?;
                if digits < 3 {
                    self.place = Place::FileUnicode(digits + 1, value);
                } else {
                    self.encoded.push(u8::try_from(value).map_err(|_| SieveError::NotBase64)?);
                    self.place = Place::File;
                }
                Ok(())
            }
        }
    }

    fn between(&mut self, byte: u8) -> Result<(), SieveError> {
        match byte {
            b'"' if self.file_is_next => self.place = Place::File,
            b'"' => {
                if self.name_is_next {
                    self.name.clear();
                }
                self.place = Place::Text { escaped: false, name: self.name_is_next };
                self.name_is_next = false;
            }
            b'{' | b'[' => {
                self.depth = self.depth.saturating_add(1);
                self.name_is_next = self.depth == 1 && byte == b'{';
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.name_is_next = false;
            }
            b',' => self.name_is_next = self.depth == 1,
            _ => {}
        }
        // Whatever stands between the colon and the value, it is blank.
        self.file_is_next = match byte {
            b':' => self.depth == 1 && self.name == self.field,
            byte if byte.is_ascii_whitespace() => self.file_is_next,
            _ => false,
        };
        self.keep(byte)
    }

    fn keep(&mut self, byte: u8) -> Result<(), SieveError> {
        if self.rest.len() >= self.rest_limit {
            return Err(SieveError::TooLong(self.rest_limit));
        }
        self.rest.push(byte);
        Ok(())
    }

    /// Decodes what came so far. All but the last four characters, among which the padding would be, until the end.
    fn decode(&mut self, is_end: bool) -> Result<Bytes, SieveError> {
        self.encoded.retain(|byte| !byte.is_ascii_whitespace());
        let ready = if is_end { self.encoded.len() } else { self.encoded.len().saturating_sub(4) / 4 * 4 };
        let (now, later) = self.encoded.split_at(ready);
        let decoded = STANDARD.decode(now).map_err(|_| SieveError::NotBase64)?;
        self.encoded = later.to_vec();
        Ok(decoded.into())
    }
}
