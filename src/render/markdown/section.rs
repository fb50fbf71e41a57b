//! A document of limited length. To shorten it, sections lose their last items, the least important section first.

/// The importance of a section if there is not enough room, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Safety settings that are not the defaults.
    Settings,
    /// Acts that the change introduces, or all acts if there is no baseline.
    Acts,
    /// Acts and settings that the change withdraws or alters.
    Changes,
    /// Acts that were pending before.
    PendingActs,
    /// Consequences.
    Losses,
    /// Blocked acts.
    Blocked,
    /// Acts that were already blocked before the change.
    PendingBlocked,
    /// Drifted members.
    Drift,
    /// Facts about departing accounts that no gate reads.
    NotRead,
    /// The difference between the rosters before and after.
    Roster,
    /// Members without a block.
    Unmanaged,
    /// The diagram of units.
    Tree,
}

/// A part of the document: a list of items with text around it.
#[derive(Debug)]
pub struct Section {
    /// The section's importance.
    pub rank: Rank,
    /// What one item and several are called in the note about those that are left out.
    pub noun: [&'static str; 2],
    /// The text before the items.
    pub open: String,
    /// The items, each ending with a line break.
    pub items: Vec<String>,
    /// The text after the items.
    pub close: String,
    /// Whether the section is left out unless all items fit.
    pub whole: bool,
}

impl Section {
    fn text(&self, shown: usize) -> String {
        if shown == 0 && !self.items.is_empty() {
            return String::new();
        }
        format!("{}{}{}\n", self.open, self.items[..shown].concat(), self.close)
    }

    /// The number of items that fit into `room` bytes.
    fn fitting(&self, room: usize) -> usize {
        let frame = self.open.len() + self.close.len() + 1;
        let mut left = room.saturating_sub(frame);
        let fitting = self.items.iter().take_while(|item| take(&mut left, item.len())).count();
        if room < frame || (self.whole && fitting < self.items.len()) { 0 } else { fitting }
    }
}

fn take(left: &mut usize, length: usize) -> bool {
    left.checked_sub(length).is_some_and(|rest| {
        *left = rest;
        true
    })
}

/// Bytes reserved for the note about what was left out, with one clause for each section.
const NOTE: usize = 900;

/// Assembles head, sections and foot in at most `limit` bytes. Head and foot are small and are always included. `command` is the command
/// that prints everything.
pub fn assemble(head: &str, sections: &[Section], foot: &str, limit: usize, command: &str) -> String {
    let mut room = limit.saturating_sub(head.len() + foot.len() + NOTE);
    let mut by_rank: Vec<_> = sections.iter().enumerate().collect();
    by_rank.sort_by_key(|(index, section)| (section.rank, *index));
    let mut shown = vec![0; sections.len()];
    let mut left_out = Vec::new();
    for (index, section) in by_rank {
        shown[index] = section.fitting(room);
        room -= section.text(shown[index]).len().min(room);
        let missing = section.items.len() - shown[index];
        if missing > 0 {
            let [one, many] = section.noun;
            left_out.push(match (shown[index], missing) {
                (0, 1) => format!("the {one}"),
                (0, _) => format!("all {missing} {many}"),
                (_, 1) => format!("the last {one}"),
                _ => format!("the last {missing} {many}"),
            });
        }
    }
    let note = if left_out.is_empty() {
        String::new()
    } else {
        format!("> [!WARNING]\n> **Shortened** to fit a comment. Left out: {}. `{command}` prints them.\n\n", left_out.join("; "))
    };
    let body: String = sections.iter().zip(shown).map(|(section, shown)| section.text(shown)).collect();
    format!("{head}{note}{body}{foot}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(rank: Rank, items: usize, whole: bool) -> Section {
        let items = (0..items).map(|number| format!("item {number:04}\n")).collect();
        Section { rank, noun: ["thing", "things"], open: "open\n".into(), items, close: "close\n".into(), whole }
    }

    #[test]
    fn the_least_important_section_is_shortened_first_and_the_document_says_so() {
        let sections = [section(Rank::Tree, 10, true), section(Rank::Acts, 100, false), section(Rank::Unmanaged, 100, false)];
        let whole = assemble("head\n", &sections, "foot\n", 10_000, "orgroster show");
        assert!(!whole.contains("Shortened") && whole.matches("item").count() == 210);
        let text = assemble("head\n", &sections, "foot\n", 2_500, "orgroster show");
        assert!(text.len() <= 2_500 && text.starts_with("head\n") && text.ends_with("foot\n"));
        assert_eq!(text.matches("open").count(), 2);
        assert!(text.contains("Left out: the last 44 things; all 10 things. `orgroster show` prints them."), "{text}");
        assert!(assemble("head\n", &sections, "foot\n", 1_000, "orgroster show").contains("all 100 things"));
    }

    #[test]
    fn a_single_item_that_is_left_out_is_not_counted() {
        let sections = [section(Rank::Tree, 1, true), section(Rank::Acts, 3, false)];
        let frame = |room| assemble("", &sections, "", NOTE + room, "orgroster show");
        assert!(frame(40).contains("Left out: the last thing; the thing. `"), "{}", frame(40));
    }
}
