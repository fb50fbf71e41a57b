//! Reading the journal: every whole line, in order, each chained to the one before.

use std::collections::BTreeMap;

use crate::org::AccountId;
use crate::plan::sha256_hex;

use super::ledger::{FORMAT, JOURNAL};
use super::{Entry, Event, JournalEnd, JournalError, LogLine, OpenIntent};

/// A journal whose lines follow each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    /// The whole lines.
    pub entries: Vec<Entry>,
    /// SHA-256 of each line.
    pub hashes: Vec<String>,
    /// Where lines stand that a crash left unfinished. Nothing was acknowledged of them.
    pub torn: Vec<String>,
}

impl Journal {
    /// Reads lines. A torn line, left by a crash while it was written, is passed over.
    ///
    /// # Errors
    ///
    /// The first line that is damaged in any other way: a line that is whole JSON and no entry, one of a later version, or one that does not
    /// follow the line before, which was then changed or removed.
    pub fn read(lines: &[LogLine]) -> Result<Self, JournalError> {
        let mut journal = Self::default();
        for line in lines {
            let damaged = |what: String| JournalError::Damaged { object: line.place.clone(), what };
            let entry = match serde_json::from_str::<Entry>(&line.text) {
                Ok(entry) => entry,
                Err(_) if is_torn(&line.text) => {
                    journal.torn.push(line.place.clone());
                    continue;
                }
                Err(error) => return Err(damaged(format!("it is no journal entry: {error}"))),
            };
            if entry.version > FORMAT {
                return Err(damaged(format!("it has version {}, and this orgroster reads up to {FORMAT}", entry.version)));
            }
            let JournalEnd { sequence, hash } = journal.end();
            if entry.sequence != sequence + 1 || entry.previous != hash {
                let before =
                    if sequence == 0 { "it is not the first one".to_owned() } else { format!("it does not follow entry {sequence}") };
                return Err(damaged(format!("{before}: a line before it was changed or is missing")));
            }
            journal.hashes.push(sha256_hex(line.text.as_bytes()));
            journal.entries.push(entry);
        }
        Ok(journal)
    }

    /// The last line.
    pub fn end(&self) -> JournalEnd {
        JournalEnd { sequence: self.entries.len() as u64, hash: self.hashes.last().cloned().unwrap_or_default() }
    }

    /// Intents without an outcome, by account.
    pub fn open_intents(&self) -> Vec<OpenIntent> {
        let mut open: BTreeMap<AccountId, OpenIntent> = BTreeMap::new();
        for Entry { at, run, event, .. } in &self.entries {
            match event {
                Event::Intent { detachment, digest } => {
                    let intent = OpenIntent { detachment: detachment.as_ref().clone(), digest: digest.clone(), run: run.clone(), at: *at };
                    open.insert(detachment.id, intent);
                }
                Event::Outcome { account, .. } => {
                    open.remove(account);
                }
                Event::Began { .. } | Event::Verified { .. } | Event::Ended { .. } => {}
            }
        }
        open.into_values().collect()
    }

    /// That nothing was cut off after a position that something else commits to.
    ///
    /// # Errors
    ///
    /// The journal is shorter, or has another line there.
    pub fn check_reaches(&self, end: &JournalEnd, witness: &str) -> Result<(), JournalError> {
        let damaged = |what| Err(JournalError::Damaged { object: JOURNAL.to_owned(), what });
        if end.sequence == 0 {
            return Ok(());
        }
        let hash = usize::try_from(end.sequence).ok().and_then(|sequence| self.hashes.get(sequence - 1));
        match hash {
            Some(hash) if *hash == end.hash => Ok(()),
            Some(_) => damaged(format!("entry {} is not the one that {witness} was written after: it was changed", end.sequence)),
            None => damaged(format!(
                "it is cut off: {witness} was written after entry {}, and the last one is {}",
                end.sequence,
                self.hashes.len()
            )),
        }
    }
}

/// Whether a crash can have left this line: the beginning of an entry, perhaps with zeros where its blocks were not written.
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
                r#"{{"version":1,"sequence":{sequence},"at":"2026-11-22T09:00:00Z","run":"r","previous":"{previous}","event":"ended","departed":{sequence}}}"#
            ));
        }
        texts
    }

    fn damage(texts: &[String]) -> String {
        Journal::read(&lines(texts)).unwrap_err().to_string()
    }

    #[test]
    fn whole_lines_are_read_and_counted() {
        let read = Journal::read(&lines(&journal())).unwrap();
        assert_eq!((read.end().sequence, read.torn.len()), (4, 0));
    }

    #[test]
    fn a_line_torn_at_any_byte_is_passed_over_and_named_wherever_it_stands() {
        let whole = journal();
        for cut in 0..whole[3].len() {
            let mut texts = whole[..3].to_vec();
            texts.push(whole[3][..cut].to_owned());
            texts.push(whole[3].clone());
            let read = Journal::read(&lines(&texts)).unwrap();
            assert_eq!((read.end().sequence, read.torn), (4, vec!["journal.jsonl line 4".to_owned()]), "cut at {cut}");
        }
        let zeros = vec![whole[0].clone(), format!("{}\0\0\0", &whole[1][..20])];
        assert_eq!(Journal::read(&lines(&zeros)).unwrap().torn.len(), 1);
    }

    #[test]
    fn a_changed_line_is_named() {
        for index in 0..3 {
            let mut texts = journal();
            texts[index] = texts[index].replace(r#""departed":"#, r#""departed":9"#);
            assert!(damage(&texts).starts_with(&format!("journal.jsonl line {}: it does not follow", index + 2)), "{}", damage(&texts));
        }
        let mut garbage = journal();
        garbage[3] = "nothing of the kind".to_owned();
        assert!(damage(&garbage).starts_with("journal.jsonl line 4: it is no journal entry"), "{}", damage(&garbage));
        garbage[3] = r#"{"version":1}"#.to_owned();
        assert!(damage(&garbage).starts_with("journal.jsonl line 4: it is no journal entry"), "{}", damage(&garbage));
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
        let whole = Journal::read(&lines(&journal())).unwrap();
        let cut = Journal::read(&lines(&journal()[..2])).unwrap();
        assert!(whole.check_reaches(&whole.end(), "records/a.json").is_ok());
        let found = cut.check_reaches(&whole.end(), "records/a.json").unwrap_err().to_string();
        assert_eq!(found, "journal.jsonl: it is cut off: records/a.json was written after entry 4, and the last one is 2");
    }

    #[test]
    fn an_entry_of_a_later_version_is_not_guessed_at() {
        let texts = [journal()[0].replace(r#""version":1"#, r#""version":2"#)];
        assert!(damage(&texts).contains("it has version 2, and this orgroster reads up to 1"), "{}", damage(&texts));
    }
}
