//! The files of a component: flows, apps, scripts, texts and whatever else it has.

use super::{
    canvas_app::{self, CanvasApp},
    difference::{Differences, Part},
    flow,
    node::{Digester, Node},
    package::{Package, Unit, is_own_file, is_value_file, roles},
    remark, tree,
};
use crate::{Limits, Result, variables::json};
use model::{ComponentType, comparison::Remark, stage_run::ChangeKind};
use std::io::{Read, Seek};

/// Bytes of a file that is compared in detail. Of a larger one only whether it differs is told.
const DETAIL: u64 = 8 << 20;

/// Compares the files of a component that is in both packages.
pub(super) fn files<R: Read + Seek, S: Read + Seek>(
    differences: &mut Differences,
    (before, one): (&mut Package<R>, &Unit),
    (after, other): (&mut Package<S>, &Unit),
    limits: &Limits,
    remarks: &mut Vec<Remark>,
) -> Result<()> {
    for role in roles(one, other) {
        let part = part(&role, one.digest == 0 || other.digest == 0);
        match (one.files.get(&role), other.files.get(&role)) {
            (Some(at), Some(other_at)) => {
                let (at, other_at) = (*at, *other_at);
                if are_alike(before, at, after, other_at)? {
                    continue;
                }
                let mut file = File { differences, part, role: &role, kind: &one.key.0, limits, remarks };
                file.compare((before, at), (after, other_at))?;
            }
            (Some(_), None) => differences.part(part, ChangeKind::Removed, false),
            (None, Some(_)) => differences.part(part, ChangeKind::Added, false),
            (None, None) => {}
        }
    }
    Ok(())
}

/// What a file is to its component. The file that a component mainly is stands for the component itself.
fn part(role: &str, is_row: bool) -> Part<'_> {
    let is_main = role.is_empty()
        || matches!(role, "FileName" | "JsonFileName" | "XamlFileName" | "DocumentUri" | "data")
        || is_value_file(role)
        || (is_row && is_own_file(role));
    if is_main { Part::default() } else { Part { kind: "File", name: role } }
}

/// Whether two files have one content, told without unpacking them: they are packed alike.
fn are_alike<R: Read + Seek, S: Read + Seek>(
    before: &mut Package<R>,
    at: usize,
    after: &mut Package<S>,
    other_at: usize,
) -> Result<bool> {
    let (Some(one), Some(other)) = (before.archive.entries().get(at), after.archive.entries().get(other_at)) else {
        return Ok(false);
    };
    // A checksum alone can be made to fit.
    if (one.crc, one.method, one.unpacked.value, one.packed.value)
        != (other.crc, other.method, other.unpacked.value, other.packed.value)
    {
        return Ok(false);
    }
    let (mut one, mut other) = (before.archive.packed(at)?, after.archive.packed(other_at)?);
    let (mut ones, mut others) = ([0_u8; 16 << 10], [0_u8; 16 << 10]);
    loop {
        let (Ok(count), Ok(other_count)) = (fill(&mut one, &mut ones), fill(&mut other, &mut others)) else {
            return Ok(false);
        };
        if ones.get(..count) != others.get(..other_count) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
    }
}

fn fill(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// A file that differs in its bytes.
struct File<'a> {
    differences: &'a mut Differences,
    part: Part<'a>,
    role: &'a str,
    kind: &'a ComponentType,
    limits: &'a Limits,
    remarks: &'a mut Vec<Remark>,
}

impl File<'_> {
    fn compare<R: Read + Seek, S: Read + Seek>(
        &mut self,
        (before, at): (&mut Package<R>, usize),
        (after, other_at): (&mut Package<S>, usize),
    ) -> Result<()> {
        let name = name_of(before, at);
        let other_name = name_of(after, other_at);
        let extension = extension(&other_name);
        let most = if extension == "msapp" { canvas_app::MOST } else { DETAIL };
        let size = size_of(before, at).max(size_of(after, other_at));
        if size > most {
            let (one, other) =
                (self.digest(before, at, &name, false)?, self.digest(after, other_at, &other_name, true)?);
            if one != other {
                self.bytes(size_of(before, at), size_of(after, other_at));
            }
            return Ok(());
        }
        let one = self.whole(before, at, &name, false)?;
        let other = self.whole(after, other_at, &other_name, true)?;
        let (Some(one), Some(other)) = (one, other) else {
            // That it cannot be read is said; that it is as it was cannot be.
            self.bytes(size_of(before, at), size_of(after, other_at));
            return Ok(());
        };
        if one != other {
            self.contents((one, &name), (other, &other_name), &extension);
        }
        Ok(())
    }

    fn contents(&mut self, (one, name): (Vec<u8>, &str), (other, other_name): (Vec<u8>, &str), extension: &str) {
        let sizes = (one.len() as u64, other.len() as u64);
        match extension {
            "msapp" => {
                let one = CanvasApp::read(one, self.limits);
                let other = CanvasApp::read(other, self.limits);
                for (of_after, file, error) in
                    [(false, name, one.as_ref().err()), (true, other_name, other.as_ref().err())]
                {
                    if let Some(error) = error {
                        let message = format!("The canvas app could not be looked into: {error}");
                        self.remarks.push(remark(of_after, file, message));
                    }
                }
                match (one, other) {
                    (Ok(one), Ok(other)) => CanvasApp::compare(self.differences, one, other),
                    _ => self.bytes(sizes.0, sizes.1),
                }
            }
            "json" => {
                let read = |content: &[u8], name: &str| {
                    json::<serde_json::Value>(content, name).ok().map(|value| Node::of_json("", &value))
                };
                match (read(&one, name), read(&other, other_name)) {
                    (Some(one), Some(other)) if *self.kind == ComponentType::WORKFLOW => {
                        flow::compare(self.differences, one, other);
                    }
                    (Some(one), Some(other)) => self.meaning(&one, &other, &[]),
                    _ => self.texts(&one, &other),
                }
            }
            "xml" | "xaml" | "resx" | "svg" | "xsl" | "xslt" => {
                let read = |content: &[u8], name: &str| tree::document(content, name, self.limits).ok();
                match (read(&one, name), read(&other, other_name)) {
                    (Some(mut first), Some(mut second)) if !first.is_too_large && !second.is_too_large => {
                        // When an agent was published where it was exported from.
                        for item in [&mut first, &mut second] {
                            item.node.children.retain(|child| child.name != "synchronizationstatus");
                        }
                        self.meaning(&first.node, &second.node, &[&one, &other]);
                    }
                    _ => self.texts(&one, &other),
                }
            }
            _ => self.texts(&one, &other),
        }
    }

    /// Two documents by their meaning. Web resources are shown as the texts their authors wrote.
    fn meaning(&mut self, one: &Node, other: &Node, texts: &[&Vec<u8>]) {
        if let ([before, after], &ComponentType::WEB_RESOURCE) = (texts, self.kind) {
            if one.digest() != other.digest() {
                self.texts(before, after);
            }
            return;
        }
        self.differences.nodes(self.part, one, other);
    }

    fn texts(&mut self, one: &[u8], other: &[u8]) {
        match (text(one), text(other)) {
            (Some(one), Some(other)) => self.differences.text(self.part, self.property(), one, other),
            _ => self.bytes(one.len() as u64, other.len() as u64),
        }
    }

    fn bytes(&mut self, one: u64, other: u64) {
        let size = |bytes: u64| format!("{bytes} bytes");
        let (mut one, mut other) = (size(one), size(other));
        if one == other {
            one.push_str(" of other content");
            other.clone_from(&one);
            self.differences.alike_in_size(self.part, self.property(), &one);
            return;
        }
        self.differences.value(self.part, self.property(), Some(&one), Some(&other));
    }

    fn property(&self) -> &'static str {
        if self.part.kind.is_empty() && !self.role.is_empty() { "Content" } else { "" }
    }

    fn whole<R: Read + Seek>(
        &mut self,
        package: &mut Package<R>,
        at: usize,
        name: &str,
        of_after: bool,
    ) -> Result<Option<Vec<u8>>> {
        match package.archive.whole(at, self.limits) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.is_of_one_file() => {
                self.remarks.push(remark(of_after, name, error.to_string()));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn digest<R: Read + Seek>(
        &mut self,
        package: &mut Package<R>,
        at: usize,
        name: &str,
        of_after: bool,
    ) -> Result<Option<u128>> {
        let mut digester = Digester::default();
        let mut source = package.archive.unpack(at)?;
        let mut buffer = vec![0; 32 << 10];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return Ok(Some(digester.finish())),
                Ok(count) => digester.bytes(buffer.get(..count).unwrap_or_default()),
                Err(error) => {
                    let error = crate::PackageError::of_io("The file could not be read to its end.", error);
                    if !error.is_of_one_file() {
                        return Err(error);
                    }
                    self.remarks.push(remark(of_after, name, error.to_string()));
                    return Ok(None);
                }
            }
        }
    }
}

fn name_of<R: Read + Seek>(package: &Package<R>, at: usize) -> String {
    package.archive.entries().get(at).map(|entry| entry.name.clone()).unwrap_or_default()
}

fn size_of<R: Read + Seek>(package: &Package<R>, at: usize) -> u64 {
    package.archive.entries().get(at).map(|entry| entry.unpacked.value).unwrap_or_default()
}

fn extension(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// A file as text, if it is one.
fn text(content: &[u8]) -> Option<&str> {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    std::str::from_utf8(content).ok().filter(|text| !text.contains('\0'))
}
