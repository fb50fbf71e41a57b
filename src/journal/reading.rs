//! Reads the journal: every complete line, in order, each chained to the one before.

use std::collections::BTreeMap;

use crate::org::{AccountId, Action, Approver, JoiningStory, OpenJoining, OrganizationId};
use crate::plan::sha256_hex;

use super::format::{FORMAT, JOURNAL};
use super::{Entry, Event, JournalEnd, JournalError, LogLine, OpenIntent, RecordReference};

/// A journal that was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    /// The complete lines.
    pub entries: Vec<Entry>,
    /// SHA-256 of each line.
    pub hashes: Vec<String>,
    /// Places of lines that a crash left unfinished. Their write was never acknowledged.
    pub torn: Vec<String>,
    /// Index of the last repair in `entries`. The entries before it were reviewed and need not be in sequence.
    pub repair: Option<usize>,
}

impl Journal {
    /// Reads lines. Skips torn lines, which a crash left unfinished.
    ///
    /// # Errors
    ///
    /// Returns an error for the first line that is damaged in any other way: complete JSON that is not a valid entry, an entry of a later
    /// version or of another organization, or one that does not follow the line before, because a line was changed or removed.
    pub fn read(lines: &[LogLine], organization: &OrganizationId) -> Result<Self, JournalError> {
        let (whole, torn) = untorn(lines);
        let repair = last_repair(&whole);
        let mut journal = Self { torn, ..Self::default() };
        for (index, line) in whole.into_iter().enumerate() {
            let is_reviewed = repair.is_some_and(|repair| index < repair);
            match parse(line, organization) {
                Ok(entry) if repair == Some(index) => {
                    journal.repair = Some(journal.entries.len());
                    journal.push(line, entry);
                }
                Ok(entry) if is_reviewed => journal.push(line, entry),
                Ok(entry) => {
                    journal.check_follows(line, &entry)?;
                    journal.push(line, entry);
                }
                Err(_) if is_reviewed => {}
                Err(error) => return Err(error),
            }
        }
        Ok(journal)
    }

    /// Reads all valid entries, even if they are not in sequence, for a repair.
    pub fn read_what_is_there(lines: &[LogLine], organization: &OrganizationId) -> Self {
        let (whole, torn) = untorn(lines);
        let mut journal = Self { torn, ..Self::default() };
        for line in whole {
            if let Ok(entry) = parse(line, organization) {
                journal.push(line, entry);
            }
        }
        journal
    }

    fn push(&mut self, line: &LogLine, entry: Entry) {
        self.hashes.push(sha256_hex(line.text.as_bytes()));
        self.entries.push(entry);
    }

    fn check_follows(&self, line: &LogLine, entry: &Entry) -> Result<(), JournalError> {
        let JournalEnd { sequence, hash } = self.end();
        if entry.sequence == sequence + 1 && entry.previous == hash {
            return Ok(());
        }
        let before = if sequence == 0 { "it is not the first entry".to_owned() } else { format!("it does not follow entry {sequence}") };
        Err(JournalError::Damaged {
            object: line.place.clone(),
            what: format!("{before}: a line before it was changed or is missing, or two runs wrote at the same time"),
        })
    }

    /// Number and hash of the last line.
    pub fn end(&self) -> JournalEnd {
        JournalEnd {
            sequence: self.entries.last().map_or(0, |entry| entry.sequence),
            hash: self.hashes.last().cloned().unwrap_or_default(),
        }
    }

    /// The entries after the last repair.
    pub fn since_repair(&self) -> &[Entry] {
        self.entries.get(self.repair.map_or(0, |repair| repair + 1)..).unwrap_or_default()
    }

    /// The records that the last repair accepted, in their order.
    pub fn accepted_records(&self) -> &[RecordReference] {
        match self.repair.and_then(|repair| self.entries.get(repair)).map(|entry| &entry.event) {
            Some(Event::Repaired { records, .. }) => records,
            _ => &[],
        }
    }

    /// Intents without an outcome, by account.
    pub fn open_intents(&self) -> Vec<OpenIntent> {
        let mut open: BTreeMap<AccountId, OpenIntent> = BTreeMap::new();
        let mut approvers: BTreeMap<&str, &[Approver]> = BTreeMap::new();
        for Entry { at, run, event, .. } in &self.entries {
            match event {
                Event::Intent { planned, digest } => {
                    // A repeated intent to join keeps the invitation that was already sent.
                    let is_joining = |action: Action| action.is_joining();
                    let before =
                        open.get(&planned.id).filter(|before| is_joining(before.action) && before.planned.desired == planned.desired);
                    let invited = before.and_then(|before| before.invited.clone());
                    let intent = planned.act().map(|act| OpenIntent {
                        invited: invited.filter(|_| is_joining(act.action)),
                        planned: planned.as_ref().clone(),
                        action: act.action,
                        digest: digest.clone(),
                        run: run.clone(),
                        approved_by: approvers.get(run.as_str()).map_or_else(Vec::new, |approvers| approvers.to_vec()),
                        at: *at,
                    });
                    open.extend(intent.map(|intent| (planned.id, intent)));
                }
                Event::Invited { account, invitation } => {
                    if let Some(intent) = open.get_mut(account) {
                        intent.invited = Some(invitation.clone());
                    }
                }
                Event::Outcome { account, .. } => {
                    open.remove(account);
                }
                Event::Began { approved_by, .. } => {
                    approvers.insert(run, approved_by);
                }
                Event::Verified { .. } | Event::Repaired { .. } | Event::Ended { .. } => {}
            }
        }
        open.into_values().collect()
    }

    /// The joinings in the journal, by account.
    pub fn joinings(&self) -> BTreeMap<AccountId, JoiningStory> {
        let mut stories: BTreeMap<AccountId, JoiningStory> = BTreeMap::new();
        for entry in &self.entries {
            if let Event::Invited { account, .. } = &entry.event {
                stories.entry(*account).or_default().last_invited = Some(entry.at);
            }
        }
        for intent in self.open_intents() {
            let (Some(declared), Some(part)) = (intent.planned.joining(), intent.planned.approved_part()) else { continue };
            let open =
                OpenJoining { at: intent.at, declared: declared.clone(), digest: intent.digest.0, part: part.0, invited: intent.invited };
            stories.entry(intent.planned.id).or_default().open = Some(open);
        }
        stories
    }

    /// Checks that the journal contains the line that `witness`, a record or the head, commits to.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal is shorter or has a different line there.
    pub fn check_reaches(&self, end: &JournalEnd, witness: &str) -> Result<(), JournalError> {
        let damaged = |what| Err(JournalError::Damaged { object: JOURNAL.to_owned(), what });
        if end.sequence == 0 {
            return Ok(());
        }
        let expected_at = usize::try_from(end.sequence).ok().and_then(|sequence| self.hashes.get(sequence - 1));
        let last = self.end().sequence;
        if expected_at == Some(&end.hash) || self.hashes.contains(&end.hash) {
            Ok(())
        } else if end.sequence > last {
            damaged(format!("it is cut off: {witness} was written after entry {}, but the last entry is {last}", end.sequence))
        } else {
            damaged(format!("entry {} was changed: it is not the entry that {witness} commits to", end.sequence))
        }
    }
}

/// The complete lines, and the places of those that a crash left unfinished.
pub(super) fn untorn(lines: &[LogLine]) -> (Vec<&LogLine>, Vec<String>) {
    let (torn, whole): (Vec<_>, Vec<_>) = lines.iter().partition(|line| is_torn(&line.text));
    (whole, torn.into_iter().map(|line| line.place.clone()).collect())
}

/// The hash with which a repair commits to the lines before it.
pub(super) fn lines_hash(lines: &[&LogLine]) -> String {
    sha256_hex(lines.iter().map(|line| sha256_hex(line.text.as_bytes())).collect::<String>().as_bytes())
}

/// Index of the last line that is a repair of exactly the lines before it.
pub(super) fn last_repair(lines: &[&LogLine]) -> Option<usize> {
    let is_repair = |(index, line): &(usize, &&LogLine)| {
        let text = &line.text;
        let repair = text.contains(r#""event":"repaired""#).then(|| serde_json::from_str::<Entry>(text).ok()).flatten();
        matches!(repair, Some(Entry { event: Event::Repaired { lines: count, lines_hash: hash, .. }, .. })
            if count == *index as u64 && lines.get(..*index).is_some_and(|before| hash == lines_hash(before)))
    };
    lines.iter().enumerate().rev().find(is_repair).map(|(index, _)| index)
}

fn parse(line: &LogLine, organization: &OrganizationId) -> Result<Entry, JournalError> {
    let damaged = |what: String| JournalError::Damaged { object: line.place.clone(), what };
    let entry: Entry = serde_json::from_str(&line.text).map_err(|error| damaged(format!("it is not a valid journal entry: {error}")))?;
    if entry.version > FORMAT {
        return Err(damaged(format!("it has version {}, but this orgroster reads versions up to {FORMAT}", entry.version)));
    }
    if matches!(&entry.event, Event::Intent { planned, .. } if planned.act().is_none()) {
        return Err(damaged("it is an intent without an action".to_owned()));
    }
    if entry.organization != *organization {
        return Err(JournalError::another_organization(&line.place, &entry.organization, organization));
    }
    Ok(entry)
}

/// Whether a crash can have left this line: it is the beginning of an entry, perhaps followed by zeros for blocks that were not written.
fn is_torn(text: &str) -> bool {
    let written = text.trim_end_matches('\0');
    let begins = r#"{"version":"#;
    let is_beginning = written.starts_with(begins) || begins.starts_with(written);
    is_beginning && serde_json::from_str::<serde::de::IgnoredAny>(written).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[String]) -> Vec<LogLine> {
        let place = |index: usize| format!("journal.jsonl line {}", index + 1);
        texts.iter().enumerate().map(|(index, text)| LogLine { place: place(index), text: text.clone() }).collect()
    }

    /// Four entries of one run.
    fn journal() -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for sequence in 1..=4 {
            let previous = texts.last().map_or_else(String::new, |text| sha256_hex(text.as_bytes()));
            texts.push(format!(
                r#"{{"version":1,"sequence":{sequence},"at":"2026-11-22T09:00:00Z","organization":"o-exampleorgid","run":"r","previous":"{previous}","event":"ended","done":{sequence}}}"#
            ));
        }
        texts
    }

    fn read(texts: &[String]) -> Result<Journal, JournalError> {
        Journal::read(&lines(texts), &"o-exampleorgid".parse().unwrap())
    }

    fn damage(texts: &[String]) -> String {
        read(texts).unwrap_err().to_string()
    }

    #[test]
    fn whole_lines_are_read_and_counted() {
        let read = read(&journal()).unwrap();
        assert_eq!((read.end().sequence, read.torn.len()), (4, 0));
    }

    #[test]
    fn a_line_torn_at_any_byte_is_passed_over_and_named_wherever_it_stands() {
        let whole = journal();
        for cut in 0..whole[3].len() {
            let mut texts = whole[..3].to_vec();
            texts.push(whole[3][..cut].to_owned());
            texts.push(whole[3].clone());
            let read = read(&texts).unwrap();
            assert_eq!((read.end().sequence, read.torn), (4, vec!["journal.jsonl line 4".to_owned()]), "cut at {cut}");
        }
        let zeros = vec![whole[0].clone(), format!("{}\0\0\0", &whole[1][..20])];
        assert_eq!(read(&zeros).unwrap().torn.len(), 1);
    }

    #[test]
    fn a_changed_line_is_named() {
        for index in 0..3 {
            let mut texts = journal();
            texts[index] = texts[index].replace(r#""done":"#, r#""done":9"#);
            assert!(damage(&texts).starts_with(&format!("journal.jsonl line {}: it does not follow", index + 2)), "{}", damage(&texts));
        }
        let mut garbage = journal();
        garbage[3] = "nothing of the kind".to_owned();
        assert!(damage(&garbage).starts_with("journal.jsonl line 4: it is not a valid journal entry"), "{}", damage(&garbage));
        garbage[3] = r#"{"version":1}"#.to_owned();
        assert!(damage(&garbage).starts_with("journal.jsonl line 4: it is not a valid journal entry"), "{}", damage(&garbage));
    }

    #[test]
    fn a_missing_line_and_an_exchanged_one_are_named() {
        for index in 0..3 {
            let mut texts = journal();
            texts.remove(index);
            assert!(damage(&texts).starts_with(&format!("journal.jsonl line {}: ", index + 1)), "{}", damage(&texts));
        }
        let mut texts = journal();
        texts.swap(1, 2);
        assert!(damage(&texts).starts_with("journal.jsonl line 2: "), "{}", damage(&texts));
    }

    #[test]
    fn a_cut_off_journal_is_noticed_by_what_was_written_after_it() {
        let whole = read(&journal()).unwrap();
        let cut = read(&journal()[..2]).unwrap();
        assert!(whole.check_reaches(&whole.end(), "records/a.json").is_ok());
        let found = cut.check_reaches(&whole.end(), "records/a.json").unwrap_err().to_string();
        assert_eq!(found, "journal.jsonl: it is cut off: records/a.json was written after entry 4, but the last entry is 2");
    }

    #[test]
    fn an_entry_of_a_later_version_is_not_guessed_at() {
        let texts = [journal()[0].replace(r#""version":1"#, r#""version":2"#)];
        assert!(damage(&texts).contains("it has version 2, but this orgroster reads versions up to 1"), "{}", damage(&texts));
    }

    #[test]
    fn an_entry_of_another_organization_is_not_read_as_ours() {
        let texts = [journal()[0].replace("o-exampleorgid", "o-anotherorgid")];
        assert_eq!(
            damage(&texts),
            "journal.jsonl line 1 belongs to organization o-anotherorgid, but the configuration declares o-exampleorgid"
        );
    }

    /// A repair of everything before it.
    fn repair(before: &[String], sequence: u64) -> String {
        let lines = lines(before);
        let (whole, _) = untorn(&lines);
        let hash = lines_hash(&whole);
        format!(
            r#"{{"version":1,"sequence":{sequence},"at":"2026-11-22T09:00:00Z","organization":"o-exampleorgid","run":"r","previous":"","event":"repaired","lines":{},"lines_hash":"{hash}","records":[],"accepted":[],"operator":"ci"}}"#,
            whole.len()
        )
    }

    #[test]
    fn a_repair_accepts_exactly_the_lines_before_it_and_the_chain_goes_on_from_there() {
        let whole = journal();
        let mut texts = vec![whole[0].clone(), whole[2].clone(), whole[1].clone(), whole[2].clone(), whole[3][..40].to_owned()];
        assert!(damage(&texts).starts_with("journal.jsonl line 2: it does not follow entry 1"));
        texts.push(repair(&texts, 9));
        let repaired = read(&texts).unwrap();
        assert_eq!((repaired.entries.len(), repaired.end().sequence, repaired.since_repair().len()), (5, 9, 0));
        // A later change to a line before the repair is an error, as is a line after it that does not follow it.
        let mut changed = texts.clone();
        changed[1] = whole[1].clone();
        assert!(read(&changed).is_err());
        let follows = whole[3].replace(r#""sequence":4"#, r#""sequence":10"#);
        texts.push(follows.clone());
        assert!(damage(&texts).starts_with("journal.jsonl line 7: it does not follow entry 9"), "{}", damage(&texts));
        texts.pop();
        let previous = sha256_hex(texts[5].as_bytes());
        let old = sha256_hex(whole[2].as_bytes());
        texts.push(follows.replace(&old, &previous));
        assert_eq!(read(&texts).unwrap().end().sequence, 10);
    }
}
