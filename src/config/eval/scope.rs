//! The names that expressions can refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::visit::{self, Visit};
use jiff::Timestamp;

use crate::config::habits;
use crate::diag::{Diagnostic, ReferredValue, SourceMap, Syntax, closest};

use super::budget::{Budget, Limits};
use super::data_files::DataFiles;
use super::files::{Files, NoFiles};
use super::problem::{Outcome, Problem, UNDEFINED_REFERENCE, limit};
use super::value::Value;

/// The most values that a diagnostic shows.
const MAX_VALUES: usize = 10;

/// Bytes of an expression that are checked in one step.
const BYTES_OF_A_STEP: usize = 32;

/// Copies of an instance's key in memory: in `each`, in its address, and while it is read.
const COPIES_OF_A_KEY: usize = 4;

/// The meaning of the first name of a reference.
#[derive(Debug, Clone)]
enum Root {
    /// A family of names, as in `var.name`. `what` is the kind of its members in messages, as in "input variable".
    Members { what: &'static str, members: Arc<BTreeMap<String, Value>> },
    /// A single value.
    Value(Value),
}

/// The values that expressions can refer to, and the files that their functions can read. Cloning is cheap: a scope for one account is a
/// clone with `each` set. The limits are shared by all clones.
#[derive(Clone)]
pub struct Scope {
    roots: BTreeMap<String, Root>,
    /// Members of families (root and name) that have no value because of a mistake in their declaration.
    failed: Arc<BTreeSet<(String, String)>>,
    /// Whether a declaration may have been lost in a file that could not be read or parsed.
    partial: bool,
    sources: Arc<SourceMap>,
    files: Arc<dyn Files>,
    data_files: Arc<DataFiles>,
    budget: Arc<Budget>,
    allows_sensitive: bool,
    time: Option<Timestamp>,
}

impl Scope {
    /// A scope without names or files. `sources` must contain the files of all expressions that are evaluated later: the indentation of
    /// heredocs is read from them.
    #[must_use]
    pub fn new(sources: Arc<SourceMap>) -> Self {
        let budget = Arc::new(Budget::new(Limits::default()));
        Self {
            roots: BTreeMap::new(),
            failed: Arc::default(),
            partial: false,
            sources,
            files: Arc::new(NoFiles),
            data_files: Arc::default(),
            budget,
            allows_sensitive: false,
            time: None,
        }
    }

    /// The same scope, in which `plantimestamp` returns this time. If `None`, the function has no result.
    #[must_use]
    pub fn with_time(self, time: Option<Timestamp>) -> Self {
        Self { time, ..self }
    }

    /// Whether the time was read, in this scope or a clone of it.
    #[must_use]
    pub fn used_time(&self) -> bool {
        self.budget.used_time()
    }

    /// The time. Records that it was read.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.budget.tell_time();
        self.time
    }

    /// The same scope with other limits and an unused budget.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        let budget = Budget::new(limits);
        if self.budget.has_secrets() {
            budget.saw_secret();
        }
        Self { budget: Arc::new(budget), ..self }
    }

    /// The same scope, in which functions can read these files.
    #[must_use]
    pub fn with_files(self, files: Arc<dyn Files>) -> Self {
        Self { files, ..self }
    }

    /// The same scope, whose [`Evaluate`](crate::diag::Evaluate) returns sensitive values as well. Use it only for attributes that are
    /// never printed or stored.
    #[must_use]
    pub fn allowing_sensitive(self) -> Self {
        Self { allows_sensitive: true, ..self }
    }

    /// Sets a family of names, such as `var`. `what` is the kind of its members in messages, such as "input variable".
    pub fn set_members(&mut self, root: &str, what: &'static str, members: BTreeMap<String, Value>) {
        members.values().for_each(|value| self.watch(value));
        self.roots.insert(root.to_owned(), Root::Members { what, members: Arc::new(members) });
    }

    /// Adds one name to a family, such as a local that was just evaluated. Takes linear time if the scope was cloned since the last
    /// addition.
    pub fn add_member(&mut self, root: &str, what: &'static str, name: &str, value: Value) {
        self.watch(&value);
        let entry = self.roots.entry(root.to_owned()).or_insert_with(|| Root::Members { what, members: Arc::default() });
        if let Root::Members { members, .. } = entry {
            Arc::make_mut(members).insert(name.to_owned(), value);
        }
    }

    /// Records that a name of a family has no value because of a mistake that is already reported. References to it fail, and are not
    /// reported again.
    pub fn set_failed(&mut self, root: &str, name: &str) {
        Arc::make_mut(&mut self.failed).insert((root.to_owned(), name.to_owned()));
    }

    /// The same scope, in which a reference to an unknown variable or local is not reported if `partial`: its declaration may be in a file
    /// that could not be read, which is reported.
    #[must_use]
    pub fn partial(self, partial: bool) -> Self {
        Self { partial, ..self }
    }

    /// Whether a declaration may be in a file that could not be read.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Counts the accounts of a block with these keys, and their values, against the budget.
    ///
    /// # Errors
    ///
    /// Returns `evaluation-limit` at `range` if the run declares too many accounts or takes too much memory.
    pub(in crate::config) fn pay_for_accounts<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k str>,
        syntax: &Syntax,
        range: Range<usize>,
    ) -> Result<(), Diagnostic> {
        let count = keys.len();
        let copied = keys.map(str::len).fold(0_usize, usize::saturating_add).saturating_mul(COPIES_OF_A_KEY);
        let paid = self.budget.accounts(count).and_then(|()| self.budget.bytes(copied)).and_then(|()| self.budget.steps(count));
        paid.map_err(|exceeded| limit(range, exceeded).diagnostic(syntax))
    }

    /// Counts the steps of reading the elements of a collection against the budget.
    ///
    /// # Errors
    ///
    /// Returns `evaluation-limit` if the run takes too many steps.
    pub(in crate::config) fn pay_for_elements(&self, count: usize, syntax: &Syntax, range: Range<usize>) -> Result<(), Diagnostic> {
        self.budget.steps(count).map_err(|exceeded| limit(range, exceeded).diagnostic(syntax))
    }

    /// Sets `each` for one element of `for_each`.
    pub fn set_each(&mut self, key: &str, value: Value) {
        let members = [("key".to_owned(), Value::from(key)), ("value".to_owned(), value)].into();
        self.set_members("each", "attribute of each", members);
    }

    /// Sets a single name, such as the iterator of a `dynamic` block.
    pub fn set_value(&mut self, root: &str, value: Value) {
        self.watch(&value);
        self.roots.insert(root.to_owned(), Root::Value(value));
    }

    /// The values of the references within a range, without duplicates; those of the whole expression if the range contains no reference.
    pub(super) fn values_in(&self, expression: &Expression, range: &Range<usize>) -> Vec<ReferredValue> {
        let references = references(expression);
        let is_within = |reference: &&Reference| range.contains(&reference.root_range.start);
        let within: Vec<_> = references.iter().filter(is_within).collect();
        let chosen = if within.is_empty() { references.iter().collect() } else { within };
        let mut values: Vec<ReferredValue> = Vec::new();
        for reference in chosen {
            let (value, traversal) = match &reference.name {
                Some((name, _)) => (self.member(&reference.root, name), format!("{}.{name}", reference.root)),
                None => (self.root_value(&reference.root), reference.root.clone()),
            };
            let is_new = values.iter().all(|known| known.traversal != traversal);
            if let Some(value) = value.filter(|_| is_new && values.len() < MAX_VALUES) {
                values.push(ReferredValue { traversal, statement: value.statement() });
            }
        }
        values
    }

    /// Checks that all references of an expression exist. This reads the whole text of the expression, again for each account.
    pub(super) fn checked(&self, expression: &Expression) -> Outcome<()> {
        let range = expression.span().unwrap_or_default();
        self.budget.steps(range.len() / BYTES_OF_A_STEP).map_err(|exceeded| limit(range, exceeded))?;
        references(expression).into_iter().try_for_each(|reference| self.check(&reference))
    }

    fn check(&self, reference: &Reference) -> Outcome<()> {
        let Some(root) = self.roots.get(&reference.root) else {
            let near = self.closest(&reference.root, self.roots.keys());
            let range = reference.root_range.clone();
            let mut detail = format!("There is nothing named `{}` to refer to here.{}", reference.root, suggestion(near));
            if let Some(answer) = habits::answer(habits::ROOTS, &reference.root) {
                let detail = format!("There is nothing named `{}` to refer to here. {answer}", reference.root);
                return Err(Problem::of(UNDEFINED_REFERENCE, range, detail));
            }
            if reference.name.is_none() {
                detail.push_str(&format!(" If a text is meant, write it in quotes: \"{}\".", reference.root));
            }
            return Err(with_patch(Problem::of(UNDEFINED_REFERENCE, range.clone(), detail), range, near));
        };
        let Root::Members { what, members } = root else { return Ok(()) };
        let Some((name, range)) = &reference.name else {
            let detail = format!("`{0}` is not a value by itself. Name an {what}, as in `{0}.name`.", reference.root);
            return Err(Problem::of(UNDEFINED_REFERENCE, reference.root_range.clone(), detail));
        };
        if members.contains_key(name) {
            return Ok(());
        }
        let may_be_lost = self.partial && matches!(reference.root.as_str(), "var" | "local");
        if may_be_lost || self.failed.contains(&(reference.root.clone(), name.clone())) {
            return Err(Problem::echo(range.clone()));
        }
        if let Some(answer) = Some(habits::IN_PATH).filter(|_| reference.root == "path").and_then(|habits| habits::answer(habits, name)) {
            return Err(Problem::of(UNDEFINED_REFERENCE, range.clone(), format!("There is no `path.{name}`. {answer}")));
        }
        let near = self.closest(name, members.keys());
        let detail = format!("There is no {what} named `{name}`.{}", suggestion(near));
        Err(with_patch(Problem::of(UNDEFINED_REFERENCE, range.clone(), detail), range.clone(), near))
    }

    /// The known name that is closest to a misspelled one, unless the run has already compared too many names.
    pub(super) fn closest<'w, S: AsRef<str> + ?Sized + 'w>(
        &self,
        name: &str,
        known: impl ExactSizeIterator<Item = &'w S>,
    ) -> Option<&'w str> {
        let known = Some(known).filter(|known| self.budget.may_compare(known.len()))?;
        closest(name, &known.map(AsRef::as_ref).collect::<Vec<_>>())
    }

    /// The source text of a range of an expression.
    #[must_use]
    pub fn text(&self, syntax: &Syntax, range: Range<usize>) -> &str {
        self.source(syntax).get(range).unwrap_or_default()
    }

    /// The text to which the ranges of a syntax refer.
    pub(super) fn source(&self, syntax: &Syntax) -> &str {
        syntax.text(&self.sources)
    }

    /// Whether sensitive values may be returned.
    pub(super) fn allows_sensitive(&self) -> bool {
        self.allows_sensitive
    }

    /// Lines of data files that contain a number, as in "accounts.yaml, line 7".
    pub(super) fn places_in_data(&self, number: &str) -> Vec<String> {
        self.data_files.places_of(number, &*self.files, self.budget.limits().file_bytes)
    }

    /// The value of a name that is a single value.
    pub(super) fn root_value(&self, root: &str) -> Option<&Value> {
        match self.roots.get(root)? {
            Root::Value(value) => Some(value),
            Root::Members { .. } => None,
        }
    }

    /// The value of `root.name`.
    pub(super) fn member(&self, root: &str, name: &str) -> Option<&Value> {
        match self.roots.get(root)? {
            Root::Members { members, .. } => members.get(name),
            Root::Value(_) => None,
        }
    }

    /// The scope of a template file, which contains only the template's variables.
    pub(super) fn for_template(&self, variables: &BTreeMap<String, Value>) -> Self {
        let roots = variables.iter().map(|(name, value)| (name.clone(), Root::Value(value.clone()))).collect();
        Self { roots, ..self.clone() }
    }

    pub(super) fn files(&self) -> &dyn Files {
        &*self.files
    }

    /// Records that a function reads a file as text.
    pub(super) fn remember_text(&self, path: &str) {
        self.data_files.remember(path);
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    fn watch(&self, value: &Value) {
        if !self.budget.has_secrets() && value.has_sensitive() {
            self.budget.saw_secret();
        }
    }
}

/// A reference to something outside an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The first name, as `var` in `var.ticket`.
    pub root: String,
    /// The range of `root` in the parsed text.
    pub root_range: Range<usize>,
    /// The name after `root`, if there is one, and its range.
    pub name: Option<(String, Range<usize>)>,
}

/// All references of an expression, in the order of the text, except for those to the variables of its `for` expressions.
#[must_use]
pub fn references(expression: &Expression) -> Vec<Reference> {
    let mut collector = Collector::default();
    collector.visit_expr(expression);
    collector.found
}

/// All references of a template.
pub(super) fn template_references(template: &hcl_edit::template::Template) -> Vec<Reference> {
    let mut collector = Collector::default();
    collector.visit_template(template);
    collector.found
}

#[derive(Default)]
struct Collector {
    found: Vec<Reference>,
    /// The variables of the enclosing `for` expressions.
    bound: Vec<String>,
}

impl Collector {
    fn add(&mut self, root: &hcl_edit::Decorated<hcl_edit::Ident>, name: Option<(String, Range<usize>)>) {
        if !self.bound.iter().any(|bound| bound == root.as_str()) {
            self.found.push(Reference { root: root.to_string(), root_range: root.span().unwrap_or_default(), name });
        }
    }

    /// Visits the part of a `for` expression in which its variables are bound.
    fn within(&mut self, key: Option<&str>, value: &str, visit: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        self.bound.extend(key.map(str::to_owned));
        self.bound.push(value.to_owned());
        visit(self);
        self.bound.truncate(outside);
    }
}

impl Visit for Collector {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Variable(name) = node {
            self.add(name, None);
        } else {
            visit::visit_expr(self, node);
        }
    }

    fn visit_object_key(&mut self, node: &ObjectKey) {
        // A bare word is a key, not a reference.
        match node {
            ObjectKey::Ident(_) | ObjectKey::Expression(Expression::Variable(_)) => {}
            ObjectKey::Expression(expression) => self.visit_expr(expression),
        }
    }

    fn visit_traversal(&mut self, node: &Traversal) {
        match (&node.expr, node.operators.first().map(|operator| operator.value())) {
            (Expression::Variable(root), Some(TraversalOperator::GetAttr(name))) => {
                self.add(root, Some((name.to_string(), name.span().unwrap_or_default())));
            }
            (Expression::Variable(root), Some(TraversalOperator::Index(Expression::String(name)))) => {
                self.add(root, Some((name.to_string(), name.span().unwrap_or_default())));
            }
            (inner, _) => self.visit_expr(inner),
        }
        for operator in &node.operators {
            self.visit_traversal_operator(operator);
        }
    }

    fn visit_for_expr(&mut self, node: &hcl_edit::expr::ForExpr) {
        self.visit_expr(&node.intro.collection_expr);
        let key = node.intro.key_var.as_ref().map(|key| key.as_str());
        self.within(key, node.intro.value_var.as_str(), |collector| {
            node.key_expr.iter().for_each(|key| collector.visit_expr(key));
            collector.visit_expr(&node.value_expr);
            node.cond.iter().for_each(|condition| collector.visit_expr(&condition.expr));
        });
    }

    fn visit_for_directive(&mut self, node: &hcl_edit::template::ForDirective) {
        let node = &node.for_expr;
        self.visit_expr(&node.collection_expr);
        let key = node.key_var.as_ref().map(|key| key.as_str());
        self.within(key, node.value_var.as_str(), |collector| collector.visit_template(&node.template));
    }
}

/// " Did you mean …?", if a known name is close.
pub(super) fn suggestion(near: Option<&str>) -> String {
    near.map_or_else(String::new, |word| format!(" Did you mean `{word}`?"))
}

/// Adds a patch that replaces `range` with the closest known name.
pub(super) fn with_patch(problem: Box<Problem>, range: Range<usize>, near: Option<&str>) -> Box<Problem> {
    match near {
        Some(word) => problem.patched(range, word),
        None => problem,
    }
}
