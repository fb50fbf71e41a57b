//! A plan for people, in Terraform's layout.

use crate::gate::{GateResult, Remedy, Verdict};
use crate::org::{
    AccountId, Action, Address, After, Assumptions, Enforcement, GateName, Guardrails, Invocation, JoinStep, OrganizationId, ReadingCost,
    UnmanagedPolicy, Verbs, counted,
};
use crate::plan::{Act, NoChange, Plan, PlanOutcome, PlannedAccount};

use crate::render::terminal::{baseline, drift, remedy};
use crate::render::text::{put, putln, quoted, text};
use crate::render::words::{account_counts, becomes, means, to_do};
use crate::render::{Style, Text, terms};

/// How many unmanaged accounts are listed; the rest is only counted.
const UNMANAGED_SHOWN: usize = 20;

/// The indent of a wrapped comment line in the plan.
const CONTINUED: &str = "    #   ";

/// Detaching is the wrong verb for a move (Organizations user guide, "Migrate an account to another organization").
const TRANSFER: &str = "Note: to move an account to another organization, don't detach it first: that organization invites it, and it \
                        accepts while it is still a member here.";

/// How a plan is shown.
#[derive(Debug, Clone, Copy)]
pub struct PlanView<'a> {
    /// Colors.
    pub style: Style,
    /// Whether unchanged accounts and requests are listed too.
    pub verbose: bool,
    /// The cost of the reading if the plan was made in this run.
    pub cost: Option<&'a ReadingCost>,
    /// The options that printed commands repeat.
    pub invocation: &'a Invocation,
}

/// The whole plan.
#[must_use]
pub fn plan(plan: &Plan, view: PlanView<'_>) -> Text {
    let style = view.style;
    let mut text = Text::default();
    headline(&mut text, plan, style);
    drift::section(&mut text, plan, style);
    if plan.outcome() == PlanOutcome::NothingToDo {
        nothing_to_do(&mut text, plan, style);
    }
    acts(&mut text, plan, style);
    let all_blocked = plan.blocked();
    if !all_blocked.is_empty() {
        put!(text, "Blocked:\n\n");
        baseline::separated(&mut text, plan, &all_blocked, style, |text, planned| blocked(text, planned, view));
    }
    baseline::changes(&mut text, plan, style);
    unmanaged(&mut text, plan, view);
    if view.verbose {
        unchanged(&mut text, plan, style);
        match view.cost {
            Some(cost) => text.push(&crate::render::terminal::cost::cost(cost)),
            None => text.push(&crate::render::terminal::cost::requests(&plan.requests)),
        }
    }
    counts(&mut text, plan, style);
    if plan.outcome() != PlanOutcome::NothingToDo {
        putln!(text, "{} {}", style.bold("Plan:"), to_do(plan));
    }
    text
}

fn acts(text: &mut Text, plan: &Plan, style: Style) {
    let eligible = plan.eligible();
    if eligible.is_empty() {
        return;
    }
    if plan.exceeded.is_empty() {
        legend(text, &eligible, style);
        put!(text, "orgroster will perform the following actions:\n\n");
    } else {
        let breaches: Vec<_> = plan.exceeded.iter().map(ToString::to_string).collect();
        putln!(text, "{}", style.wrapped(&text!("{} {}.", style.red("Guardrail exceeded:"), breaches.join("; ")), ""));
        put!(text, "Nothing in this plan would be carried out. These acts are eligible, but they exceed the limit:\n\n");
    }
    baseline::separated(text, plan, &eligible, style, |text, planned| acting(text, plan, planned, style));
    if eligible.iter().filter_map(|planned| planned.act()).any(|act| act.action.after() == After::Standalone) {
        putln!(text, "{}\n", style.wrapped(&Text::ours(TRANSFER), ""));
    }
}

fn headline(text: &mut Text, plan: &Plan, style: Style) {
    for mark in marks(plan) {
        putln!(text, "{}\n", style.wrapped(&style.yellow(&mark), ""));
    }
    let organization = &plan.organization;
    let line = text!(
        "Organization {} (management account {}, {}), {} {}.",
        style.bold(organization.id.as_str()),
        organization.management_account_id,
        counted(organization.members, "member"),
        if plan.as_if { "as if it were" } else { "at" },
        plan.planned_at
    );
    putln!(text, "{}", style.wrapped(&line, "  "));
    let settings = unusual_settings(plan);
    if !settings.is_empty() {
        let settings = text!("Safety settings that are not the defaults: {}.", settings.join(", "));
        putln!(text, "{}", style.wrapped(&settings, "  "));
    }
    put!(text, "\n");
}

/// The marks that every rendering of a plan must show: that it is a rehearsal, or that it can't be applied.
pub(in crate::render) fn marks(plan: &Plan) -> Vec<String> {
    let rehearsal = "Rehearsal: this is the sandbox, not AWS. Nothing here reaches a real account.".to_owned();
    let snapshot =
        |taken_at| format!("From a snapshot: the organization as it was at {taken_at}. This plan is for review and can't be applied.");
    let as_if = plan.as_if.then(|| {
        format!("As if it were {}: dates are evaluated at that time, facts are current. This plan can't be applied.", plan.planned_at)
    });
    plan.sandbox.then_some(rehearsal).into_iter().chain(plan.snapshot.map(snapshot)).chain(as_if).collect()
}

/// Safety settings that differ from the defaults, so a reviewer should see them.
pub(in crate::render) fn unusual_settings(plan: &Plan) -> Vec<String> {
    let Guardrails {
        max_detachments,
        max_detachments_percent,
        max_joins,
        approvers,
        transfer_targets,
        allow_remove,
        protected_accounts,
        unmanaged,
    } = &plan.guardrails;
    let default = Guardrails::default();
    let mut settings = Vec::new();
    if *max_detachments != default.max_detachments {
        settings.push(format!("max_detachments = {max_detachments} (default {})", default.max_detachments));
    }
    if *max_detachments_percent != default.max_detachments_percent {
        settings.push(format!("max_detachments_percent = {max_detachments_percent} (default {})", default.max_detachments_percent));
    }
    if *max_joins != default.max_joins {
        settings.push(format!("max_joins = {max_joins} (default {})", default.max_joins));
    }
    if *approvers != default.approvers {
        settings.push(format!("approvers = {approvers} (default none)"));
    }
    let target = |(to, sender): (&OrganizationId, &AccountId)| format!("{to} of management account {sender}");
    if !transfer_targets.is_empty() {
        settings.push(format!("transfers may go to {}", transfer_targets.iter().map(target).collect::<Vec<_>>().join(" and ")));
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
    // A gate that can't be lowered always has its default.
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
    // Atlantis and Digger search for exactly this sentence.
    putln!(text, "{} Your infrastructure matches the configuration.\n", style.bold("No changes."));
    let targeted = if plan.complete { "" } else { " for the targeted accounts" };
    putln!(text, "orgroster has compared the live organization with your configuration{}", targeted);
    put!(text, "and found no account that should leave or join.\n\n");
}

fn legend(text: &mut Text, eligible: &[&PlannedAccount], style: Style) {
    put!(text, "orgroster compared the configuration with the live organization. Actions are\nindicated with the following symbols:\n");
    let mut symbols: Vec<&Verbs> = Vec::new();
    for verbs in eligible.iter().filter_map(|planned| planned.act()).map(|act| act.action.verbs()) {
        if symbols.iter().all(|known| known.symbol != verbs.symbol) {
            symbols.push(verbs);
        }
    }
    for verbs in symbols {
        putln!(text, "{}", style.wrapped(&text!("  {} {}", painted(verbs.symbol, style), verbs.legend), "    "));
    }
    put!(text, "\n");
}

/// A symbol, or the words for it, in its color.
fn painted(text: &str, style: Style) -> Text {
    let comes = Action::Join(JoinStep::Invite).verbs();
    if text == comes.symbol || text == comes.will_be { style.green(text) } else { style.red(text) }
}

fn acting(text: &mut Text, plan: &Plan, planned: &PlannedAccount, style: Style) {
    let Some(act) = planned.act() else { return };
    let verbs = act.action.verbs();
    let will = if plan.exceeded.is_empty() { "will" } else { "would" };
    putln!(text, "  # {} {} be {}", style.bold(&planned.address), will, painted(verbs.will_be, style));
    let meaning = text!("  # (account {} {} {} and {})", planned.id, means(planned), plan.organization.id, becomes(planned));
    putln!(text, "{}", style.wrapped(&meaning, "    "));
    let symbol = painted(verbs.symbol, style);
    putln!(text, "  {} resource {} {{", symbol, resource(&planned.address));
    let gone = if act.action.is_joining() { Text::default() } else { style.dim(" -> null") };
    for (key, value) in terms::observed(planned) {
        putln!(text, "      {} {:<8} = {}{}", symbol, key, quoted(&value), gone);
    }
    for (key, value) in planned.joining().map(|joining| terms::joined(act, joining)).into_iter().flatten() {
        putln!(text, "      {} {:<8} = {}", symbol, key, quoted(&value));
    }
    for (key, value) in planned.leaving().map(|leaving| terms::left(act, leaving)).into_iter().flatten() {
        putln!(text, "        {:<8} = {}", key, quoted(&value));
    }
    putln!(text, "    }}");
    gates_of(text, act, style);
    put!(text, "\n");
}

/// Resource type and name as in the header of a block. The address above it identifies an instance of `for_each`.
fn resource(address: &Address) -> Text {
    text!("\"account\" {}", quoted(&address.label))
}

fn gates_of(text: &mut Text, act: &Act, style: Style) {
    let passed = act.gates.iter().filter(|result| matches!(result.verdict, Verdict::Pass { .. })).count();
    let mut line = text!("{} of {} gates pass", passed, act.gates.len());
    let deferred: Vec<_> = act.gates.iter().filter(|result| result.is_deferred()).map(|result| result.gate.as_str()).collect();
    if !deferred.is_empty() {
        put!(line, "; deferred to apply: {}", deferred.join(", "));
    }
    putln!(text, "{}", style.wrapped(&text!("    # {}", line), CONTINUED));
    for group in grouped(act.gates.iter().filter(|result| is_attested(result))) {
        putln!(text, "{}", style.wrapped(&text!("    # {}: {}", group.names(), group.explanation), CONTINUED));
    }
    for group in grouped(act.gates.iter().filter(|result| result.is_acknowledged())) {
        putln!(text, "{}", style.wrapped(&text!("    # {}: {}", group.names(), group.explanation), CONTINUED));
    }
    for group in grouped(act.gates.iter().filter(|result| is_open_advice(result))) {
        let advice = text!("    # {} {}: {}", style.yellow("advisory"), group.names(), group.explanation);
        putln!(text, "{}", style.wrapped(&advice, CONTINUED));
    }
}

/// A gate that an attestation resolved.
pub(in crate::render) fn is_attested(result: &GateResult) -> bool {
    result.gate.attestation().is_some() && matches!(result.verdict, Verdict::Pass { .. })
}

/// Gates with the same explanation.
pub(in crate::render) struct Group<'r> {
    /// Their names.
    pub gates: Vec<GateName>,
    /// Their explanation.
    pub explanation: &'r str,
    /// The remedy that resolves all of them.
    pub remedy: Option<Remedy>,
}

impl Group<'_> {
    /// The names in one line.
    pub(in crate::render) fn names(&self) -> String {
        self.gates.iter().map(|gate| gate.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The earlier group whose steps are the longest beginning of this group's steps, with the steps that remain. Steps that were printed
    /// are not printed again.
    pub(in crate::render) fn begun_by<'g, 'r: 'g>(&self, earlier: impl Iterator<Item = &'g Group<'r>>) -> Option<(&'g Group<'r>, Remedy)> {
        let ours = self.remedy.as_ref()?.steps();
        let begun = earlier.filter_map(|other| {
            let theirs = other.remedy.as_ref()?.steps();
            Some((other, ours.strip_prefix(theirs).filter(|_| !theirs.is_empty())?))
        });
        let (other, rest) = begun.min_by_key(|(_, rest)| rest.len())?;
        Some((other, rest.iter().cloned().fold(Remedy::new(), Remedy::then)))
    }
}

/// Groups gates with the same explanation.
pub(in crate::render) fn grouped<'r>(results: impl Iterator<Item = &'r GateResult>) -> Vec<Group<'r>> {
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
pub(in crate::render) fn is_open_advice(result: &GateResult) -> bool {
    result.enforcement == Enforcement::Advisory && matches!(result.verdict, Verdict::Block { .. } | Verdict::Unknown { .. })
}

fn blocked(text: &mut Text, planned: &PlannedAccount, view: PlanView<'_>) {
    let style = view.style;
    let name = planned.before.as_ref().map_or_else(Text::default, |account| text!(" {}", quoted(&account.name)));
    let head = text!("  # {} is {} ({}{})", style.bold(&planned.address), style.yellow("blocked"), planned.id, name);
    putln!(text, "{}", style.wrapped(&head, "    "));
    let groups = grouped(planned.blockers());
    for (index, group) in groups.iter().enumerate() {
        putln!(text, "{}", style.wrapped(&text!("    {}: {}", style.yellow(group.names()), group.explanation), "      "));
        let begun = group.begun_by(groups.iter().take(index));
        if let Some((earlier, _)) = &begun {
            putln!(text, "{}", style.wrapped(&text!("      Take the same steps as for {}.", earlier.names()), "      "));
        }
        if let Some(remedy) = begun.map(|(_, rest)| rest).as_ref().or(group.remedy.as_ref()) {
            remedy::put_lines(text, remedy, view.invocation, style);
        }
    }
    if let Some(at) = planned.eligible_at() {
        putln!(text, "    Eligible from {}.", style.bold(at));
    }
    let explain = view.invocation.command(&["explain", &planned.address.to_string()]);
    putln!(text, "    {}", style.dim(text!("Every gate: {}", explain)));
    put!(text, "\n");
}

fn unmanaged(text: &mut Text, plan: &Plan, view: PlanView<'_>) {
    // Accounts whose block the change deletes are listed with the change; ignored accounts are only counted.
    let others: Vec<_> = plan.unmanaged.iter().filter(|account| !plan.is_undeclared_by_change(account.id)).collect();
    if others.is_empty() || plan.guardrails.unmanaged == UnmanagedPolicy::Ignore {
        return;
    }
    putln!(text, "{}\n", view.style.wrapped(&Text::ours("Unmanaged members (no account block, nothing happens to them):"), ""));
    for account in others.iter().take(UNMANAGED_SHOWN) {
        let state = drift::state(&account.state, account.removed_by);
        putln!(text, "{}", view.style.wrapped(&text!("    {} {} {}", account.id, quoted(&account.name), view.style.dim(&state)), "      "));
    }
    let rest = others.len().saturating_sub(UNMANAGED_SHOWN);
    if rest > 0 {
        putln!(text, "    and {} more; `show -json` lists all of them", rest);
    }
    let import = view.invocation.command(&["import"]);
    putln!(text, "    {}\n", view.style.dim(text!("Blocks for them: {}", import)));
}

fn unchanged(text: &mut Text, plan: &Plan, style: Style) {
    let mut unchanged = plan.unchanged().peekable();
    if unchanged.peek().is_none() {
        return;
    }
    put!(text, "Nothing happens to these accounts:\n\n");
    for (account, why) in unchanged {
        let line = text!("    {} {} {}", account.address, account.id, style.dim(why_unchanged(account, why)));
        putln!(text, "{}", style.wrapped(&line, "      "));
    }
    put!(text, "\n");
}

pub(in crate::render) fn why_unchanged(account: &PlannedAccount, why: &NoChange) -> String {
    match why {
        _ if !account.drift.is_empty() => account.drift.iter().map(drift::describe).collect::<Vec<_>>().join("; "),
        NoChange::Member => "is a member, as declared".to_owned(),
        NoChange::ManagementAccount => "is the management account".to_owned(),
        NoChange::MissingMember => "is declared as a member but is not in the organization".to_owned(),
        NoChange::Invited { handshake, until } => {
            let until = until.map_or_else(String::new, |at| format!(" until {at}"));
            format!("is invited ({handshake}); a person in the account may accept{until}")
        }
        NoChange::DepartedOnRecord { departed_at, record } => format!("left on {departed_at}, recorded in {record}"),
        NoChange::DepartedAsDeclared { departed } => format!("left on {departed}, as declared"),
        NoChange::NotTargeted if account.joining().is_some() => "may join, but no -target selects it".to_owned(),
        NoChange::NotTargeted => "is to be detached, but no -target selects it".to_owned(),
        NoChange::NotApproved => "is eligible, but the approval does not cover its current state".to_owned(),
    }
}

fn counts(text: &mut Text, plan: &Plan, style: Style) {
    put!(text, "{}", style.wrapped(&text!("{}", account_counts(plan)), "  "));
    baseline::counts(text, plan);
    putln!(text, "\nDigest: {}", style.dim(&plan.digest));
}
