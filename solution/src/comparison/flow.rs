//! A cloud flow: its triggers, steps, connections and parameters.

use super::{
    difference::{Differences, Part},
    node::{Kind, Node},
    table::parts,
    text::shorten,
};
use std::collections::{BTreeMap, HashMap};

type Parts = BTreeMap<String, (String, Node)>;

/// Compares the files of two flows.
pub(super) fn compare(differences: &mut Differences, before: Node, after: Node) {
    let (before, after) = (Flow::of(before), Flow::of(after));
    parts(differences, "Trigger", &before.triggers, &after.triggers, false);
    parts(differences, "Step", &before.steps, &after.steps, false);
    parts(differences, "Connection", &before.connections, &after.connections, false);
    parts(differences, "Parameter", &before.parameters, &after.parameters, false);
    differences.nodes(Part::default(), &before.rest, &after.rest);
}

/// A flow taken apart.
#[derive(Default)]
struct Flow {
    triggers: Parts,
    steps: Parts,
    /// How many steps have a name.
    repeats: HashMap<String, usize>,
    connections: Parts,
    parameters: Parts,
    rest: Node,
}

impl Flow {
    fn of(mut file: Node) -> Self {
        let mut flow = Self::default();
        if let Some(properties) = file.children.iter_mut().find(|child| child.name == "properties") {
            if let Some(references) = properties.take("connectionReferences") {
                flow.connections = named(references);
            }
            if let Some(definition) = properties.children.iter_mut().find(|child| child.name == "definition") {
                if let Some(triggers) = definition.take("triggers") {
                    flow.triggers = named(triggers);
                }
                if let Some(parameters) = definition.take("parameters") {
                    flow.parameters = named(parameters);
                }
                if let Some(actions) = definition.take("actions") {
                    flow.steps(actions, "");
                }
            }
        }
        for (_, part) in flow.triggers.values_mut().chain(flow.connections.values_mut()) {
            without_marks(part);
        }
        if let Some(properties) = file.children.iter_mut().find(|child| child.name == "properties") {
            properties.children.retain(|child| !says_nothing(child));
        }
        flow.rest = file;
        flow
    }

    /// Steps with those inside them: of conditions, loops, scopes and switches.
    fn steps(&mut self, actions: Node, place: &str) {
        for mut step in actions.children {
            let mut name = step.name.clone();
            // Everything inside a step says where it is.
            shorten(&mut name);
            if let Some(inner) = step.take("actions") {
                self.steps(inner, &name);
            }
            for branch in ["else", "default"] {
                let branch_of = step.children.iter_mut().find(|child| child.name == branch);
                if let Some(inner) = branch_of.and_then(|branch| branch.take("actions")) {
                    self.steps(inner, &format!("{name} › {branch}"));
                }
            }
            if let Some(cases) = step.children.iter_mut().find(|child| child.name == "cases") {
                for case in &mut cases.children {
                    let mut place = format!("{name} › {}", case.name);
                    shorten(&mut place);
                    if let Some(inner) = case.take("actions") {
                        self.steps(inner, &place);
                    }
                }
            }
            without_marks(&mut step);
            if !place.is_empty() {
                let inside =
                    Node { kind: Kind::Text, name: "inside".to_owned(), text: place.to_owned(), ..Node::default() };
                step.children.push(inside);
            }
            // The platform lets no two steps have one name; a file that does all the same loses none.
            let repeat = self.repeats.entry(step.name.clone()).or_default();
            *repeat += 1;
            let key = if *repeat == 1 { step.name.clone() } else { format!("{}\0{repeat}", step.name) };
            self.steps.insert(key, (name, step));
        }
    }
}

/// Takes away what says nothing. The designer gives each step a new id whenever it is saved elsewhere; and what stands
/// for nothing is written by one designer and left out by another.
fn without_marks(part: &mut Node) {
    if let Some(metadata) = part.children.iter_mut().find(|child| child.name == "metadata") {
        metadata.children.retain(|child| child.name != "operationMetadataId");
    }
    if let Some(inputs) = part.children.iter_mut().find(|child| child.name == "inputs") {
        inputs.children.retain(|child| !says_nothing(child));
    }
    part.children.retain(|child| !says_nothing(child));
}

fn says_nothing(property: &Node) -> bool {
    let is_empty = property.children.is_empty() && matches!(property.text.as_str(), "" | "null");
    match property.name.as_str() {
        "runAfter" | "else" | "metadata" | "impersonation" | "templateName" => is_empty,
        // The connection's own, which it is anyway.
        "authentication" => property.text == "@parameters('$authentication')",
        _ => false,
    }
}

fn named(members: Node) -> Parts {
    members.children.into_iter().map(|member| (member.name.clone(), (member.name.clone(), member))).collect()
}
