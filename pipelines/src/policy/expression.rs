//! Expressions of custom rules, in the Common Expression Language (<https://cel.dev>).
//!
//! They come from administrators and are bounded all the same: in length, in depth, in how often they go through a list,
//! and in time. They see the facts of the package and nothing else.

use cel::{
    Context, ExecutionError, Value,
    common::ast::{CallExpr, EntryExpr, Expr},
    parser::{Expression, Parser},
};
use model::package::PackageFacts;
use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

/// Characters of an expression.
pub const LONGEST: usize = 1_000;
/// Parts within parts.
const DEEPEST: u16 = 32;
/// How often an expression may go through a list: each may stand in another one.
const MOST_LOOPS: usize = 2;
/// Members of a list in a package for expressions that go through lists twice.
const MOST_FOR_PAIRS: usize = 3_000;
/// Bytes of stack. Only what is used of it is taken.
const STACK: usize = 64 << 20;
/// How long an expression may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The function that says whether there is time left. No expression that somebody writes can have this name.
const IN_TIME: &str = "@in_time";

/// Says what is wrong with an expression and where, if anything is.
pub fn problem(expression: &str) -> Option<String> {
    compile(expression).err()
}

/// An expression that was read and found harmless.
struct Compiled {
    expression: Expression,
    /// How often it goes through a list.
    loops: usize,
}

fn compile(expression: &str) -> Result<Compiled, String> {
    if expression.chars().count() > LONGEST {
        return Err(format!("The expression has more than {LONGEST} characters."));
    }
    if depth(expression) > usize::from(DEEPEST) {
        return Err(format!("The expression has more than {DEEPEST} parts within each other."));
    }
    let read = apart(|| {
        let mut read = Parser::new().max_recursion_depth(DEEPEST).parse(expression)?;
        let mut loops = Loops::default();
        loops.find(&mut read);
        Ok((read, loops))
    });
    let (read, loops) = match read {
        Some(Ok(read)) => read,
        Some(Err(errors)) => return Err(first(expression, &errors)),
        None => return Err("The expression cannot be read.".to_owned()),
    };
    if loops.count > MOST_LOOPS {
        return Err(format!("The expression goes through lists more than {MOST_LOOPS} times."));
    }
    let unknown = {
        let references = read.references();
        let mut names = references.variables();
        names.sort_unstable();
        let is_known = |name: &str| name == "solution" || name.starts_with('@') || loops.variables.contains(name);
        names.into_iter().find(|name| !is_known(name)).map(str::to_owned)
    };
    if let Some(name) = unknown {
        let place = expression.find(&name).map(|at| format!(" {}", position(expression, at))).unwrap_or_default();
        return Err(format!("There is nothing named “{name}”{place}. An expression is about “solution”."));
    }
    Ok(Compiled { expression: read, loops: loops.count })
}

/// What goes through lists: `list.all(one, …)` and its like.
#[derive(Default)]
struct Loops {
    count: usize,
    /// Names for the members.
    variables: BTreeSet<String>,
}

impl Loops {
    /// Finds them all, and lets each ask before every member whether there is time left: an interpreter that was given
    /// up would otherwise go on.
    fn find(&mut self, expression: &mut Expression) {
        match &mut expression.expr {
            Expr::Call(call) => {
                let parts = call.target.as_deref_mut().into_iter().chain(&mut call.args);
                parts.for_each(|part| self.find(part));
            }
            Expr::Comprehension(list) => {
                self.count += 1;
                self.variables.insert(list.iter_var.clone());
                let list = list.as_mut();
                for part in [&mut list.iter_range, &mut list.accu_init, &mut list.loop_step, &mut list.result] {
                    self.find(part);
                }
                let condition = std::mem::take(&mut list.loop_cond);
                list.loop_cond.expr =
                    Expr::Call(CallExpr { func_name: IN_TIME.to_owned(), target: None, args: vec![condition] });
            }
            Expr::List(list) => list.elements.iter_mut().for_each(|part| self.find(part)),
            Expr::Map(map) => map.entries.iter_mut().for_each(|entry| self.entry(&mut entry.expr)),
            Expr::Struct(fields) => fields.entries.iter_mut().for_each(|entry| self.entry(&mut entry.expr)),
            Expr::Select(select) => self.find(&mut select.operand),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn entry(&mut self, entry: &mut EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.find(&mut field.value),
            EntryExpr::MapEntry(entry) => {
                self.find(&mut entry.key);
                self.find(&mut entry.value);
            }
        }
    }
}

/// How many parts stand within each other, signs before a part included.
fn depth(expression: &str) -> usize {
    let (mut open, mut signs, mut deepest) = (0_usize, 0_usize, 0);
    for character in expression.chars() {
        match character {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        signs = match character {
            '!' | '-' => signs + 1,
            character if character.is_whitespace() => signs,
            _ => 0,
        };
        deepest = deepest.max(open + signs);
    }
    deepest
}

/// Works in a thread of its own, with room for what parsers and interpreters do within each other; none where that
/// falls over all the same.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?.join().ok())
}

/// The first error with its place. The parser counts lines and columns from one.
fn first(expression: &str, errors: &cel::ParseErrors) -> String {
    let Some(error) = errors.errors.first() else { return "The expression cannot be read.".to_owned() };
    let (line, column) = (error.pos.0.max(1), error.pos.1.max(1));
    let index = usize::try_from(line - 1).unwrap_or_default();
    let rest = expression.lines().nth(index).and_then(|line| {
        let skipped = usize::try_from(column - 1).ok()?;
        let rest: String = line.chars().skip(skipped).take(20).collect();
        Some(rest).filter(|rest| !rest.is_empty())
    });
    let near = rest.map_or_else(|| "at its end".to_owned(), |rest| format!("at “{rest}”"));
    format!("The expression is wrong in line {line}, column {column}, {near}: {}.", error.msg.trim_end_matches('.'))
}

fn position(expression: &str, at: usize) -> String {
    let before = expression.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("(line {line}, column {column})")
}

/// Whether an expression holds for a package; a sentence where that cannot be said. Evaluated off the runtime.
///
/// # Errors
/// Where the expression is wrong, is neither true nor false, or takes too long.
pub async fn holds(expression: &str, package: &PackageFacts) -> Result<bool, String> {
    let lists = [
        package.components.len(),
        package.root_components.len(),
        package.missing_dependencies.len(),
        package.workflow_details.len(),
        package.inspection.connector_uses.len(),
    ];
    let is_large = lists.iter().any(|length| *length > MOST_FOR_PAIRS);
    let facts = cel::to_value(package).map_err(|error| format!("The facts cannot be told to the rule: {error}."))?;
    let source = expression.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let compiled = compile(&source)?;
        if compiled.loops > 1 && is_large {
            return Err("The package is too large for a rule that goes through lists twice.".to_owned());
        }
        let worked_out = apart(|| evaluate(&compiled.expression, facts));
        worked_out.unwrap_or_else(|| Err("The expression could not be worked out.".to_owned()))
    });
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(held)) => held,
        Ok(Err(_)) => Err("The expression could not be worked out.".to_owned()),
        Err(_) => Err(too_slow()),
    }
}

fn too_slow() -> String {
    format!("The expression takes longer than {} seconds.", PATIENCE.as_secs())
}

fn evaluate(expression: &Expression, facts: Value) -> Result<bool, String> {
    let end = Instant::now() + PATIENCE;
    let mut context = Context::default();
    context.add_variable_from_value("solution", facts);
    context.add_function(IN_TIME, move |goes_on: bool| -> Result<bool, ExecutionError> {
        if Instant::now() < end { Ok(goes_on) } else { Err(ExecutionError::function_error(IN_TIME, "it is late")) }
    });
    match Value::resolve(expression, &context) {
        Ok(Value::Bool(held)) => Ok(held),
        Ok(_) => Err("The expression is neither true nor false.".to_owned()),
        Err(_) if Instant::now() >= end => Err(too_slow()),
        Err(error) => {
            let said: String = error.to_string().chars().take(200).collect();
            Err(format!("The expression cannot be worked out: {}.", said.trim_end_matches('.')))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::fixture::{package, reference};
    use model::{Component, ComponentType};
    use proptest::prelude::*;

    #[tokio::test]
    async fn an_expression_is_true_or_false_for_a_package() {
        let mut orders = package("Orders", "1.2.0.0");
        orders.connection_references.push(reference("new_ref"));
        for (expression, expected) in [
            ("solution.managed", true),
            ("solution.uniqueName == 'Orders'", true),
            ("solution.uniqueName.startsWith('new_')", false),
            ("solution.connectionReferences.all(one, one.logicalName.startsWith('new_'))", true),
            ("size(solution.environmentVariables) > 0", false),
        ] {
            assert_eq!(problem(expression), None, "{expression}");
            assert_eq!(holds(expression, &orders).await, Ok(expected), "{expression}");
        }
        for expression in ["solution.files", "solution.nothing == 1", "1 / 0 == 1"] {
            assert!(holds(expression, &orders).await.is_err(), "{expression}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (expression, expected) in [
            ("solution.managed &&", "line 1, column"),
            ("solution.managed\n&& )", "line 2, column"),
            ("soluton.managed", "“soluton” (line 1, column 1)"),
            ("solution.a.all(x, solution.b.all(y, solution.c.all(z, true)))", "more than 2 times"),
            ("solution.a.all//\n(x, solution.b.all//\n(y, solution.c.all//\n(z, true)))", "more than 2 times"),
        ] {
            let told = problem(expression).unwrap();
            assert!(told.contains(expected), "{expression}: {told}");
        }
        assert!(problem(&"a".repeat(LONGEST + 1)).unwrap().contains("more than 1000 characters"));
        assert!(problem(&format!("{}true{}", "(".repeat(200), ")".repeat(200))).is_some());
        assert!(problem(&format!("{}true", "!".repeat(900))).is_none_or(|told| !told.is_empty()));
    }

    #[test]
    fn an_expression_that_takes_too_long_stops() {
        let mut orders = package("Orders", "1.0");
        orders.components = (0..MOST_FOR_PAIRS)
            .map(|number| Component::new(ComponentType::ENTITY, format!("new_table{number}")))
            .collect();
        let facts = cel::to_value(&orders).unwrap();
        let slow = "solution.components.map(x, solution.components.map(y, x)) == []";
        let compiled = compile(slow).unwrap();
        let began = Instant::now();
        assert_eq!(apart(|| evaluate(&compiled.expression, facts)).unwrap(), Err(too_slow()));
        assert!(began.elapsed() < PATIENCE * 5, "{:?}", began.elapsed());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall_over(expression in "[a-z.()\\[\\]{}'\"!&|<>=+*/?:, 0-9@\\\\-]{0,80}") {
            let _ = problem(&expression);
        }
    }
}
