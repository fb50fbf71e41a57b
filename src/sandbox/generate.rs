//! Generates fixtures of any size.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use super::state::ids::derive;

/// Number of accounts in one organizational unit, so that 50,000 accounts fit into 2,000 units.
const ACCOUNTS_IN_UNIT: u32 = 25;
/// Number of units directly in a unit: with 12 on the first level and 12 in each of those, 1,884 are on the third.
const UNITS_IN_UNIT: u32 = 12;
/// The most units in an organization (Organizations User Guide, quotas).
const MAX_UNITS: u32 = 2000;
/// The date of young accounts if the clock is not frozen: 2026-11-22T09:00:00Z.
const WRITTEN: Timestamp = Timestamp::constant(1_795_338_000, 0);
/// The management account's id; the ids of other accounts count up from it.
const MANAGEMENT: u64 = 111_111_111_111;

/// Returns the text of a fixture with `accounts` accounts in nested organizational units; the count includes the management account. The
/// same arguments give the same text.
///
/// The accounts differ as in real organizations: most were created long ago and can't become standalone yet, some were invited, a few are
/// young, suspended, closed, or delegated administrators of a service. A `clock` freezes the time there; without it, the sandbox uses the
/// machine's time, as clients expect of a server.
#[must_use]
pub fn generate(accounts: u32, seed: u64, clock: Option<Timestamp>) -> String {
    let frozen = clock.map_or_else(String::new, |clock| format!("  clock = \"{clock}\"\n"));
    let recently = clock.unwrap_or(WRITTEN).checked_sub(SignedDuration::from_hours(48)).unwrap_or(WRITTEN);
    let mut text = format!(
        "# Generated: {accounts} accounts, seed {seed}.\n\nsandbox {{\n{frozen}  seed  = {}\n}}\n\norganization \"o-{}\" {{\n  \
         management_account_id = \"{MANAGEMENT}\"\n\n  account \"{MANAGEMENT}\" {{\n    name  = \"management\"\n    email = \"aws-management@example.com\"\n  }}\n",
        seed % u64::from(u32::MAX),
        derive(&["generated", &seed.to_string()], super::state::ids::LOWER, 10),
    );
    let members = accounts.saturating_sub(1);
    let units = members.div_ceil(ACCOUNTS_IN_UNIT).min(MAX_UNITS);
    let mut plan = Plan { text: &mut text, seed, recently, next_account: 1, accounts: members, next_unit: 0, units };
    // The first units contain the others, so that the tree is three levels deep.
    while plan.next_unit < plan.units {
        plan.unit(1);
    }
    text.push_str("}\n");
    text
}

struct Plan<'t> {
    text: &'t mut String,
    seed: u64,
    /// When young accounts were created.
    recently: Timestamp,
    next_account: u32,
    accounts: u32,
    next_unit: u32,
    units: u32,
}

impl Plan<'_> {
    /// Writes a unit with its accounts and child units.
    fn unit(&mut self, depth: u32) {
        let index = self.next_unit;
        self.next_unit += 1;
        let indent = "  ".repeat(depth as usize);
        self.line(&format!("\n{indent}organizational_unit \"Unit {index:04}\" {{"));
        // If the number of units is at its limit, each unit gets more accounts.
        let units_left = u64::from(self.units - index);
        let accounts_left = u64::from(self.accounts + 1 - self.next_account);
        for _ in 0..accounts_left.div_ceil(units_left) {
            self.account(&indent);
        }
        if depth < 3 {
            for _ in 0..UNITS_IN_UNIT {
                if self.next_unit < self.units {
                    self.unit(depth + 1);
                }
            }
        }
        self.line(&format!("{indent}}}"));
    }

    fn account(&mut self, indent: &str) {
        let index = self.next_account;
        self.next_account += 1;
        let id = MANAGEMENT + u64::from(index);
        self.line(&format!("{indent}  account \"{id}\" {{"));
        self.line(&format!("{indent}    name  = \"account-{index:05}\""));
        self.line(&format!("{indent}    email = \"account-{index:05}@example.com\""));
        for attribute in kind(self.seed, index, self.recently) {
            self.line(&format!("{indent}    {attribute}"));
        }
        self.line(&format!("{indent}  }}"));
    }

    fn line(&mut self, line: &str) {
        // Writing to a string can't fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// The attributes in which an account differs from one that was created long ago.
fn kind(seed: u64, index: u32, recently: Timestamp) -> Vec<String> {
    let dice = derive(&["kind", &seed.to_string(), &index.to_string()], b"0123456789", 3);
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    match dice.parse().unwrap_or(999_u32) {
        0..100 => words(&["joined_method = \"INVITED\""]),
        100..250 => words(&["payment_method     = \"valid\"", "phone_verified     = true", "agreement_accepted = true"]),
        250..270 => vec![format!("joined = \"{recently}\"")],
        270..280 => words(&["state = \"SUSPENDED\""]),
        280..290 => words(&["state = \"CLOSED\""]),
        290..292 => words(&["delegated_services = [\"guardduty.amazonaws.com\"]"]),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceMap;
    use crate::sandbox::fixture;

    #[test]
    fn a_generated_fixture_holds_what_was_asked_for() {
        for accounts in [1, 2, 26, 1000] {
            let mut sources = SourceMap::default();
            let file = sources.add("generated.sandbox.hcl", generate(accounts, 7, None));
            let world = fixture::read(&sources, Some(file)).unwrap().world;
            assert_eq!(world.accounts.len(), accounts as usize);
        }
        assert_eq!(generate(500, 7, None), generate(500, 7, None));
        assert_ne!(generate(500, 7, None), generate(500, 8, None));
    }

    #[test]
    fn the_clock_runs_unless_it_is_asked_to_stand() {
        let clock = |clock: Option<&str>| {
            let mut sources = SourceMap::default();
            let text = generate(300, 7, clock.map(|clock| clock.parse().unwrap()));
            let file = sources.add("generated.sandbox.hcl", text);
            fixture::read(&sources, Some(file)).unwrap().world.clock
        };
        assert!(!clock(None).is_frozen());
        assert_eq!(clock(Some("2027-01-02T03:04:05Z")).now(), "2027-01-02T03:04:05Z".parse().unwrap());
    }

    #[test]
    fn fifty_thousand_accounts_stand_in_two_thousand_units() {
        let text = generate(50_000, 1, None);
        assert_eq!(text.matches("  account \"").count(), 50_000);
        assert_eq!(text.matches("organizational_unit \"").count(), 2000);
    }
}
