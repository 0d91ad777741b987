//! Reading XML piece by piece, within limits.
//!
//! Every file of a package that matters is read by a [`Reading`]: a table that says what an element is, given what its
//! parent is. Nothing but the path to the current element is kept.

use crate::{Limits, PackageError, Result};
use model::ErrorCode;
use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event, attributes::Attribute},
};
use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Read},
};

/// What a file's elements mean.
pub(crate) trait Reading {
    /// What an element is. The default stands for elements that do not matter, with all that is in them.
    type Element: Copy + Default + PartialEq;

    /// What the document itself is.
    const DOCUMENT: Self::Element;

    /// An element begins.
    fn start(&mut self, parent: Self::Element, name: &str, attributes: &Attributes<'_>) -> Result<Self::Element>;

    /// An element ends; the text in it, when [`Self::has_text`] says so.
    fn end(&mut self, element: Self::Element, text: &str) -> Result<()>;

    /// Whether the text of an element matters.
    fn has_text(element: Self::Element) -> bool;

    /// A piece of the text of an element, in the place where it stands, when [`Self::has_text`] says so.
    fn text(&mut self, _element: Self::Element, _piece: &str) {}
}

/// The attributes of an element.
pub(crate) struct Attributes<'a> {
    start: &'a BytesStart<'a>,
    file: &'a str,
}

impl Attributes<'_> {
    /// The file they stand in.
    pub(crate) fn file(&self) -> &str {
        self.file
    }

    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>> {
        for attribute in self.start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|cause| malformed(self.file, cause))?;
            if attribute.key.as_ref() == name {
                return value(&attribute, self.file).map(|value| Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    /// Looks at every attribute with its value, in order.
    pub(crate) fn each(&self, mut visit: impl FnMut(&str, Cow<'_, str>)) -> Result<()> {
        let mut names = Vec::new();
        // The library looks for repeats by comparing each with each, which takes hours where there are a million.
        for attribute in self.start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|cause| malformed(self.file, cause))?;
            visit(attribute.key.as_ref(), value(&attribute, self.file)?);
            names.push(attribute.key);
        }
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(malformed(self.file, "an attribute stands twice in an element"));
        }
        Ok(())
    }
}

fn value<'a>(attribute: &Attribute<'a>, file: &str) -> Result<Cow<'a, str>> {
    attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|cause| malformed(file, cause))
}

/// Reads a file from beginning to end.
pub(crate) fn read<T: Reading>(source: impl Read, file: &str, limits: &Limits, reading: &mut T) -> Result<()> {
    let pieces = Pieces { source: BufReader::with_capacity(16 << 10, source), left: 0, file };
    let mut reader = quick_xml::Reader::from_reader(pieces);
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut path = vec![T::DOCUMENT];
    let mut text = String::new();
    let mut seen_root = false;
    loop {
        reader.get_mut().left = limits.piece_bytes;
        let current = path.last().copied().unwrap_or_default();
        match reader.read_event_into(&mut buffer).map_err(|cause| refusal(file, cause))? {
            Event::Start(start) => {
                if path.len() > limits.depth {
                    return Err(deep(file, limits.depth));
                }
                if path.len() == 1 && std::mem::replace(&mut seen_root, true) {
                    return Err(malformed(file, "there is a second root element"));
                }
                let element = reading.start(current, start.name().as_ref(), &Attributes { start: &start, file })?;
                if T::has_text(element) {
                    text.clear();
                }
                path.push(element);
            }
            Event::End(_) => {
                reading.end(current, &text)?;
                path.pop();
            }
            Event::Text(piece) if T::has_text(current) => {
                let piece = piece.xml10_content();
                reading.text(current, &piece);
                push(&mut text, &piece, file, limits)?;
            }
            Event::CData(piece) if T::has_text(current) => {
                let piece = piece.xml10_content();
                reading.text(current, &piece);
                push(&mut text, &piece, file, limits)?;
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|cause| malformed(file, cause))?;
                let resolved = match character {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or_else(|| malformed(file, format!("the entity “&{};” is not defined", &*reference)))?
                        .to_owned(),
                };
                if T::has_text(current) {
                    reading.text(current, &resolved);
                    push(&mut text, &resolved, file, limits)?;
                }
            }
            Event::DocType(_) => {
                return Err(PackageError::new(
                    ErrorCode::INVALID_XML,
                    format!(
                        "The file “{file}” has a document type definition. Solutions have none, and it is not read."
                    ),
                ));
            }
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    if path.len() > 1 || !seen_root {
        return Err(malformed(file, "it ends too early"));
    }
    Ok(())
}

fn push(text: &mut String, piece: &str, file: &str, limits: &Limits) -> Result<()> {
    if (text.len() + piece.len()) as u64 > limits.piece_bytes {
        return Err(too_long(file));
    }
    text.push_str(piece);
    Ok(())
}

/// A file that is not well-formed.
pub(crate) fn malformed(file: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PackageError {
    let cause = cause.into();
    PackageError::new(ErrorCode::INVALID_XML, format!("The file “{file}” is not well-formed XML: {cause}."))
        .caused_by(cause)
        .of_one_file()
}

/// A file that is not as its schema asks.
pub(crate) fn unexpected(file: &str, reason: impl std::fmt::Display) -> PackageError {
    PackageError::new(ErrorCode::INVALID_SCHEMA, format!("The file “{file}” is not as it should be: {reason}."))
        .of_one_file()
}

fn deep(file: &str, depth: usize) -> PackageError {
    PackageError::new(
        ErrorCode::INVALID_XML,
        format!("The file “{file}” has more than {depth} elements within each other, which no solution has."),
    )
}

fn too_long(file: &str) -> PackageError {
    PackageError::new(
        ErrorCode::INVALID_XML,
        format!("The file “{file}” has a piece of text that is too long to be read."),
    )
}

fn refusal(file: &str, cause: quick_xml::Error) -> PackageError {
    match &cause {
        quick_xml::Error::Io(error) => PackageError::inside(error).unwrap_or_else(|| malformed(file, cause)),
        _ => malformed(file, cause),
    }
}

/// Counts the bytes of the current piece, so that no piece fills the memory.
struct Pieces<'a, R> {
    source: BufReader<R>,
    left: u64,
    file: &'a str,
}

impl<R: Read> Read for Pieces<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Pieces<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(too_long(self.file)));
        }
        let available = self.source.fill_buf()?;
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(available.len());
        Ok(available.get(..length).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count as u64);
        self.source.consume(count);
    }
}
