//! `locals` blocks: names for values, declared in any order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hcl_edit::expr::Expression;

use crate::diag::{Code, Diagnostic, Diagnostics, Syntax, refuse_block};
use crate::org::SourceSpan;

use super::blocks::labels;
use super::eval::{Scope, references};

/// How messages name a local.
const WHAT: &str = "local value";

struct Local<'a> {
    syntax: &'a Syntax,
    key: SourceSpan,
    value: &'a Expression,
    /// The locals that it refers to.
    needs: BTreeSet<&'a str>,
}

/// Evaluates all locals and adds them to the scope. Locals without a value are reported and marked as failed.
pub fn evaluate(files: &[Syntax], scope: &mut Scope, diagnostics: &mut Diagnostics) {
    scope.set_members("local", WHAT, BTreeMap::new());
    let mut locals = declared(files, diagnostics);
    let names: BTreeSet<_> = locals.keys().copied().collect();
    for local in locals.values_mut() {
        let references = references(local.value).into_iter().filter(|reference| reference.root == "local");
        local.needs = references.filter_map(|reference| names.get(reference.name?.0.as_str()).copied()).collect();
    }
    let mut dependents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, local) in &locals {
        waiting.insert(name, local.needs.len());
        local.needs.iter().for_each(|needed| dependents.entry(needed).or_default().push(name));
    }
    // Evaluates each local after those that it needs. A loop, not a recursion, because a hostile chain can be long.
    let mut ready: VecDeque<_> = waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(name) = ready.pop_front() {
        waiting.remove(name);
        if let Some(local) = locals.get(name) {
            match diagnostics.accept(scope.value(local.syntax, local.value)) {
                Some(value) => scope.add_member("local", WHAT, name, value),
                None => scope.set_failed("local", name),
            }
        }
        for dependent in dependents.get(name).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.push_back(dependent);
                }
            }
        }
    }
    report_cycles(&locals, &waiting.keys().copied().collect(), diagnostics);
    waiting.keys().for_each(|name| scope.set_failed("local", name));
}

fn declared<'a>(files: &'a [Syntax], diagnostics: &mut Diagnostics) -> BTreeMap<&'a str, Local<'a>> {
    let mut locals: BTreeMap<&str, Local<'_>> = BTreeMap::new();
    for syntax in files {
        for block in syntax.body.get_blocks("locals") {
            if labels::<0>(syntax, block, diagnostics).is_none() {
                continue;
            }
            for nested in block.body.blocks() {
                diagnostics.push_error(|| refuse_block("A locals block", nested, syntax));
            }
            for attribute in block.body.attributes() {
                let key = syntax.span(&attribute.key);
                if let Some(first) = locals.get(attribute.key.as_str()) {
                    let detail = format!("There are two local values named `{}`. Give one of them another name.", attribute.key.as_str());
                    diagnostics.push(Diagnostic::error(Code::DuplicateName, detail).at(key).also(first.key.clone(), "first declared here"));
                } else {
                    let local = Local { syntax, key, value: &attribute.value, needs: BTreeSet::new() };
                    locals.insert(attribute.key.as_str(), local);
                }
            }
        }
    }
    locals
}

/// Reports each cycle once, at its first name. Locals that only refer to a cycle are not reported.
fn report_cycles(locals: &BTreeMap<&str, Local<'_>>, stuck: &BTreeSet<&str>, diagnostics: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for start in stuck {
        let mut path: Vec<&str> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut at = *start;
        // Each stuck local needs another stuck one, so the path ends only where it meets itself or an earlier path.
        while !seen.contains(at) {
            seen.insert(at);
            places.insert(at, path.len());
            path.push(at);
            let Some(next) = locals.get(at).and_then(|local| local.needs.iter().find(|needed| stuck.contains(*needed))) else { break };
            at = next;
        }
        let Some(circle) = places.get(at).map(|from| &path[*from..]).filter(|_| !path.is_empty()) else { continue };
        let text: Vec<_> = circle.iter().chain(circle.first()).map(|name| format!("local.{name}")).collect();
        let detail = format!(
            "These local values refer to each other, so none can be evaluated: {}. Remove one of the references.",
            text.join(" -> ")
        );
        if let Some(local) = locals.get(circle[0]) {
            diagnostics.push(Diagnostic::error(Code::ReferenceCycle, detail).at(local.key.clone()));
        }
    }
}
