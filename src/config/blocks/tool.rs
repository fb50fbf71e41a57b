//! The `orgroster` block: required version and backend.

use std::path::PathBuf;

use hcl_edit::structure::Block;

use crate::config::eval::Scope;
use crate::config::{habits, version};
use crate::diag::{BlockForm, Code, Diagnostic, Diagnostics, Syntax, closest};
use crate::org::Backend;

use super::{Fields, fields, labels, path};

const BACKEND: BlockForm = BlockForm::labeled("backend", "s3", "bucket = \"example-records\"");
const BACKENDS: &[&str] = &["local", "s3"];

/// Reads the block. Returns the backend, if one is declared.
pub fn read(syntax: &Syntax, block: &Block, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Backend> {
    let mut fields = fields("The orgroster block", syntax, block, scope, diagnostics);
    fields.answer(habits::IN_TOOL);
    check_version(&mut fields);
    let backend = fields.block(BACKEND).and_then(|block| read_backend(syntax, block, &mut fields));
    fields.finish();
    backend
}

fn check_version(fields: &mut Fields<'_>) {
    let Some(constraint) = fields.text("required_version") else { return };
    let current = env!("CARGO_PKG_VERSION");
    match version::satisfies(current, &constraint.value) {
        Ok(true) => {}
        Ok(false) => {
            let detail =
                format!("This is orgroster {current}, but the configuration requires {}. Use a version that it allows.", constraint.value);
            fields.diagnostics().push(Diagnostic::error(Code::UnsupportedVersion, detail).at(constraint.span));
        }
        Err(part) => {
            let detail = format!("`required_version` must be a list of constraints such as \">= 0.1, < 2.0\"; {part:?} is not one.");
            fields.invalid(&constraint.span, detail);
        }
    }
}

fn read_backend<'a>(syntax: &Syntax, block: &'a Block, parent: &mut Fields<'a>) -> Option<Backend> {
    let [kind] = labels(syntax, block, parent.diagnostics())?;
    let mut fields = parent.nested(format!("The backend {:?}", kind.value), block);
    let backend = match kind.value.as_str() {
        "local" => {
            let path = fields.text("path").map_or_else(|| PathBuf::from(".orgroster"), |text| path(text).value);
            Some(Backend::Local { path })
        }
        "s3" => {
            let bucket = fields.required_text("bucket");
            if let Some((bucket, problem)) = bucket.as_ref().and_then(|bucket| Some((bucket, bucket_problem(&bucket.value)?))) {
                fields.invalid(&bucket.span, problem);
            }
            let prefix = fields.string("prefix").map(|text| closed(text.value));
            let region = fields.text("region").map(|text| text.value);
            bucket.map(|bucket| Backend::S3 { bucket: bucket.value, prefix, region })
        }
        other => {
            let hint = closest(other, BACKENDS).map_or_else(String::new, |word| format!(" Did you mean \"{word}\"?"));
            let detail = format!("Backends are \"local\" and \"s3\"; {other:?} is neither.{hint}");
            fields.diagnostics().push(Diagnostic::error(Code::UnsupportedBackend, detail).at(kind.span));
            return None;
        }
    };
    fields.finish();
    backend
}

/// Why a text is not the name of a bucket. The ARN of an access point isn't one: the policies that `iam-policy` prints name the bucket, and a
/// Multi-Region Access Point passes a write on to its other buckets later, so that it can't hold a lock.
///
/// Names have the characters of [bucket naming rules](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html), and those
/// that us-east-1 allowed until 2018.
fn bucket_problem(bucket: &str) -> Option<String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    let is_name = (3..=255).contains(&bucket.len()) && bucket.chars().all(allowed);
    let detail =
        || format!("`bucket` must be the name of a bucket, such as \"example-records\", not an address or ARN; {bucket:?} is not one.");
    (!is_name).then(detail)
}

/// The prefix with a slash at its end.
fn closed(prefix: String) -> String {
    if prefix.is_empty() || prefix.ends_with('/') { prefix } else { format!("{prefix}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_the_name_of_a_bucket() {
        for bucket in ["example-records", "records.example.com", "Old_Records", "abc"] {
            assert_eq!(bucket_problem(bucket), None, "{bucket}");
        }
        let access_point = "arn:aws:s3::111111111111:accesspoint/abcdefgh.mrap";
        for bucket in
            ["s3://example-records", "example-records/roster", "My Bucket", "ab", "", "arn:aws:s3:::example-records", access_point]
        {
            assert!(bucket_problem(bucket).is_some_and(|problem| problem.contains(&format!("{bucket:?} is not one"))), "{bucket}");
        }
    }
}
