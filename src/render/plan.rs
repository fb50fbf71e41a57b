//! A plan for people, in Terraform's layout.

use crate::gate::{GateResult, Remedy, Verdict};
use crate::org::{Address, Assumptions, Enforcement, GateName, Guardrails, Invocation, ReadingCost, UnmanagedPolicy, Via};
use crate::plan::{Detachment, Outcome, Plan, Unchanged, UnchangedReason};

use super::text::{put, putln, quoted, text};
use super::{Style, Text, baseline, drift, remedy};

/// How many unmanaged accounts are listed before the rest is only counted.
const UNMANAGED_SHOWN: usize = 20;

/// What a line of a comment in the plan goes on behind.
const CONTINUED: &str = "    #   ";

/// Detaching is the wrong verb for a move (Organizations user guide, "Migrate an account to another organization").
const TRANSFER: &str = "Note: an account that is to join another organization needs no departure: that organization invites it, and it accepts\n\
                        while it is still a member here.\n\n";

/// How a plan is shown.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'a> {
    /// Colours.
    pub style: Style,
    /// Whether unchanged accounts and requests are listed too.
    pub verbose: bool,
    /// What the reading cost, where the plan was made just now.
    pub cost: Option<&'a ReadingCost>,
    /// How commands are called by whoever reads this.
    pub invocation: &'a Invocation,
}

/// The whole plan.
#[must_use]
pub fn plan(plan: &Plan, view: PlanView<'_>) -> Text {
    let style = view.style;
    let mut text = Text::default();
    headline(&mut text, plan, style);
    drift::section(&mut text, plan, style);
    if plan.outcome() == Outcome::NothingToDo {
        nothing_to_do(&mut text, plan, style);
    }
    departures(&mut text, plan, style);
    if !plan.blocked.is_empty() {
        put!(text, "Blocked:\n\n");
        baseline::separated(&mut text, plan, &plan.blocked, style, |text, detachment| blocked(text, detachment, view));
    }
    baseline::changes(&mut text, plan, style);
    unmanaged(&mut text, plan, view);
    if view.verbose {
        unchanged(&mut text, plan, style);
        match view.cost {
            Some(cost) => text.push(&super::cost::cost(cost)),
            None => text.push(&super::cost::requests(&plan.requests)),
        }
    }
    counts(&mut text, plan, style);
    if plan.outcome() != Outcome::NothingToDo {
        putln!(text, "{} 0 to add, 0 to change, {} to destroy.", style.bold("Plan:"), plan.carried_out().len());
    }
    text
}

fn departures(text: &mut Text, plan: &Plan, style: Style) {
    if plan.departures.is_empty() {
        return;
    }
    if plan.exceeded.is_empty() {
        legend(text, style);
        put!(text, "orgroster will perform the following actions:\n\n");
    } else {
        let breaches: Vec<_> = plan.exceeded.iter().map(ToString::to_string).collect();
        putln!(text, "{}", style.wrapped(&text!("{} {}.", style.red("Guardrail exceeded:"), breaches.join("; ")), ""));
        put!(text, "Nothing of this plan would be carried out. These departures are eligible, and too many:\n\n");
    }
    baseline::separated(text, plan, &plan.departures, style, |text, departure| departing(text, plan, departure, style));
    text.push(&Text::ours(TRANSFER));
}

fn headline(text: &mut Text, plan: &Plan, style: Style) {
    for mark in marks(plan) {
        putln!(text, "{}\n", style.wrapped(&style.yellow(&mark), ""));
    }
    let organization = &plan.organization;
    putln!(
        text,
        "Organization {} (management account {}, {}), {} {}.",
        style.bold(organization.id.as_str()),
        organization.management_account_id,
        counted(organization.members, "member"),
        if plan.as_if { "as if it were" } else { "at" },
        plan.planned_at
    );
    let settings = unusual_settings(plan);
    if !settings.is_empty() {
        let settings = text!("Safety settings that are not the defaults: {}.", settings.join(", "));
        putln!(text, "{}", style.wrapped(&settings, "  "));
    }
    put!(text, "\n");
}

/// What every rendering of a plan must say of it: that it is no plan for AWS, or never applied.
pub(super) fn marks(plan: &Plan) -> Vec<String> {
    let rehearsal = "Rehearsal: this is the sandbox, not AWS. Nothing here reaches a real account.".to_owned();
    let snapshot =
        |taken_at| format!("From a snapshot: the organization as it was at {taken_at}. This plan is for review, and never applied.");
    let as_if = plan.as_if.then(|| {
        format!("As if it were {}: dates are judged by that time, facts are as they are now. This plan is never applied.", plan.planned_at)
    });
    plan.sandbox.then_some(rehearsal).into_iter().chain(plan.snapshot.map(snapshot)).chain(as_if).collect()
}

/// Safety settings that a reviewer should know of because they are not the defaults.
pub(super) fn unusual_settings(plan: &Plan) -> Vec<String> {
    let Guardrails { max_detachments, max_detachments_percent, allow_remove, protected_accounts, unmanaged } = &plan.guardrails;
    let default = Guardrails::default();
    let mut settings = Vec::new();
    if *max_detachments != default.max_detachments {
        settings.push(format!("max_detachments = {max_detachments} (default {})", default.max_detachments));
    }
    if *max_detachments_percent != default.max_detachments_percent {
        settings.push(format!("max_detachments_percent = {max_detachments_percent} (default {})", default.max_detachments_percent));
    }
    if *allow_remove {
        settings.push("allow_remove = true".to_owned());
    }
    match unmanaged {
        UnmanagedPolicy::Ignore => settings.push("unmanaged = \"ignore\"".to_owned()),
        UnmanagedPolicy::Warn => {}
        UnmanagedPolicy::Error => settings.push("unmanaged = \"error\"".to_owned()),
    }
    if !protected_accounts.is_empty() {
        settings.push(counted(protected_accounts.len() as u64, "protected account"));
    }
    settings.extend(plan.backend.iter().map(|backend| format!("records are kept in {backend:?}")));
    // A gate that can't be lowered is as it always is.
    let lowered = plan.enforcements.iter().filter(|(gate, _)| gate.can_be_lowered());
    settings.extend(lowered.map(|(gate, enforcement)| format!("gate {gate} is {enforcement}")));
    let Assumptions { context, advisory_policies } = &plan.assumptions;
    settings.extend(context.iter().map(|(key, values)| {
        let values: Vec<_> = values.iter().map(String::as_str).collect();
        format!("{key} is declared as {}", if values.is_empty() { "absent".to_owned() } else { values.join(" or ") })
    }));
    settings.extend(advisory_policies.iter().map(|policy| format!("policy {policy} is advisory")));
    settings
}

fn nothing_to_do(text: &mut Text, plan: &Plan, style: Style) {
    // Atlantis and Digger look for this sentence, to the letter.
    putln!(text, "{} Your infrastructure matches the configuration.\n", style.bold("No changes."));
    let targeted = if plan.complete { "" } else { " for the targeted accounts" };
    putln!(text, "orgroster has compared the live organization with your configuration{}", targeted);
    put!(text, "and found no account that is to leave.\n\n");
}

fn legend(text: &mut Text, style: Style) {
    put!(text, "orgroster compared the configuration with the live organization. Actions are\nindicated with the following symbols:\n");
    putln!(text, "  {} destroy (the account leaves the organization; the account itself stays)\n", style.red("-"));
}

fn departing(text: &mut Text, plan: &Plan, departure: &Detachment, style: Style) {
    let will = if plan.exceeded.is_empty() { "will" } else { "would" };
    putln!(text, "  # {} {} be {}", style.bold(&departure.address), will, style.red("destroyed"));
    putln!(text, "  # (account {} leaves organization {} and becomes a standalone account)", departure.id, plan.organization.id);
    let minus = style.red("-");
    putln!(text, "  {} resource {} {{", minus, resource(&departure.address));
    let gone = style.dim(" -> null");
    for (key, value) in observed(departure) {
        putln!(text, "      {} {:<8} = {}{}", minus, key, quoted(&value), gone);
    }
    for (key, value) in declared(departure) {
        putln!(text, "        {:<8} = {}", key, quoted(&value));
    }
    putln!(text, "    }}");
    gates_of(text, departure, style);
    put!(text, "\n");
}

/// Resource type and name as a block's header has them; an instance of `for_each` is named by its address above.
fn resource(address: &Address) -> Text {
    text!("\"account\" {}", quoted(&address.label))
}

fn observed(departure: &Detachment) -> Vec<(&'static str, String)> {
    let mut lines = vec![("id", departure.id.to_string())];
    if let Some(account) = &departure.account {
        lines.push(("name", account.name.clone()));
        lines.push(("email", account.email.clone()));
        lines.extend(departure.unit_path.as_ref().map(|path| ("unit", path.to_string())));
        let joined = account.joined_at.map_or_else(String::new, |at| format!(" {at}"));
        lines.push(("joined", format!("{}{joined}", account.joined_method)));
    }
    lines
}

fn declared(departure: &Detachment) -> Vec<(&'static str, String)> {
    let declared = &departure.declared;
    let via = match declared.via {
        Via::Leave => format!("{} by {}", declared.via.operation(), declared.member_role.name),
        Via::Remove => format!("{} by the management account, past every service control policy", declared.via.operation()),
    };
    vec![("reason", declared.reason.clone()), ("via", via)]
}

fn gates_of(text: &mut Text, departure: &Detachment, style: Style) {
    let passed = departure.gates.iter().filter(|result| matches!(result.verdict, Verdict::Pass { .. })).count();
    let mut line = text!("{} of {} gates pass", passed, departure.gates.len());
    let deferred: Vec<_> = departure.gates.iter().filter(|result| result.is_deferred()).map(|result| result.gate.as_str()).collect();
    if !deferred.is_empty() {
        put!(line, "; deferred to apply: {}", deferred.join(", "));
    }
    putln!(text, "{}", style.wrapped(&text!("    # {}", line), CONTINUED));
    for group in grouped(departure.gates.iter().filter(|result| is_attested(result))) {
        putln!(text, "{}", style.wrapped(&text!("    # {}: {}", group.names(), group.explanation), CONTINUED));
    }
    for group in grouped(departure.gates.iter().filter(|result| result.is_acknowledged())) {
        putln!(text, "{}", style.wrapped(&text!("    # {}: {}", group.names(), group.explanation), CONTINUED));
    }
    for group in grouped(departure.gates.iter().filter(|result| is_open_advice(result))) {
        let advice = text!("    # {} {}: {}", style.yellow("advisory"), group.names(), group.explanation);
        putln!(text, "{}", style.wrapped(&advice, CONTINUED));
    }
}

/// A gate that somebody's word settled.
pub(super) fn is_attested(result: &GateResult) -> bool {
    result.gate.attestation().is_some() && matches!(result.verdict, Verdict::Pass { .. })
}

/// Gates that say the same thing.
pub(super) struct Group<'r> {
    /// Their names.
    pub gates: Vec<GateName>,
    /// What they say.
    pub explanation: &'r str,
    /// What resolves all of them.
    pub remedy: Option<Remedy>,
}

impl Group<'_> {
    /// The names in one line.
    pub(super) fn names(&self) -> String {
        self.gates.iter().map(|gate| gate.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Gates that say the same thing, once.
pub(super) fn grouped<'r>(results: impl Iterator<Item = &'r GateResult>) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'r>> = Vec::new();
    for result in results {
        let united = |group: &Group<'_>| match (&group.remedy, result.remedy()) {
            (None, None) => Some(None),
            (Some(ours), Some(theirs)) => ours.united(theirs).map(Some),
            _ => None,
        };
        let same = groups.iter_mut().filter(|group| group.explanation == result.explanation());
        match same.filter_map(|group| united(group).map(|remedy| (group, remedy))).next() {
            Some((group, remedy)) => {
                group.gates.push(result.gate);
                group.remedy = remedy;
            }
            None => groups.push(Group { gates: vec![result.gate], explanation: result.explanation(), remedy: result.remedy().cloned() }),
        }
    }
    groups
}

/// An advisory gate that does not pass.
pub(super) fn is_open_advice(result: &GateResult) -> bool {
    result.enforcement == Enforcement::Advisory && matches!(result.verdict, Verdict::Block { .. } | Verdict::Unknown { .. })
}

fn blocked(text: &mut Text, detachment: &Detachment, view: PlanView<'_>) {
    let style = view.style;
    let name = detachment.account.as_ref().map_or_else(Text::default, |account| text!(" {}", quoted(&account.name)));
    putln!(text, "  # {} is {} ({}{})", style.bold(&detachment.address), style.yellow("blocked"), detachment.id, name);
    for group in grouped(detachment.blockers()) {
        putln!(text, "{}", style.wrapped(&text!("    {}: {}", style.yellow(group.names()), group.explanation), "      "));
        if let Some(remedy) = &group.remedy {
            remedy::put_lines(text, remedy, view.invocation, style);
        }
    }
    if let Some(at) = detachment.eligible_at() {
        putln!(text, "    Eligible from {}.", style.bold(at));
    }
    let explain = view.invocation.command(&["explain", &detachment.address.to_string()]);
    putln!(text, "    {}", style.dim(text!("Every gate: {}", explain)));
    put!(text, "\n");
}

fn unmanaged(text: &mut Text, plan: &Plan, view: PlanView<'_>) {
    // Those whose block the change deletes are listed as the change's; those that are ignored are counted.
    let others: Vec<_> = plan.unmanaged.iter().filter(|account| !plan.is_undeclared_by_change(account.id)).collect();
    if others.is_empty() || plan.guardrails.unmanaged == UnmanagedPolicy::Ignore {
        return;
    }
    put!(text, "Unmanaged members (no account block, nothing happens to them):\n\n");
    for account in others.iter().take(UNMANAGED_SHOWN) {
        let state = drift::state(&account.state, account.removed_by);
        putln!(text, "    {} {} {}", account.id, quoted(&account.name), view.style.dim(&state));
    }
    let rest = others.len().saturating_sub(UNMANAGED_SHOWN);
    if rest > 0 {
        putln!(text, "    and {} more; `show -json` lists all of them", rest);
    }
    let import = view.invocation.command(&["import"]);
    putln!(text, "    {}\n", view.style.dim(text!("Blocks for them: {}", import)));
}

fn unchanged(text: &mut Text, plan: &Plan, style: Style) {
    if plan.unchanged.is_empty() {
        return;
    }
    put!(text, "Nothing happens to these accounts:\n\n");
    for account in &plan.unchanged {
        putln!(text, "    {} {} {}", account.address, account.id, style.dim(why_unchanged(account)));
    }
    put!(text, "\n");
}

pub(super) fn why_unchanged(account: &Unchanged) -> String {
    match &account.reason {
        _ if !account.drift.is_empty() => account.drift.iter().map(drift::describe).collect::<Vec<_>>().join("; "),
        UnchangedReason::Member => "is a member, as declared".to_owned(),
        UnchangedReason::ManagementAccount => "is the management account".to_owned(),
        UnchangedReason::MissingMember => "is declared a member, and is not in the organization".to_owned(),
        UnchangedReason::DepartedOnRecord { departed_at, record } => format!("left on {departed_at}, recorded in {record}"),
        UnchangedReason::DepartedAsDeclared { departed } => format!("left on {departed}, as declared"),
        UnchangedReason::NotTargeted => "is to be detached, and no -target names it".to_owned(),
    }
}

fn counts(text: &mut Text, plan: &Plan, style: Style) {
    put!(text, "{}", account_counts(plan));
    baseline::counts(text, plan);
    putln!(text, "\nDigest: {}", style.dim(&plan.digest));
}

/// Where the accounts of a plan end, counted.
pub(super) fn account_counts(plan: &Plan) -> String {
    let is_out = |account: &&Unchanged| {
        matches!(account.reason, UnchangedReason::DepartedOnRecord { .. } | UnchangedReason::DepartedAsDeclared { .. })
    };
    let out = plan.unchanged.iter().filter(is_out).count();
    let over = plan.departures.len() - plan.carried_out().len();
    let mut text = format!(
        "Accounts: {} departing, {}{} blocked, {} unmanaged, {} unchanged",
        plan.carried_out().len(),
        if over > 0 { format!("{over} over a guardrail, ") } else { String::new() },
        plan.blocked.len(),
        plan.unmanaged.len(),
        plan.unchanged.len()
    );
    let drifted = plan.drifted().count();
    let parts = [(out, "already out"), (drifted, "drifted")];
    let parts: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    text.push_str(&if parts.is_empty() { ".".to_owned() } else { format!(" ({}).", parts.join(", ")) });
    let deferred = plan.deferred_gates();
    if deferred > 0 {
        text.push_str(&format!(" {} deferred to apply.", counted(deferred as u64, "gate")));
    }
    text
}

/// `1 member`, `2 members`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
