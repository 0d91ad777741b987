//! XML read into nodes: a whole file, or one item of a file after the other.

use super::node::{Digester, Kind, Node};
use crate::{
    Limits, Result,
    xml::{self, Attributes, Reading},
};
use std::io::Read;

/// Bytes of an item that is kept as a tree. Of a larger one only its digest is known.
const ITEM_BYTES: usize = 32 << 20;

/// In which version something came into the solution. It says nothing of what it is, and a solution that was rebuilt
/// or merged has other numbers.
const INTRODUCED: &str = "IntroducedVersion";

/// One item of a document.
pub(super) struct Item {
    /// Name of the element it stands in; empty for a whole document.
    pub(super) section: String,
    /// The item. Where it is too large, a node without children and with a digest for a text.
    pub(super) node: Node,
    /// Whether it is too large to be looked into.
    pub(super) is_too_large: bool,
}

/// Reads a file as one node.
pub(super) fn document(source: impl Read, file: &str, limits: &Limits) -> Result<Item> {
    let mut whole = None;
    read(source, file, limits, 0, |item| whole = Some(item))?;
    whole.ok_or_else(|| xml::malformed(file, "it has no content"))
}

/// Reads the items that stand below so many elements (0: the root itself), one at a time.
pub(super) fn read(
    source: impl Read,
    file: &str,
    limits: &Limits,
    below: usize,
    visit: impl FnMut(Item),
) -> Result<()> {
    let mut trees = Trees { below, outside: Vec::new(), open: Vec::new(), size: 0, digest: None, visit };
    xml::read(source, file, limits, &mut trees)
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Document,
    Inside,
}

struct Trees<F> {
    below: usize,
    outside: Vec<String>,
    open: Vec<Node>,
    size: usize,
    /// The digest of an item that turned out to be too large.
    digest: Option<Digester>,
    visit: F,
}

impl<F: FnMut(Item)> Reading for Trees<F> {
    type Element = Place;

    const DOCUMENT: Place = Place::Document;

    fn start(&mut self, parent: Place, name: &str, attributes: &Attributes<'_>) -> Result<Place> {
        if parent != Place::Inside && self.outside.len() < self.below {
            self.outside.push(name.to_owned());
            return Ok(Place::Outside);
        }
        let mut node = Node { kind: Kind::Element, name: name.to_owned(), ..Node::default() };
        let mut size = name.len() + 120;
        attributes.each(|name, value| {
            // Declarations of prefixes are formatting.
            if name != "xmlns" && !name.starts_with("xmlns:") && !name.eq_ignore_ascii_case(INTRODUCED) {
                size += name.len() + value.len() + 48;
                node.attributes.push((name.to_owned(), value.into_owned()));
            }
        })?;
        node.attributes.sort_unstable();
        self.size += size;
        if self.size > ITEM_BYTES {
            let digest = self.digest.get_or_insert_default();
            digest.bytes(name.as_bytes());
            for (name, value) in node.attributes.drain(..) {
                digest.bytes(name.as_bytes());
                digest.bytes(value.as_bytes());
            }
        }
        self.open.push(node);
        Ok(Place::Inside)
    }

    fn end(&mut self, place: Place, _: &str) -> Result<()> {
        if place != Place::Inside {
            self.outside.pop();
            return Ok(());
        }
        let Some(mut node) = self.open.pop() else { return Ok(()) };
        tidy(&mut node.text);
        if let Some(parent) = self.open.last_mut() {
            if self.digest.is_none() && !node.name.eq_ignore_ascii_case(INTRODUCED) {
                parent.children.push(node);
            }
            return Ok(());
        }
        let digest = self.digest.take();
        if let Some(digest) = &digest {
            node = Node { text: format!("{:032x}", digest.finish()), ..Node::default() };
        }
        self.size = 0;
        let section = self.outside.last().cloned().unwrap_or_default();
        (self.visit)(Item { section, node, is_too_large: digest.is_some() });
        Ok(())
    }

    fn has_text(place: Place) -> bool {
        place == Place::Inside
    }

    fn text(&mut self, _: Place, piece: &str) {
        self.size += piece.len();
        if self.size > ITEM_BYTES {
            self.digest.get_or_insert_default().bytes(piece.as_bytes());
        } else if let Some(node) = self.open.last_mut() {
            node.text.push_str(piece);
        }
    }
}

/// Takes away the white space around a text, and carriage returns.
fn tidy(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
    if text.contains('\r') {
        *text = text.replace("\r\n", "\n");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn node(xml: &str) -> Node {
        document(xml.as_bytes(), "test.xml", &Limits::default()).unwrap().node
    }

    #[test]
    fn formatting_means_nothing() {
        let one = node("<a x=\"1\" y='2'><b>t &amp; u</b><c/></a>");
        let other = node(
            "<?xml version=\"1.0\"?>\r\n<a\n y=\"2\" x=\"1\" xmlns:z='u'>\r\n  <!-- note -->\r\n  <b>\n<![CDATA[t & u]]></b> <c></c>\n</a>",
        );
        assert_eq!(one, other);
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn text_beside_elements_counts() {
        assert_ne!(node("<a>one<b/></a>").digest(), node("<a>two<b/></a>").digest());
        assert_ne!(node("<a><b/>one</a>").digest(), node("<a><b/>two</a>").digest());
    }

    #[test]
    fn order_counts_where_names_repeat_and_not_among_properties_and_in_sets() {
        assert_eq!(node("<a><b/><c/></a>").digest(), node("<a><c/><b/></a>").digest());
        assert_ne!(node("<a><b>1</b><b>2</b></a>").digest(), node("<a><b>2</b><b>1</b></a>").digest());
        let set = |one: u32, two: u32| {
            node(&format!("<options><option value='{one}'/><option value='{two}'/></options>")).digest()
        };
        assert_eq!(set(1, 2), set(2, 1));
    }

    #[test]
    fn items_come_one_by_one_with_their_section() {
        let mut items = Vec::new();
        let xml = "<r><list><i>1</i><i>2</i></list><other><j/></other></r>";
        read(xml.as_bytes(), "test.xml", &Limits::default(), 2, |item| {
            items.push((item.section, item.node.name, item.node.text));
        })
        .unwrap();
        let item = |section: &str, name: &str, text: &str| (section.to_owned(), name.to_owned(), text.to_owned());
        assert_eq!(items, [item("list", "i", "1"), item("list", "i", "2"), item("other", "j", "")]);
    }
}
