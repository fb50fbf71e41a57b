//! Fixtures of any size.

use std::fmt::Write;

use super::state::ids::derive;

/// Accounts of one organizational unit, so that 50,000 accounts stand in 2,000 units.
const ACCOUNTS_IN_UNIT: u32 = 25;
/// Units directly in a unit: with 12 on the first level and 12 in each of those, 1,884 lie on the third.
const UNITS_IN_UNIT: u32 = 12;
/// Units in an organization at most (Organizations User Guide, quotas).
const MAX_UNITS: u32 = 2000;
/// Who administers the organization; the other ids count up from the next.
const MANAGEMENT: u64 = 111_111_111_111;

/// The text of a fixture with that many accounts, the management account included, in nested organizational units. The same numbers give the same text.
///
/// The accounts differ as those of real organizations do: most were created long ago and can't stand alone yet, some were invited, a few are young,
/// suspended, closed, or administer a service.
#[must_use]
pub fn generate(accounts: u32, seed: u64) -> String {
    let mut text = format!(
        "# Generated: {accounts} accounts, seed {seed}.\n\nsandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n  seed  = {}\n}}\n\norganization \"o-{}\" {{\n  \
         management_account_id = \"{MANAGEMENT}\"\n\n  account \"{MANAGEMENT}\" {{\n    name  = \"management\"\n    email = \"aws-management@example.com\"\n  }}\n",
        seed % u64::from(u32::MAX),
        derive(&["generated", &seed.to_string()], super::state::ids::LOWER, 10),
    );
    let members = accounts.saturating_sub(1);
    let units = members.div_ceil(ACCOUNTS_IN_UNIT).min(MAX_UNITS);
    let mut plan = Plan { text: &mut text, seed, next_account: 1, accounts: members, next_unit: 0, units };
    // The first units hold the others, so that the tree is three deep.
    while plan.next_unit < plan.units {
        plan.unit(1);
    }
    text.push_str("}\n");
    text
}

struct Plan<'t> {
    text: &'t mut String,
    seed: u64,
    next_account: u32,
    accounts: u32,
    next_unit: u32,
    units: u32,
}

impl Plan<'_> {
    /// Writes a unit with its accounts and the units below.
    fn unit(&mut self, depth: u32) {
        let index = self.next_unit;
        self.next_unit += 1;
        let indent = "  ".repeat(depth as usize);
        self.line(&format!("\n{indent}organizational_unit \"Unit {index:04}\" {{"));
        // The last units take what the limit of units left over.
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
        for attribute in kind(self.seed, index) {
            self.line(&format!("{indent}    {attribute}"));
        }
        self.line(&format!("{indent}  }}"));
    }

    fn line(&mut self, line: &str) {
        // Writing to a string can't fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// What makes an account different from a long-standing created one.
fn kind(seed: u64, index: u32) -> &'static [&'static str] {
    let dice = derive(&["kind", &seed.to_string(), &index.to_string()], b"0123456789", 3);
    match dice.parse().unwrap_or(999_u32) {
        0..100 => &["joined_method = \"INVITED\""],
        100..250 => &["payment_method     = \"valid\"", "phone_verified     = true", "agreement_accepted = true"],
        250..270 => &["joined = \"2026-11-20T09:00:00Z\""],
        270..280 => &["state = \"SUSPENDED\""],
        280..290 => &["state = \"CLOSED\""],
        290..292 => &["delegated_services = [\"guardduty.amazonaws.com\"]"],
        _ => &[],
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
            let file = sources.add("generated.sandbox.hcl", generate(accounts, 7));
            let world = fixture::read(&sources, Some(file)).unwrap().world;
            assert_eq!(world.accounts.len(), accounts as usize);
        }
        assert_eq!(generate(500, 7), generate(500, 7));
        assert_ne!(generate(500, 7), generate(500, 8));
    }

    #[test]
    fn fifty_thousand_accounts_stand_in_two_thousand_units() {
        let text = generate(50_000, 1);
        assert_eq!(text.matches("  account \"").count(), 50_000);
        assert_eq!(text.matches("organizational_unit \"").count(), 2000);
    }
}
