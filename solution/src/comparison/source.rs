//! The source form of a canvas app: `Src/*.pa.yaml`.

use super::{
    canvas_app::Controls,
    node::{Kind, Node},
};
use crate::{Limits, PackageError, Result, xml::unexpected};
use saphyr_parser::{Event, Parser};

/// Reads a file of the source form. It has no anchors, and none is followed: that is how small files become large.
pub(super) fn yaml(content: &[u8], file: &str, limits: &Limits) -> Result<Node> {
    let text = std::str::from_utf8(content).map_err(|cause| unexpected(file, cause).caused_by(cause))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Node> = Vec::new();
    // The key that waits for its value, of every mapping that is open.
    let mut keys: Vec<Option<String>> = Vec::new();
    let mut root = None;
    while let Some(event) = parser.next_event() {
        let (event, _) = event.map_err(|cause| unexpected(file, &cause).caused_by(cause))?;
        let finished = match event {
            Event::Scalar(value, ..) => {
                if let Some(key) = keys.last_mut()
                    && key.is_none()
                    && open.last().is_some_and(|node| node.kind == Kind::Object)
                {
                    *key = Some(value.into_owned());
                    continue;
                }
                Node { kind: Kind::Text, text: value.trim_end().to_owned(), ..Node::default() }
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if open.len() >= limits.depth {
                    return Err(too_deep(file, limits.depth));
                }
                let kind = if matches!(event, Event::MappingStart(..)) { Kind::Object } else { Kind::List };
                open.push(Node { kind, ..Node::default() });
                keys.push(None);
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                keys.pop();
                let Some(node) = open.pop() else { continue };
                node
            }
            Event::Alias(_) => return Err(unexpected(file, "it has an alias")),
            Event::StreamEnd => break,
            _ => continue,
        };
        let mut node = finished;
        match open.last_mut() {
            Some(parent) => {
                if parent.kind == Kind::Object {
                    node.name = keys.last_mut().and_then(Option::take).unwrap_or_default();
                }
                parent.children.push(node);
            }
            None => root = root.or(Some(node)),
        }
    }
    Ok(root.unwrap_or_default())
}

fn too_deep(file: &str, depth: usize) -> PackageError {
    unexpected(file, format!("it is nested more than {depth} deep"))
}

/// Takes the controls out of a file.
pub(super) fn controls(file: &Node, into: &mut Controls) {
    for part in &file.children {
        match part.name.as_str() {
            "App" => add(into, "App", part, None, false, false),
            "Screens" => part.children.iter().for_each(|screen| add(into, &screen.name, screen, None, true, false)),
            "ComponentDefinitions" => {
                part.children.iter().for_each(|component| add(into, &component.name, component, None, false, true));
            }
            _ => {}
        }
    }
}

fn add(into: &mut Controls, name: &str, control: &Node, screen: Option<&str>, is_screen: bool, is_component: bool) {
    let mut properties = Vec::new();
    for part in &control.children {
        match part.name.as_str() {
            "Control" => properties.push(("Type".to_owned(), part.text.clone())),
            "Properties" => properties.extend(part.children.iter().map(|property| {
                let formula = property.text.strip_prefix('=').unwrap_or(&property.text);
                let formula = if property.children.is_empty() { formula.to_owned() } else { property.brief(10_000) };
                (property.name.clone(), formula)
            })),
            "Children" => {}
            other => properties.push((other.to_owned(), part.brief(10_000))),
        }
    }
    into.insert(name, screen, is_screen, is_component, properties);
    let screen = screen.unwrap_or(name);
    let children = control.child("Children").into_iter().flat_map(|children| &children.children);
    for child in children.flat_map(|child| &child.children) {
        add(into, &child.name, child, Some(screen), false, false);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn controls_are_read_with_their_formulas() {
        let yaml = b"Screens:\n  Home:\n    Properties:\n      Fill: =Color.White\n    Children:\n      - Save:\n          Control: Button@2.0\n          Properties:\n            OnSelect: |-\n              =Set(x, 1);\n              Back()\n";
        let mut found = Controls::default();
        controls(&super::yaml(yaml, "Src/Home.pa.yaml", &Limits::default()).unwrap(), &mut found);
        let (_, home) = found.screens.get("Home").unwrap();
        assert_eq!(home.text_of("Fill"), Some("Color.White"));
        let (name, save) = found.others.get("Save").unwrap();
        assert_eq!(name, "Home › Save");
        assert_eq!(save.text_of("OnSelect"), Some("Set(x, 1);\nBack()"));
        assert_eq!(save.text_of("Type"), Some("Button@2.0"));
    }

    #[test]
    fn aliases_and_depth_are_refused() {
        let bomb = b"a: &a [x]\nb: [*a, *a]\n";
        assert!(yaml(bomb, "x", &Limits::default()).unwrap_err().to_string().contains("alias"));
        let deep = "[".repeat(1_000);
        assert!(yaml(deep.as_bytes(), "x", &Limits::default()).is_err());
    }
}
