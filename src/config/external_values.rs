//! Values of variables from outside of the configuration, and who gives them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use hcl_edit::expr::Expression;
use jiff::Timestamp;

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse, refuse_block};
use crate::org::SourceSpan;

use super::files;
use crate::hcl::density;

/// What the names of files end in that give values to variables without being named.
pub const AUTOMATIC: &str = ".auto.rostervars.hcl";

/// What the names of files end in that give values to variables.
pub const VALUES: &str = ".rostervars.hcl";

/// What starts the name of an environment variable that gives a value to a variable.
pub const VARIABLE_PREFIX: &str = "ORGROSTER_VAR_";

/// The same of Terraform, which is not read: a configuration of one tool would be given values that were meant for the other.
pub const TERRAFORM_PREFIX: &str = "TF_VAR_";

/// What a configuration is given from outside, by the caller of the program.
#[derive(Debug, Clone, Default)]
pub struct ExternalValues {
    /// Values from the environment by name of the variable, without the prefix.
    pub environment: BTreeMap<String, String>,
    /// Variables that the environment sets for Terraform, which are not read here.
    pub terraform: BTreeSet<String>,
    /// `-var` and `-var-file` in the order of the command line.
    pub arguments: Vec<Argument>,
    /// A file whose `orgroster`, `provider`, `organization`, `guardrails` and `gate` blocks count in place of the directory's, which may only
    /// tighten guardrails.
    pub trusted_config: Option<PathBuf>,
    /// What `plantimestamp` gives: the run's time, or that of the plan which is applied. Without one the function has no result.
    pub time: Option<Timestamp>,
    /// Whether that time was chosen, by a person or a saved plan. Else a rehearsal has its clock's.
    pub time_is_chosen: bool,
    /// Texts that an editor has open, by the names of their files in the directory. They count in place of what the files hold.
    pub open: BTreeMap<String, String>,
}

impl ExternalValues {
    /// Makes `plantimestamp` give this time, whatever a clock shows.
    pub fn choose_time(&mut self, time: Timestamp) {
        (self.time, self.time_is_chosen) = (Some(time), true);
    }
}

/// One `-var` or `-var-file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// `NAME=VALUE`.
    Value(String),
    /// A file of values.
    File(PathBuf),
}

/// A value for a variable.
pub struct Assignment {
    pub name: String,
    pub by: ValueSource,
    pub raw: Raw,
}

/// Who gives a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSource {
    Environment,
    /// A file of the directory, whose name says that it gives values.
    Directory,
    /// A file that the command line names.
    File,
    CommandLine,
}

impl ValueSource {
    /// As in "The value that … gives".
    pub fn describe(self, name: &str) -> String {
        match self {
            Self::Environment => format!("the environment variable {VARIABLE_PREFIX}{name}"),
            Self::Directory | Self::File => "the file".to_owned(),
            Self::CommandLine => format!("-var {name}=…"),
        }
    }

    /// Whether what it gives stands nowhere in the directory, so that nobody who reads the directory sees it.
    pub const fn is_outside(self) -> bool {
        !matches!(self, Self::Directory)
    }
}

/// A value as it was given.
pub enum Raw {
    /// A text, which is a string or an expression, as the variable's type wants.
    Text(String),
    /// An expression of a file.
    Expression { syntax: Rc<Syntax>, key: Option<SourceSpan>, value: Box<Expression> },
}

impl ExternalValues {
    /// Everything that is given, those that count for less first.
    pub(super) fn assignments(
        &self,
        reader: &mut files::Reader<'_>,
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Assignment> {
        let text = |(name, value): (&String, &String)| Assignment {
            name: name.clone(),
            by: ValueSource::Environment,
            raw: Raw::Text(value.clone()),
        };
        let mut assignments: Vec<_> = self.environment.iter().map(text).collect();
        // A directory that can't be listed is reported with the configuration's own files.
        for path in reader.list(AUTOMATIC).unwrap_or_default() {
            let syntax = diagnostics.accept(reader.parse(&path, sources));
            assignments.extend(syntax.into_iter().flat_map(|syntax| of_file(syntax, ValueSource::Directory, diagnostics)));
        }
        for argument in &self.arguments {
            match argument {
                Argument::Value(text) => assignments.extend(diagnostics.accept(of_argument(text))),
                Argument::File(path) => {
                    let syntax = diagnostics.accept(read_named(path, sources));
                    assignments.extend(syntax.into_iter().flat_map(|syntax| of_file(syntax, ValueSource::File, diagnostics)));
                }
            }
        }
        assignments
    }
}

fn of_argument(text: &str) -> Result<Assignment, Diagnostic> {
    let Some((name, value)) = text.split_once('=') else {
        let detail = format!(
            "The given -var option {text:?} is not correctly specified. Must be a variable name and value separated by an equals sign, like -var=\"key=value\"."
        );
        return Err(Diagnostic::error(Code::InvalidArgument, detail));
    };
    if name.ends_with(' ') {
        let detail = format!("-var: the name {name:?} ends in a space. Write NAME=VALUE without spaces around the equals sign.");
        return Err(Diagnostic::error(Code::InvalidArgument, detail));
    }
    Ok(Assignment { name: name.to_owned(), by: ValueSource::CommandLine, raw: Raw::Text(value.to_owned()) })
}

/// A file that the caller of the program names, wherever it is.
fn read_named(path: &Path, sources: &mut SourceMap) -> Result<Syntax, Diagnostic> {
    let bytes = crate::files::read_named(path, files::MAX_BYTES)
        .map_err(|error| Diagnostic::error(Code::UnreadableFile, format!("-var-file: {} can't be read: {error}.", path.display())))?;
    let file = sources.add_bytes(path.display().to_string(), bytes)?;
    density::checked(sources, file, density::MAX_MARKS)?;
    parse(sources, file)
}

fn of_file(syntax: Syntax, by: ValueSource, diagnostics: &mut Diagnostics) -> Vec<Assignment> {
    for block in syntax.body.blocks() {
        let found = if block.ident.as_str() == "variable" {
            let detail = format!(
                "A file of values holds names with their values, and no blocks. To declare a variable, move the block to a file that ends in {}.",
                files::EXTENSION
            );
            Diagnostic::error(Code::UnknownBlock, detail).at(syntax.span(&block.ident))
        } else {
            refuse_block("A file of values", block, &syntax)
        };
        diagnostics.push(found);
    }
    let syntax = Rc::new(syntax);
    let assignment = |attribute: &hcl_edit::structure::Attribute| Assignment {
        name: attribute.key.to_string(),
        by,
        raw: Raw::Expression {
            syntax: Rc::clone(&syntax),
            key: Some(syntax.span(&attribute.key)),
            value: Box::new(attribute.value.clone()),
        },
    };
    syntax.body.attributes().map(assignment).collect()
}
