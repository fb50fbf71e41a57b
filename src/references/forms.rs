//! The forms in which a text names an account, and a search for them.

use std::collections::BTreeSet;
use std::str;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, BuildError, MatchKind};
use grep_matcher::{LineMatchKind, LineTerminator, Match, Matcher, NoCaptures, NoError};

use super::{Matched, SoughtAccount};

/// A run of at least this many hexadecimal digits is a digest.
const SHORTEST_DIGEST: usize = 32;

/// The most forms that are found in one line: lines of up to 16 MiB are searched.
const MAX_OF_LINE: usize = 100_000;

/// All forms of all accounts.
#[derive(Debug)]
pub(super) struct Forms {
    forms: Vec<Form>,
    /// Quickly skips text that contains no form.
    first: AhoCorasick,
    /// Finds every form in a line, even if forms overlap.
    every: AhoCorasick,
}

#[derive(Debug)]
struct Form {
    /// The account's index.
    account: usize,
    matched: Matched,
    text: String,
}

/// A form that was found in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// The account's index.
    pub account: usize,
    pub matched: Matched,
    /// Where the form starts, in bytes of the line.
    pub start: usize,
    pub end: usize,
}

impl Forms {
    /// # Errors
    ///
    /// Returns an error if there are more forms than fit into one automaton.
    pub(super) fn new(accounts: &[SoughtAccount]) -> Result<Self, BuildError> {
        let forms: Vec<_> = accounts.iter().enumerate().flat_map(|(index, account)| forms_of(index, account)).collect();
        let build = |kind| {
            let mut builder = AhoCorasickBuilder::new();
            builder.ascii_case_insensitive(true).match_kind(kind).build(forms.iter().map(|form| form.text.as_str()))
        };
        let (first, every) = (build(MatchKind::LeftmostFirst)?, build(MatchKind::Standard)?);
        Ok(Self { forms, first, every })
    }

    /// The accounts that a line names, from left to right. If one form is part of another, such as the name `crm` in the name `crm eu`,
    /// only the longer one counts. If several accounts have the same form, each of them counts.
    pub(super) fn hits(&self, line: &[u8]) -> Vec<Hit> {
        let found = self.every.find_overlapping_iter(line).filter_map(|found| {
            let form = self.forms.get(found.pattern().as_usize())?;
            let hit = Hit { account: form.account, matched: form.matched, start: found.start(), end: found.end() };
            form.stands_in(line, &hit).then_some(hit)
        });
        let mut hits: Vec<_> = found.take(MAX_OF_LINE).collect();
        hits.sort_by_key(|hit| (hit.start, usize::MAX - hit.end, hit.account, hit.matched));
        let mut widest = 0..0;
        hits.retain(|hit| {
            let is_within = hit.end <= widest.end && (hit.start, hit.end) != (widest.start, widest.end);
            if !is_within {
                widest = hit.start..hit.end;
            }
            !is_within
        });
        hits
    }
}

fn forms_of(index: usize, account: &SoughtAccount) -> Vec<Form> {
    let id = account.id.to_string();
    // The AWS console shows ids in this form.
    let grouped = id.as_bytes().chunks(4).filter_map(|group| str::from_utf8(group).ok()).collect::<Vec<_>>().join("-");
    let form = |matched, text: &str| Form { account: index, matched, text: text.to_owned() };
    let mut forms = vec![form(Matched::Id, &id), form(Matched::Id, &grouped)];
    // An account's name may be its email address.
    let emails: BTreeSet<_> = account.emails.iter().map(|email| email.to_ascii_lowercase()).filter(|email| !email.is_empty()).collect();
    let names = account.names_by_length(true);
    forms.extend(names.filter(|name| !emails.contains(&name.to_ascii_lowercase())).map(|name| form(Matched::Name, name)));
    forms.extend(emails.iter().map(|email| form(Matched::Email, email)));
    forms
}

impl Form {
    /// Whether the hit is the form itself, not a part of something longer.
    fn stands_in(&self, line: &[u8], hit: &Hit) -> bool {
        let (before, rest) = line.split_at(hit.start.min(line.len()));
        let (text, after) = rest.split_at((hit.end - hit.start).min(rest.len()));
        let (last, next) = (last_char(before), first_char(after));
        match self.matched {
            Matched::Id if text.contains(&b'-') => {
                let goes_on = |neighbour: Option<char>| neighbour.is_some_and(|one| one.is_alphanumeric() || one == '-');
                !goes_on(last) && !goes_on(next)
            }
            Matched::Id => {
                let is_digit = |neighbour: Option<char>| neighbour.is_some_and(|one| one.is_ascii_digit());
                let is_fraction = last == Some('.') && is_digit(last_char(&before[..before.len() - 1]));
                !is_digit(last) && !is_digit(next) && !is_fraction && !ends_uuid(before, after) && !is_in_digest(before, text, after)
            }
            // A name must match exactly. Before an `@`, or as a part of a longer name, it is another word.
            Matched::Name => {
                let goes_on = |neighbour: Option<char>| neighbour.is_some_and(|one| one.is_alphanumeric() || "_-+@".contains(one));
                text == self.text.as_bytes() && !goes_on(last) && !goes_on(next)
            }
            Matched::Email => {
                let before = last.is_some_and(|one| one.is_alphanumeric() || "._%+-".contains(one));
                let is_word = |one: char| one.is_alphanumeric() || one == '-';
                let domain_goes_on = next == Some('.') && first_char(&after[1..]).is_some_and(is_word);
                !before && !next.is_some_and(|one| is_word(one) || one == '_') && !domain_goes_on
            }
        }
    }
}

/// The last group of a UUID has twelve digits.
fn ends_uuid(before: &[u8], after: &[u8]) -> bool {
    const GROUPS: [usize; 4] = [8, 13, 18, 23];
    let Some(start) = before.len().checked_sub(24) else { return false };
    let groups = before[start..].iter().enumerate();
    let mut fits = groups.map(|(at, byte)| if GROUPS.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() });
    fits.all(|fits| fits) && !after.first().is_some_and(u8::is_ascii_hexdigit)
}

fn is_in_digest(before: &[u8], text: &[u8], after: &[u8]) -> bool {
    let run = |bytes: &mut dyn Iterator<Item = &u8>| bytes.take(SHORTEST_DIGEST).take_while(|byte| byte.is_ascii_hexdigit()).count();
    run(&mut before.iter().rev()) + text.len() + run(&mut after.iter()) >= SHORTEST_DIGEST
}

fn first_char(bytes: &[u8]) -> Option<char> {
    let start = &bytes[..bytes.len().min(4)];
    start.utf8_chunks().next()?.valid().chars().next()
}

fn last_char(bytes: &[u8]) -> Option<char> {
    let end = &bytes[bytes.len().saturating_sub(4)..];
    let last = end.utf8_chunks().last()?;
    if last.invalid().is_empty() { last.valid().chars().next_back() } else { None }
}

impl Matcher for Forms {
    type Captures = NoCaptures;
    type Error = NoError;

    fn find_at(&self, haystack: &[u8], at: usize) -> Result<Option<Match>, NoError> {
        let hit = self.hits(haystack).into_iter().find(|hit| hit.start >= at);
        Ok(hit.map(|hit| Match::new(hit.start, hit.end)))
    }

    fn new_captures(&self) -> Result<NoCaptures, NoError> {
        Ok(NoCaptures::new())
    }

    /// No form contains a line break, so a whole buffer is searched at once, and only lines that may contain a form are checked.
    fn line_terminator(&self) -> Option<LineTerminator> {
        Some(LineTerminator::byte(b'\n'))
    }

    fn find_candidate_line(&self, haystack: &[u8]) -> Result<Option<LineMatchKind>, NoError> {
        Ok(self.first.find(haystack).map(|found| LineMatchKind::Candidate(found.start())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::Status;

    fn account(id: &str, names: &[&str], emails: &[&str]) -> SoughtAccount {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        SoughtAccount { id: id.parse().unwrap(), address: None, status: Status::Named, names: set(names), emails: set(emails) }
    }

    fn found(line: &str) -> Vec<(usize, &str)> {
        let accounts = [
            account("333333333333", &["legacy-crm", "R"], &["aws+crm@example.com"]),
            account("012345678901", &["crm", "crm eu"], &["crm@example.com"]),
        ];
        let hits = Forms::new(&accounts).unwrap().hits(line.as_bytes());
        hits.into_iter().map(|hit| (hit.account, &line[hit.start..hit.end])).collect()
    }

    #[test]
    fn an_id_is_found_wherever_it_stands_alone() {
        for line in [
            "333333333333",
            "\"333333333333\",",
            "arn:aws:iam::333333333333:role/x",
            "333333333333.dkr.ecr.us-east-1.amazonaws.com/x",
            "logs-333333333333-us-east-1",
            "account_333333333333",
            "crm_x333333333333x",
            "“333333333333”",
        ] {
            assert_eq!(found(line), [(0, "333333333333")], "{line}");
        }
        assert_eq!(found("AWS account 3333-3333-3333 (CRM)"), [(0, "3333-3333-3333")]);
    }

    #[test]
    fn digits_of_something_else_are_no_id() {
        for line in [
            "333333333334",
            "33333333333",
            "3333333333333",
            "1333333333333",
            "0.333333333333",
            "00000000-0000-0000-0000-333333333333",
            "aaaaaaaaaaaaaaaaaaaa333333333333",
            "3333333333330000000000000000000000000000",
            "0-3333-3333-3333",
            "3333-3333-3333-3333",
            "12345678901",
            "012345678902",
        ] {
            assert_eq!(found(line), [], "{line}");
        }
    }

    #[test]
    fn a_name_is_exact_and_no_part_of_another_word() {
        for (line, name) in [
            ("name: legacy-crm", (0, "legacy-crm")),
            ("module.legacy-crm.id", (0, "legacy-crm")),
            ("accounts/legacy-crm/main.tf", (0, "legacy-crm")),
            ("the crm, of old", (1, "crm")),
            ("account \"crm eu\"", (1, "crm eu")),
            ("crm european", (1, "crm")),
        ] {
            assert_eq!(found(line), [name], "{line}");
        }
        for line in ["Legacy-CRM", "legacy-crm-prod", "my-legacy-crm2", "scrm", "crm_x", "äcrm", "aws+crm", "R", "crm@example.org"] {
            assert_eq!(found(line), [], "{line}");
        }
    }

    #[test]
    fn an_address_is_found_in_any_case_and_whole() {
        assert_eq!(found("email: AWS+CRM@Example.com."), [(0, "AWS+CRM@Example.com")]);
        assert_eq!(found("<crm@example.com>, x"), [(1, "crm@example.com")]);
        for line in ["aws+crm@example.com.au", "my.crm@example.com", "crm@example.community", "x-crm@example.com", "crm@example.com-x"] {
            assert_eq!(found(line), [], "{line}");
        }
    }

    #[test]
    fn every_account_of_a_line_counts_and_forms_that_are_alike_count_each() {
        let line = "333333333333: 012345678901 # crm, 333333333333";
        assert_eq!(found(line), [(0, "333333333333"), (1, "012345678901"), (1, "crm"), (0, "333333333333")]);
        let accounts = [account("333333333333", &["shop"], &[]), account("444444444444", &["shop", "shop one"], &[])];
        let forms = Forms::new(&accounts).unwrap();
        assert_eq!(forms.hits(b"shop").len(), 2);
        assert_eq!(forms.hits(b"shop one").len(), 1);
    }
}
