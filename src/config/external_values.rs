//! Values of variables from outside the configuration, and their sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use hcl_edit::expr::Expression;
use jiff::Timestamp;

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse, refuse_block};
use crate::org::SourceSpan;

use super::files;
use crate::hcl::density;

/// The ending of files with values of variables that are read automatically.
pub const AUTOMATIC: &str = ".auto.rostervars.hcl";

/// The ending of files with values of variables.
pub const VALUES: &str = ".rostervars.hcl";

/// The prefix of environment variables that set a variable.
pub const VARIABLE_PREFIX: &str = "ORGROSTER_VAR_";

/// Terraform's prefix. Its environment variables are not read: their values were meant for Terraform.
pub const TERRAFORM_PREFIX: &str = "TF_VAR_";

/// Values that the caller of the program gives to a configuration.
#[derive(Debug, Clone, Default)]
pub struct ExternalValues {
    /// Values from the environment, by the variable's name without the prefix.
    pub environment: BTreeMap<String, String>,
    /// The names of variables that the environment sets for Terraform, without the prefix.
    pub terraform: BTreeSet<String>,
    /// `-var` and `-var-file` in the order of the command line.
    pub arguments: Vec<Argument>,
    /// A file whose `orgroster`, `provider`, `organization`, `guardrails` and `gate` blocks replace the directory's. The directory may only
    /// tighten guardrails.
    pub trusted_config: Option<PathBuf>,
    /// The result of `plantimestamp`: the run's time, or that of the plan that is applied. Without one the function has no result.
    pub time: Option<Timestamp>,
    /// Whether a person or a saved plan chose that time. If not, a rehearsal uses the time of its clock.
    pub time_is_chosen: bool,
    /// Texts that an editor has open, by the names of their files in the directory. They replace the files' content.
    pub open: BTreeMap<String, String>,
}

impl ExternalValues {
    /// Makes `plantimestamp` return this time, regardless of any clock.
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

/// The source of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSource {
    Environment,
    /// A file in the directory whose name ends in [`AUTOMATIC`].
    Directory,
    /// A file from the command line.
    File,
    CommandLine,
}

impl ValueSource {
    /// The source as messages name it.
    pub fn describe(self, name: &str) -> String {
        match self {
            Self::Environment => format!("the environment variable {VARIABLE_PREFIX}{name}"),
            Self::Directory | Self::File => "the file".to_owned(),
            Self::CommandLine => format!("-var {name}=…"),
        }
    }

    /// Whether the value is not in the directory, so that a reviewer of the directory does not see it.
    pub const fn is_outside(self) -> bool {
        !matches!(self, Self::Directory)
    }
}

/// A value before it is converted.
pub enum Raw {
    /// A text, which is a string or an expression, depending on the variable's type.
    Text(String),
    /// An expression from a file.
    Expression { syntax: Rc<Syntax>, key: Option<SourceSpan>, value: Box<Expression> },
}

impl ExternalValues {
    /// All values that are given, in ascending precedence.
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
        // If the directory can't be listed, reading the configuration's own files reports it.
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

/// Reads a file from the command line, which may be anywhere.
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
                "A file of values contains names with their values, and no blocks. To declare a variable, move the block to a file that ends in {}.",
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
