//! A snapshot as a fixture of the sandbox, so that a departure can be rehearsed on a copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::org::{Account, AccountId, JoinedMethod, Looks, ObservedOrganization, SupportEvidence};
use crate::plan::Snapshot;

/// The policy that AWS attaches everywhere, and the sandbox too.
const FULL_ACCESS: &str = "p-FullAWSAccess";
/// The role that CreateAccount makes, in the sandbox too.
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// The fixture's text. Facts that no API tells have the sandbox's defaults; names that were not read are ids. With a `clock` the world's time
/// stands there.
#[must_use]
pub fn fixture(snapshot: &Snapshot, clock: Option<Timestamp>) -> String {
    let observed = snapshot.observed();
    let organization = &observed.organization;
    let mut text = format!(
        "# A copy of organization {} as it was at {}.\n#\n# No API tells whether an account has a payment method, a verified telephone or an accepted agreement: set\n\
         # `payment_method`, `phone_verified` and `agreement_accepted` to what you know. Roles are those that the configuration\n# names, with \
         administrator access, trusting the management account.\n",
        organization.id, observed.observed_at
    );
    for level in without_full_access(observed) {
        let _ =
            writeln!(text, "# {level} has no FullAWSAccess attached, and here it has: detach it with any AWS client before a rehearsal.");
    }
    let _ = write!(
        text,
        "\nsandbox {{\n{}  partition = {}\n}}\n\norganization {} {{\n  management_account_id = {}\n  feature_set           = {}\n",
        clock.map_or_else(String::new, |clock| format!("  clock     = {}\n", quoted(&clock.to_string()))),
        quoted(&organization.partition),
        quoted(organization.id.as_str()),
        quoted(&organization.management_account_id.to_string()),
        quoted(&organization.feature_set)
    );
    if organization.feature_set == "ALL" {
        let _ = writeln!(text, "  enabled_policy_types  = {}", list(observed.root.policy_types.keys()));
    }
    if let Ok(services) = &observed.service_access {
        let _ = writeln!(text, "  service_access        = {}", list(services));
    }
    let _ = write!(text, "\n  root {{\n    id = {}\n  }}\n", quoted(&observed.root.id));
    let mut tree = Tree { snapshot, observed, roles: snapshot.member_roles().collect(), text: &mut text };
    let root = vec![observed.root.id.clone()];
    tree.level(&root, 1);
    policies(&mut text, observed);
    text.push_str("}\n");
    text
}

/// Levels that were read and lack the policy that allows everything.
fn without_full_access(observed: &ObservedOrganization) -> Vec<&String> {
    let Ok(attached) = &observed.policies else { return Vec::new() };
    attached.at.iter().filter(|(_, policies)| !policies.contains(FULL_ACCESS)).map(|(level, _)| level).collect()
}

struct Tree<'a> {
    snapshot: &'a Snapshot,
    observed: &'a ObservedOrganization,
    roles: BTreeMap<AccountId, &'a str>,
    text: &'a mut String,
}

impl Tree<'_> {
    /// The accounts directly at a path, then the units below it.
    fn level(&mut self, path: &[String], depth: usize) {
        let observed = self.observed;
        let at = |account: &Account| account.path.as_ref().map_or_else(|| vec![observed.root.id.clone()], |path| path.0.clone());
        for account in observed.accounts.iter().filter(|account| at(account) == path) {
            self.account(account, depth);
        }
        let below = observed.accounts.iter().map(at).filter(|other| other.len() > path.len() && other.starts_with(path));
        let units: BTreeSet<String> = below.map(|other| other[path.len()].clone()).collect();
        let indent = "  ".repeat(depth);
        for unit in units {
            let name = observed.unit_names.get(&unit).unwrap_or(&unit);
            let _ = write!(self.text, "\n{indent}organizational_unit {} {{\n{indent}  id = {}\n", quoted(name), quoted(&unit));
            let mut inside = path.to_vec();
            inside.push(unit);
            self.level(&inside, depth + 1);
            let _ = writeln!(self.text, "{indent}}}");
        }
    }

    fn account(&mut self, account: &Account, depth: usize) {
        let indent = "  ".repeat(depth);
        let _ = writeln!(self.text, "\n{indent}account {} {{", quoted(&account.id.to_string()));
        for (name, value) in self.settings(account) {
            let _ = writeln!(self.text, "{indent}  {name:<13} = {value}");
        }
        self.role(account, &indent);
        let _ = writeln!(self.text, "{indent}}}");
    }

    fn settings(&self, account: &Account) -> Vec<(&'static str, String)> {
        // Addresses of accounts that the configuration does not declare are not in a snapshot.
        let email = if account.email.is_empty() { format!("{}@account.invalid", account.id) } else { account.email.clone() };
        let mut settings = vec![("name", quoted(&account.name)), ("email", quoted(&email)), ("state", quoted(account.state.as_str()))];
        settings.push(("joined_method", quoted(account.joined_method.as_str())));
        settings.extend(account.joined_at.map(|at| ("joined", quoted(&at.to_string()))));
        let nothing = Looks::default();
        let looks = self.observed.looks.get(&account.id).unwrap_or(&nothing);
        settings.extend(looks.created.value().map(|at| ("created", quoted(&at.to_string()))));
        if looks.contact.value().is_some_and(|contact| !contact.missing.is_empty()) {
            settings.push(("contact_information", "false".to_owned()));
        }
        if looks.support.value() == Some(&SupportEvidence::PaidPlan) {
            settings.push(("support_plan", quoted("business")));
        }
        let services = self.observed.delegated_administrators.get(&account.id).filter(|services| !services.is_empty());
        settings.extend(services.map(|services| ("delegated_services", list(services))));
        if let Some(Ok(tags)) = self.observed.tags.get(&account.id).filter(|tags| tags.as_ref().is_ok_and(|tags| !tags.is_empty())) {
            settings.push(("tags", map(tags)));
        }
        settings
    }

    /// The role that the configuration names, unless CreateAccount makes it anyway.
    fn role(&mut self, account: &Account, indent: &str) {
        let Some((path, name)) = self.roles.get(&account.id).and_then(|arn| arn.split_once(":role")?.1.rsplit_once('/')) else { return };
        if account.joined_method == JoinedMethod::Created && name == ACCESS_ROLE && path.is_empty() {
            return;
        }
        let management = quoted(&self.snapshot.observed().organization.management_account_id.to_string());
        let _ = writeln!(self.text, "\n{indent}  role {} {{\n{indent}    trusts = [{management}]", quoted(name));
        if !path.is_empty() {
            let _ = writeln!(self.text, "{indent}    path   = {}", quoted(&format!("{path}/")));
        }
        if let Some(tags) = self.observed.looks.get(&account.id).and_then(|looks| looks.role_tags.value()).filter(|tags| !tags.is_empty()) {
            let _ = writeln!(self.text, "{indent}    tags   = {}", map(tags));
        }
        let _ = writeln!(self.text, "{indent}  }}");
    }
}

fn policies(text: &mut String, observed: &ObservedOrganization) {
    let Ok(attached) = &observed.policies else { return };
    for (id, policy) in attached.texts.iter().filter(|(id, _)| *id != FULL_ACCESS) {
        let Ok(content) = &policy.content else { continue };
        let targets = attached.at.iter().filter(|(_, policies)| policies.contains(id)).map(|(level, _)| level);
        let (name, targets) = (quoted(&policy.name), list(targets));
        let _ = write!(
            text,
            "\n  policy {} {{\n    name    = {name}\n    targets = {targets}\n    content = {}\n  }}\n",
            quoted(id),
            quoted(content)
        );
    }
}

/// A text as HCL has it: JSON's escapes, and no templates.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

fn list<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let texts: Vec<_> = texts.into_iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn map(entries: &BTreeMap<String, String>) -> String {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{} = {}", quoted(key), quoted(value))).collect();
    format!("{{ {} }}", entries.join(", "))
}
