//! Findings at lines of the configuration, where reviewers see them: GitHub's workflow commands and GitLab's code quality report.

use std::collections::BTreeMap;

use serde_json::json;

use crate::diag::{Code, Diagnostic, Diagnostics, Severity, SourceFile, SourceMap};
use crate::org::{Invocation, Message, SourceSpan};
use crate::plan::{Plan, PlannedAccount, sha256_hex};
use crate::references::{Matched, Reference, References, SoughtAccount};

use crate::render::text::{putln, text};
use crate::render::{Text, words};

/// How many annotations of one severity GitHub keeps for a step.
const KEPT: usize = 10;

/// The codes of blocked acts.
const BLOCKED: &[Code] = &[Code::DepartureBlocked, Code::JoiningBlocked];

/// The code of a place that names a leaving account.
const REFERENCE: Code = Code::AccountReference;

/// A finding with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    pub(in crate::render) severity: Severity,
    /// The order of importance: if not all annotations are kept, the lowest ranks are.
    pub(in crate::render) rank: u8,
    /// The code of the finding, which reports call its check or rule.
    pub(in crate::render) check: Code,
    pub(in crate::render) title: String,
    pub(in crate::render) message: Message,
    /// The account block that it is about.
    address: Option<String>,
    pub(in crate::render) place: Option<Place>,
}

/// A place in a file. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Place {
    /// Relative to the working directory.
    pub(in crate::render) file: String,
    pub(in crate::render) line: usize,
    /// In grapheme clusters, which people see as one character.
    column: Option<usize>,
    /// The range of the place, in code points.
    pub(in crate::render) characters: Option<Characters>,
}

/// A range in Unicode code points, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) struct Characters {
    /// Column of the first code point.
    pub(in crate::render) start: usize,
    /// Line of the end.
    pub(in crate::render) end_line: usize,
    /// Column after the last code point.
    pub(in crate::render) end: usize,
}

impl Characters {
    fn of(file: &SourceFile, span: &SourceSpan) -> Self {
        let column = |offset: usize| {
            let (line, start) = file.line(offset);
            (line, file.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1)
        };
        let ((_, start), (end_line, end)) = (column(span.start), column(span.end));
        Self { start, end_line, end }
    }
}

/// Annotations for diagnostics, in the order in which the diagnostics are printed.
#[must_use]
pub fn of_diagnostics(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<Annotation> {
    diagnostics.sorted().into_iter().map(|diagnostic| of_diagnostic(diagnostic, sources)).collect()
}

fn of_diagnostic(diagnostic: &Diagnostic, sources: &SourceMap) -> Annotation {
    let place = diagnostic.primary.as_ref().and_then(|label| {
        let file = sources.file(label.span.file)?;
        let position = file.position(label.span.start);
        let characters = Some(Characters::of(file, &label.span));
        Some(Place { file: file.name.clone(), line: position.line, column: Some(position.column), characters })
    });
    let rank = match diagnostic.code {
        Code::GuardrailExceeded => 0,
        Code::MemberMissing | Code::MemberNotActive => 1,
        Code::UnmanagedAccounts => 5,
        _ => 3,
    };
    Annotation {
        severity: diagnostic.severity,
        rank,
        check: diagnostic.code,
        title: diagnostic.summary().to_owned(),
        message: diagnostic.detail.clone(),
        address: diagnostic.address.as_ref().map(ToString::to_string),
        place,
    }
}

/// Annotations for blocked acts.
#[must_use]
pub fn of_blocked(plan: &Plan) -> Vec<Annotation> {
    let blocked = |planned: &PlannedAccount| Annotation {
        severity: Severity::Warning,
        rank: if plan.was_pending(planned.id) { 4 } else { 2 },
        check: words::blocked_code(planned),
        title: format!("{} can't {} yet", planned.address, if words::joins(planned) { "join" } else { "leave" }),
        message: why(planned, &plan.invocation),
        address: Some(planned.address.to_string()),
        place: planned.source.as_ref().map(|source| Place { file: source.file.clone(), line: source.line, column: None, characters: None }),
    };
    plan.blocked().into_iter().map(blocked).collect()
}

/// Annotations for places that name leaving accounts. Ids rank first, then email addresses, then names, which may mean something else.
#[must_use]
pub fn of_references(found: &References) -> Vec<Annotation> {
    let pairs = found.accounts.iter().flat_map(|account| found.to(account.id).map(move |reference| (account, reference)));
    pairs.map(|(account, reference)| of_reference(account, reference)).collect()
}

fn of_reference(account: &SoughtAccount, reference: &Reference) -> Annotation {
    Annotation {
        severity: Severity::Warning,
        rank: match reference.matched {
            Matched::Id => 2,
            Matched::Email => 3,
            Matched::Name => 4,
        },
        check: REFERENCE,
        title: format!("Account {} {}", account.id, account.status.text()),
        message: Message::new(&format!("Its {} appears here{}.", reference.matched.as_str(), place_of(reference))),
        address: account.address.as_ref().map(ToString::to_string),
        place: Some(Place {
            file: reference.file.clone(),
            line: usize::try_from(reference.line).unwrap_or(usize::MAX),
            column: usize::try_from(reference.column).ok(),
            characters: None,
        }),
    }
}

fn place_of(reference: &Reference) -> String {
    let kind = reference.kind.as_ref().map_or_else(String::new, |kind| format!(" as {}", kind.title()));
    let path = reference.path.as_ref().map_or_else(String::new, |path| format!(" ({path})"));
    kind + &path
}

fn why(planned: &PlannedAccount, invocation: &Invocation) -> Message {
    let message = crate::render::terminal::plan::grouped(planned.blockers()).iter().fold(Message::default(), |message, group| {
        let message = message.line(&format!("{}: {}", group.names(), group.explanation));
        group.remedy.as_ref().map_or(message.clone(), |remedy| crate::render::terminal::remedy::message(message, remedy, invocation))
    });
    match planned.eligible_at() {
        Some(at) => message.line(&format!("Eligible from {at}.")),
        None => message,
    }
}

/// Workflow commands for GitHub's runner, the most important first, and no more than GitHub keeps. `in_repository` makes a file's path
/// relative to the repository's root.
#[must_use]
pub fn github(annotations: &[Annotation], in_repository: impl Fn(&str) -> String) -> Text {
    let mut text = Text::default();
    for (severity, command) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let mut all: Vec<_> = annotations.iter().filter(|annotation| annotation.severity == severity).collect();
        all.sort_by_key(|annotation| annotation.rank);
        let shown = if all.len() > KEPT { KEPT - 1 } else { all.len() };
        for annotation in &all[..shown] {
            let mut properties = Vec::new();
            if let Some(Place { file, line, column, .. }) = &annotation.place {
                properties.push(format!("file={}", property(&in_repository(file))));
                properties.push(format!("line={line}"));
                properties.extend(column.map(|column| format!("col={column}")));
            }
            properties.push(format!("title={}", property(&annotation.title)));
            putln!(text, "::{} {}::{}", command, properties.join(","), data(&annotation.message));
        }
        if shown < all.len() {
            putln!(text, "::{} title=orgroster::{} more of these are in the log of this step.", command, all.len() - shown);
        }
    }
    text
}

/// Escapes a message. The runner reads one command per line and decodes these escapes in it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, which a colon or a comma would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// GitLab's code quality report. A finding keeps its fingerprint when lines move, so that GitLab can show what a merge request introduces.
/// A finding without a place is put at `fallback`, because GitLab would drop it.
#[must_use]
pub fn code_quality(annotations: &[Annotation], fallback: &str, in_repository: impl Fn(&str) -> String) -> Text {
    let mut fingerprints = Fingerprints::default();
    let issue = |annotation: &Annotation| {
        let Annotation { severity, check, title, message, place, .. } = annotation;
        let path = in_repository(place.as_ref().map_or(fallback, |place| &place.file));
        let line = place.as_ref().map_or(1, |place| place.line);
        let fingerprint = fingerprints.next(annotation, &path);
        let severity = match severity {
            Severity::Error => "critical",
            Severity::Warning if BLOCKED.contains(check) => "major",
            Severity::Warning => "minor",
        };
        json!({
            "type": "issue", "check_name": check.as_str(), "description": text!("{}: ", title).as_str().to_owned() + message, "categories": ["Bug Risk"],
            "severity": severity, "fingerprint": fingerprint, "location": { "path": path, "lines": { "begin": line } },
        })
    };
    let issues: Vec<_> = annotations.iter().map(issue).collect();
    Text::json(&serde_json::Value::from(issues))
}

/// Makes fingerprints, by which a reader recognizes a finding after its line has moved.
#[derive(Debug, Default)]
pub(in crate::render) struct Fingerprints(BTreeMap<String, usize>);

impl Fingerprints {
    /// The fingerprint of a finding in the file at `path`. Findings that are alike get numbers in their order.
    pub(in crate::render) fn next(&mut self, annotation: &Annotation, path: &str) -> String {
        let about = format!("{}\n{path}\n{}", annotation.check, annotation.address.as_deref().unwrap_or(&annotation.message));
        let alike = self.0.entry(about.clone()).or_default();
        *alike += 1;
        sha256_hex(format!("{about}\n{alike}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::Address;

    fn sources() -> (SourceMap, SourceSpan) {
        let mut sources = SourceMap::default();
        let file = sources.add("a,b:c.roster.hcl", "\u{feff}account \"crm\" {\r\n  id = 12\r\n}\r\n".to_owned());
        let start = sources.file(file).unwrap().text.find("12").unwrap();
        (sources, SourceSpan { file, start, end: start + 2 })
    }

    fn annotations(diagnostics: Vec<Diagnostic>) -> Vec<Annotation> {
        let mut all = Diagnostics::default();
        all.extend(diagnostics);
        of_diagnostics(&all, &sources().0)
    }

    #[test]
    fn a_command_is_one_line_and_nothing_in_it_ends_a_property_or_begins_another() {
        let found = Diagnostic::error(
            Code::UnquotedAccountId,
            Message::new("100 %: quote it,").command("id = \"12\"").line("::error::x\n##[debug]y"),
        )
        .at(sources().1);
        assert_eq!(
            github(&annotations(vec![found]), |file| format!("infra/{file}")).as_str(),
            "::error file=infra/a%2Cb%3Ac.roster.hcl,line=2,col=8,title=Account id must be quoted::100 %25: quote it,%0A    id = \"12\"%0A\\u{3a}:error::x\\n#\\u{23}[debug]y\n"
        );
    }

    #[test]
    fn the_most_important_ones_come_first_and_the_rest_is_counted() {
        let mut found: Vec<_> = (0..14).map(|number| Diagnostic::warning(Code::NoEffect, format!("{number:02}"))).collect();
        found.insert(0, Diagnostic::warning(Code::UnmanagedAccounts, "3"));
        found.push(Diagnostic::warning(Code::GuardrailExceeded, "2 > 1"));
        let text = github(&annotations(found), str::to_owned);
        assert_eq!(text.lines().count(), KEPT);
        assert_eq!(text.lines().next(), Some("::warning title=Guardrail exceeded::2 > 1"));
        assert_eq!(text.lines().last(), Some("::warning title=orgroster::7 more of these are in the log of this step."));
        assert!(!text.contains(Code::UnmanagedAccounts.summary()));
    }

    #[test]
    fn a_reference_is_a_warning_at_its_place_and_ids_go_first() {
        use crate::references::{Kind, Status};

        let account = SoughtAccount {
            id: "333333333333".parse().unwrap(),
            address: Some(Address::new("crm")),
            status: Status::Departed,
            names: [].into(),
            emails: [].into(),
        };
        let reference = |matched, kind, path: Option<&str>| Reference {
            file: "../lza/accounts-config.yaml".into(),
            line: 4,
            column: 9,
            account: account.id,
            matched,
            kind,
            path: path.map(str::to_owned),
        };
        let kind = Kind::new("lza-account-id", "Landing Zone Accelerator", "account id");
        let mut found = References::about(vec![account.clone()]);
        found.references = vec![reference(Matched::Name, None, None), reference(Matched::Id, Some(kind), Some("accountIds[0].accountId"))];
        assert_eq!(
            github(&of_references(&found), |file| file.trim_start_matches("../").to_owned()).as_str(),
            "::warning file=lza/accounts-config.yaml,line=4,col=9,title=Account 333333333333 has left::Its id appears here as Landing Zone Accelerator: account id (accountIds[0].accountId).\n\
             ::warning file=lza/accounts-config.yaml,line=4,col=9,title=Account 333333333333 has left::Its name appears here.\n"
        );
    }

    #[test]
    fn a_fingerprint_stays_when_lines_move_and_differs_between_findings() {
        let found = |detail: &str, address: &str| {
            Diagnostic::warning(Code::AttestationProblem, detail).about(&Address::new(address)).at(sources().1)
        };
        let report = |diagnostics| -> serde_json::Value {
            serde_json::from_str(&code_quality(&annotations(diagnostics), "main.roster.hcl", str::to_owned)).unwrap()
        };
        let alone = report(vec![found("expired", "crm")]);
        let moved = report(vec![Diagnostic { primary: None, ..found("expired", "crm") }]);
        assert_eq!(moved[0]["location"]["path"], "main.roster.hcl");
        let both = report(vec![found("expired", "crm"), found("expires", "crm"), found("expired", "shop")]);
        let prints: Vec<_> = both.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert!(prints.contains(&alone[0]["fingerprint"].as_str().unwrap()));
        assert!(prints[0] != prints[1] && prints[1] != prints[2] && prints[0] != prints[2]);
        let (mut elsewhere, span) = (SourceMap::default(), SourceSpan { start: 40, end: 41, ..sources().1 });
        elsewhere.add("a,b:c.roster.hcl", format!("\n\n{}", sources().0.file(span.file).unwrap().text));
        let lower = of_diagnostics(&found("expired", "crm").at(span).into(), &elsewhere);
        let lower: serde_json::Value = serde_json::from_str(&code_quality(&lower, "", str::to_owned)).unwrap();
        assert_ne!(lower[0]["location"]["lines"]["begin"], alone[0]["location"]["lines"]["begin"]);
        assert_eq!(lower[0]["fingerprint"], alone[0]["fingerprint"]);
    }
}
