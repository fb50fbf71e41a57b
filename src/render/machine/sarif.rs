//! Findings as a log in SARIF 2.1.0, the OASIS format that GitHub's code scanning and other viewers read.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif;

use crate::diag::{Code, Severity};
use crate::org::{Unserializable, json_value};
use crate::render::Text;
use crate::render::machine::annotations::{Annotation, Characters, Fingerprints};
use crate::render::text::text;

/// The limits of a log. Findings beyond them are left out, the least important first, and the log says how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Findings.
    pub results: usize,
    /// Bytes of the whole file.
    pub bytes: usize,
}

/// GitHub's limits for one run ("SARIF support for code scanning" in its documentation). GitHub counts bytes after compression, so this
/// limit on uncompressed bytes is on the safe side.
pub const GITHUB: Limits = Limits { results: 25_000, bytes: 10_000_000 };

/// The run that a log describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The command, such as `plan`.
    pub command: &'a str,
    /// The configuration's directory, relative to the repository's root; empty for the root. A log replaces only the previous log of the
    /// same command and directory.
    pub directory: &'a str,
    /// Whether the command failed.
    pub failed: bool,
    /// The number of findings that were counted but not kept.
    pub not_kept: usize,
}

/// The log of a run. A finding without a place is put at `fallback`, because GitHub would drop it. `in_repository` makes a file's path
/// relative to the repository's root.
///
/// # Errors
///
/// Returns an error if the log can't be serialized.
pub fn sarif(
    annotations: &[Annotation],
    run: Run<'_>,
    limits: Limits,
    fallback: &str,
    in_repository: impl Fn(&str) -> String,
) -> Result<Text, Unserializable> {
    let mut sorted: Vec<_> = annotations.iter().collect();
    sorted.sort_by_key(|annotation| (annotation.severity, annotation.rank));
    let mut fingerprints = Fingerprints::default();
    let mut free = limits.bytes.saturating_sub(document(Vec::new(), run, usize::MAX)?.len());
    let mut results = Vec::new();
    for annotation in sorted.iter().take(limits.results) {
        let path = in_repository(annotation.place.as_ref().map_or(fallback, |place| &place.file));
        let result = result(annotation, &path, fingerprints.next(annotation, &path));
        // One more for the comma.
        let Some(rest) = free.checked_sub(Text::json(&json_value(&result)?).len() + 1) else { break };
        free = rest;
        results.push(result);
    }
    let left_out = run.not_kept + sorted.len() - results.len();
    document(results, run, left_out)
}

fn document(results: Vec<sarif::Result>, run: Run<'_>, left_out: usize) -> Result<Text, Unserializable> {
    let rules: Vec<_> = Code::ALL.iter().map(|code| rule(*code)).collect();
    let driver = sarif::ToolComponent::builder()
        .name("orgroster")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules)
        .notifications(vec![sarif::ReportingDescriptor::builder().id(LEFT_OUT).build()])
        .build();
    let invocation = sarif::Invocation::builder().execution_successful(!run.failed).tool_execution_notifications(notifications(left_out));
    let id = [run.command, run.directory].iter().filter(|part| !part.is_empty()).fold("orgroster/".to_owned(), |id, part| id + part + "/");
    let run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .automation_details(sarif::RunAutomationDetails::builder().id(id).build())
        .invocations(vec![invocation.build()])
        .column_kind(json_value(&sarif::ResultColumnKind::UnicodeCodePoints)?)
        .results(results)
        .build();
    let log = sarif::Sarif::builder().schema(SCHEMA).version(json_value(&sarif::Version::V2_1_0)?).runs(vec![run]).build();
    Ok(Text::json(&json_value(&log)?))
}

/// The address at which OASIS publishes the schema of the format.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The id of the notification that findings were left out of the log.
const LEFT_OUT: &str = "findings-left-out";

fn notifications(left_out: usize) -> Vec<sarif::Notification> {
    if left_out == 0 {
        return Vec::new();
    }
    let message = text!(
        "{} more findings are not in this log, which contains at most {} findings and {} MB. Fix the listed ones first; orgroster prints the rest.",
        left_out,
        GITHUB.results,
        GITHUB.bytes / 1_000_000
    );
    let descriptor = sarif::ReportingDescriptorReference::builder().id(LEFT_OUT).build();
    let notification = sarif::Notification::builder()
        .descriptor(descriptor)
        .level(serde_json::Value::from("warning"))
        .message(sarif::Message::builder().text(message.as_str()).build());
    vec![notification.build()]
}

/// The rule for a code, with the code's page as its help.
fn rule(code: Code) -> sarif::ReportingDescriptor {
    let page = code.page();
    let said = |text: &str| sarif::MultiformatMessageString::builder().text(text).build();
    sarif::ReportingDescriptor::builder()
        .id(code.as_str())
        .short_description(said(code.summary()))
        .full_description(said(code.summary()))
        .help(sarif::MultiformatMessageString::builder().text(page.text()).markdown(page.plain_markdown()).build())
        .build()
}

fn result(annotation: &Annotation, path: &str, fingerprint: String) -> sarif::Result {
    let level = match annotation.severity {
        Severity::Error => sarif::ResultLevel::Error,
        Severity::Warning => sarif::ResultLevel::Warning,
    };
    let artifact = sarif::ArtifactLocation::builder().uri(address(path)).uri_base_id("%SRCROOT%").build();
    let physical = sarif::PhysicalLocation::builder().artifact_location(artifact).region(region(annotation)).build();
    let message = text!("{}: ", annotation.title).as_str().to_owned() + &annotation.message;
    sarif::Result::builder()
        .rule_id(annotation.check.as_str())
        .level(level)
        .message(sarif::Message::builder().text(without_links(&message)).build())
        .locations(vec![sarif::Location::builder().physical_location(physical).build()])
        // GitHub computes its own fingerprint from the line's text, and warns about each one that another tool computed.
        .partial_fingerprints(BTreeMap::from([("orgroster/v1".to_owned(), fingerprint)]))
        .build()
}

fn region(annotation: &Annotation) -> sarif::Region {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let Some(place) = &annotation.place else { return sarif::Region::builder().start_line(1).build() };
    let region = sarif::Region::builder().start_line(count(place.line));
    match place.characters {
        Some(Characters { start, end_line, end }) => {
            region.start_column(count(start)).end_line(count(end_line)).end_column(count(end)).build()
        }
        None => region.build(),
    }
}

/// A path as a relative URI reference.
fn address(path: &str) -> String {
    const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    utf8_percent_encode(path, &KEPT).to_string()
}

/// The text, escaped so that viewers do not turn `[name](target)` into a link: it contains names that other people chose.
fn without_links(text: &str) -> String {
    text.replace("](", "\\](")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::diag::{Diagnostic, Diagnostics, SourceMap};
    use crate::org::{Address, FileId, SourceSpan};
    use crate::render::machine::annotations::of_diagnostics;

    const RUN: Run<'static> = Run { command: "plan", directory: "infra/roster", failed: false, not_kept: 0 };

    /// The flag before the number is one grapheme cluster and two code points.
    const TEXT: &str = "account \"crm\" {\n  id = [\"\u{1f1e9}\u{1f1ea}\", 12]\n}\n";

    fn annotations(found: impl IntoIterator<Item = Diagnostic>) -> Vec<Annotation> {
        let mut sources = SourceMap::default();
        sources.add("a b.roster.hcl", TEXT.to_owned());
        found.into_iter().flat_map(|found| of_diagnostics(&Diagnostics::from(found), &sources)).collect()
    }

    fn log(annotations: &[Annotation], run: Run<'_>, limits: Limits) -> Value {
        let text = sarif(annotations, run, limits, "main.roster.hcl", |file| format!("infra/roster/{file}")).unwrap();
        assert!(text.len() <= limits.bytes, "{} > {}", text.len(), limits.bytes);
        serde_json::from_str(&text).unwrap()
    }

    fn span() -> SourceSpan {
        let start = TEXT.find("12").unwrap();
        SourceSpan { file: FileId(0), start, end: start + 2 }
    }

    #[test]
    fn a_result_has_its_rule_its_level_and_its_place() {
        let found = annotations([
            Diagnostic::warning(Code::NoEffect, "See [here](https://example.com).").about(&Address::new("crm")),
            Diagnostic::error(Code::UnquotedAccountId, "Quote it.").at(span()),
        ]);
        let log = log(&found, RUN, GITHUB);
        let run = &log["runs"][0];
        let [error, warning] = run["results"].as_array().unwrap().as_slice() else { panic!("{run}") };
        assert_eq!((&error["ruleId"], &error["level"]), (&"unquoted-account-id".into(), &"error".into()));
        let place = &error["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "infra/roster/a%20b.roster.hcl");
        assert_eq!(place["region"], serde_json::json!({ "startLine": 2, "startColumn": 15, "endLine": 2, "endColumn": 17 }));
        assert_eq!(warning["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "infra/roster/main.roster.hcl");
        assert_eq!(warning["message"]["text"], "Setting has no effect: See [here\\](https://example.com).");
        assert_eq!(run["automationDetails"]["id"], "orgroster/plan/infra/roster/");
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
        assert_eq!(run["invocations"][0]["toolExecutionNotifications"], Value::from(Vec::<Value>::new()));
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), Code::ALL.len());
        assert!(rules.iter().all(|rule| rule["help"]["text"].as_str().unwrap().len() > 150));
        assert!(!run["tool"].to_string().contains("```hcl wrong"));
    }

    #[test]
    fn what_is_beyond_a_limit_is_left_out_and_counted_and_errors_are_kept() {
        let warnings = (0..300).map(|number| Diagnostic::warning(Code::NoEffect, format!("{number} ") + &"x".repeat(1_000)));
        let found = annotations(warnings.chain([Diagnostic::error(Code::UnquotedAccountId, "Quote it.").at(span())]));
        let kept = |log: &Value| {
            let results = log["runs"][0]["results"].as_array().unwrap().clone();
            assert_eq!(results[0]["level"], "error");
            let said = log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap_or_default();
            (results.len(), said.split(' ').next().unwrap_or_default().to_owned())
        };
        assert_eq!(kept(&log(&found, RUN, GITHUB)), (301, String::new()));
        assert_eq!(kept(&log(&found, RUN, Limits { results: 100, ..GITHUB })), (100, "201".to_owned()));
        assert_eq!(kept(&log(&found, Run { not_kept: 7, ..RUN }, Limits { results: 301, ..GITHUB })), (301, "7".to_owned()));
        let rules = document(Vec::new(), RUN, usize::MAX).unwrap().len();
        let (results, said) = kept(&log(&found, RUN, Limits { bytes: rules + 100_000, ..GITHUB }));
        assert!(results > 60 && results < 99, "{results}");
        assert_eq!(said, (301 - results).to_string());
    }
}
