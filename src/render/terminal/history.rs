//! Records of departures and joinings, and the commands that would undo each one.

use std::collections::BTreeMap;

use serde_json::json;

use crate::gate::Verdict;
use crate::journal::{Chain, Proof, Record, StoredRecord, Verification};
use crate::org::{GateName, Leaving, Placement, SERVICE_CONTROL_POLICY, SentInvitation, Transfer};
use crate::plan::{Kept, PlannedAccount, PlannedOrganization};

use crate::render::text::{putln, shell_word, text};
use crate::render::{Style, Text};

/// Lists every act on one line, oldest first.
#[must_use]
pub fn history(chain: &Chain, style: Style) -> Text {
    let mut text = Text::default();
    for found in &chain.records {
        let record = &found.record;
        let name = record.planned.display_name();
        let rehearsed = if record.sandbox { "  (rehearsal)" } else { "" };
        putln!(
            text,
            "{}  {}  {}  {}  {}, {}{}",
            record.effective_at,
            record.planned.id,
            style.bold(&record.planned.address),
            name,
            record.action.verbs().past,
            verified(found),
            rehearsed
        );
    }
    for intent in &chain.open {
        let address = style.bold(&intent.planned.address);
        let standing = match &intent.invited {
            Some(SentInvitation { handshake, until }) => {
                let until = until.map_or_else(String::new, |at| format!(" until {at}"));
                style.dim(format!("invited ({handshake}); the account may accept{until}"))
            }
            None => style.yellow("outcome unknown; the next apply asks AWS"),
        };
        putln!(text, "{}  {}  {}  {}", intent.at, intent.planned.id, address, standing);
    }
    if text.is_empty() {
        return Text::ours("There are no records.\n");
    }
    if !chain.records.is_empty() {
        putln!(text, "\nRecords: {}, head sha256:{}", chain.records.len(), chain.head());
    }
    text
}

const fn verified(found: &StoredRecord) -> &'static str {
    match &found.verified {
        None => "not verified with CloudTrail",
        Some((Verification::Proven, _)) => "proven by CloudTrail",
        Some((Verification::Contradicted, _)) => "contradicted by CloudTrail",
    }
}

/// Shows one act in full, with the commands that would undo it.
#[must_use]
pub fn record(found: &StoredRecord, style: Style) -> Text {
    let StoredRecord { name, hash, record, verified: _ } = found;
    let planned = &record.planned;
    let mut lines = vec![("account", format!("{} {}", planned.id, planned.display_name()))];
    lines.extend(planned.before.as_ref().map(|account| ("email", account.email.clone())));
    let PlannedOrganization { id, management_account_id, .. } = &record.organization;
    lines.push(("organization", format!("{id} of management account {management_account_id}")));
    let joins = record.action.is_joining();
    lines.extend(if joins { joined(record) } else { left(record) });
    lines.push(("proof", proof(record.proof).to_owned()));
    lines.push(("CloudTrail", verified(found).to_owned()));
    lines.extend(record.request_id.clone().map(|id| ("request id", id)));
    lines.push(("run", format!("{} by {}", record.run, record.operator)));
    lines.extend(record.approved_by.iter().map(|approver| ("approved by", approver.to_string())));
    lines.push(("plan", record.digest.0.clone()));
    lines.push(("record", format!("{name}, sha256:{hash}")));
    let mut text = text!("{}\n", style.bold(&planned.address));
    for (what, value) in lines {
        putln!(text, "  {:<16} {}", what, value);
    }
    putln!(
        text,
        "\n{}",
        if joins {
            "To detach the account again:"
        } else {
            "Leaving can't be undone. These commands would invite the account back and restore its unit, tags and policies:"
        }
    );
    for step in undo(record) {
        putln!(text, "    {}", step);
    }
    text
}

/// One line for each tag.
fn tags(tags: &BTreeMap<String, String>) -> impl Iterator<Item = (&'static str, String)> {
    tags.iter().map(|(key, value)| ("tag", format!("{key} = {value}")))
}

/// The lines that only a record of a joining has.
fn joined(record: &Record) -> Vec<(&'static str, String)> {
    let planned = &record.planned;
    let mut lines = Vec::new();
    if let Some(Placement { unit, path, tags: given }) = planned.placement() {
        lines.push(("unit", path.as_ref().map_or_else(|| unit.clone(), |path| format!("{path} ({unit})"))));
        lines.extend(tags(given));
    }
    lines.push((record.action.verbs().past, record.effective_at.to_string()));
    lines.push(("reason", planned.reason().to_owned()));
    if let Some(joining) = planned.joining() {
        lines.push(("decided", format!("on {}", joining.on)));
        let by = joining.accept_role.as_ref().map_or("a person in the account", |role| role.name.as_str());
        lines.push(("accepted by", by.to_owned()));
    }
    lines
}

/// The invitations that the `invitation` gate found, with their ARNs.
fn accepted_invitations(planned: &PlannedAccount) -> Vec<String> {
    let answers = planned.gates().iter().filter(|result| result.gate == GateName::Invitation);
    answers.flat_map(|result| result.basis.named().map(|(id, arn)| format!("{id} ({arn})")).collect::<Vec<_>>()).collect()
}

/// The lines that only a record of a departure has.
fn left(record: &Record) -> Vec<(&'static str, String)> {
    let planned = &record.planned;
    let kept = planned.act().map(|act| &act.kept);
    let mut lines = vec![("unit", planned.unit_path().map_or_else(|| "not known".to_owned(), ToString::to_string))];
    lines.extend(kept.into_iter().flat_map(|kept| tags(&kept.tags)));
    if are_tags_unknown(planned) {
        lines.push(("tags", "not known: they could not be read".to_owned()));
    }
    lines.extend(kept.into_iter().flat_map(attached).map(|(policy, kind)| ("policy", format!("{policy} ({kind})"))));
    if kept.is_none_or(|kept| kept.policies.is_none()) {
        lines.push(("policies", "not known, except for service control policies".to_owned()));
    }
    lines.push((record.action.verbs().past, format!("{} ({})", record.effective_at, record.action.operation())));
    lines.push(("reason", planned.reason().to_owned()));
    if let Some(Transfer { to, management_account_id, .. }) = planned.leaving().and_then(Leaving::transfer) {
        lines.push(("moved to", format!("{to} of management account {management_account_id}")));
        lines.extend(accepted_invitations(planned).into_iter().map(|accepted| ("invitation", accepted)));
    }
    for attestation in planned.leaving().into_iter().flat_map(|leaving| &leaving.attestations) {
        let kinds: Vec<_> = attestation.of.iter().map(ToString::to_string).collect();
        lines.push(("attested", format!("{} by {} on {}", kinds.join(", "), attestation.by, attestation.on)));
    }
    lines
}

const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::MemberNotInOrganization => "a session in the account reports that it is not in an organization",
        Proof::MemberInAnotherOrganization => "a session in the account reports that it is in another organization",
        Proof::ManagementDoesNotFindIt => "the management account no longer finds the account",
        Proof::MemberInTarget => "a session in the account reports that it is in the target organization",
        Proof::AcceptedAndOut => "AWS confirmed that the invitation is accepted, and the management account no longer finds the account",
        Proof::OutDestinationUnseen => "the management account no longer finds the account; which organization it joined could not be read",
        Proof::MemberInUnit => "the management account finds the account in the planned unit",
        Proof::MemberElsewhere => "the account is a member in another unit, to which someone else moved it",
        Proof::InvitationSent => "the organization lists the invitation",
        Proof::Member => "the management account finds the account among the members",
        Proof::FoundByLaterRun => "a later run no longer found the account among the members",
    }
}

/// The policies that AWS attaches to every account that joins, if their types are enabled.
const FULL_ACCESS: &[&str] = &["p-FullAWSAccess", "p-RCPFullAWSAccess"];

/// Policies that were attached to the account itself, each with its type, without those that every account gets.
fn attached(kept: &Kept) -> BTreeMap<&str, &str> {
    let direct = kept.service_control_policies.iter();
    let others = kept.policies.iter().flatten().map(|(policy, kind)| (policy.as_str(), kind.as_str()));
    let all = direct.map(|policy| (policy.as_str(), SERVICE_CONTROL_POLICY)).chain(others);
    all.filter(|(policy, _)| !FULL_ACCESS.contains(policy)).collect()
}

/// Whether the account may have had tags that could not be read.
fn are_tags_unknown(planned: &PlannedAccount) -> bool {
    planned.gates().iter().any(|result| result.gate == GateName::Tags && matches!(result.verdict, Verdict::Unknown { .. }))
}

/// The commands that would undo an act: invite the account back and restore its unit, tags and policies, or detach it again. Comments begin
/// with `#`.
#[must_use]
pub fn undo(record: &Record) -> Vec<String> {
    let planned = &record.planned;
    let id = planned.id;
    if record.action.is_joining() {
        return vec![
            format!("# set membership = \"detached\" in the block {}, with a reason and a name or email", planned.address),
            "orgroster plan".to_owned(),
        ];
    }
    let mut steps = vec![
        format!("# from the management account {}", record.organization.management_account_id),
        format!("aws organizations invite-account-to-organization --target Id={id},Type=ACCOUNT"),
        format!(
            "# from account {id}, with the handshake id that the invitation printed; AWS may refuse this for some time after a departure"
        ),
        "aws organizations accept-handshake --handshake-id h-...".to_owned(),
        "# from the management account".to_owned(),
    ];
    let path = planned.before.as_ref().and_then(|account| account.path.as_ref()).map_or(&[][..], |path| &path.0);
    match path {
        [root, .., unit] => steps.push(format!(
            "aws organizations move-account --account-id {id} --source-parent-id {} --destination-parent-id {}",
            shell_word(root),
            shell_word(unit)
        )),
        [_] => steps.push("# it was in the root, where an invited account arrives".to_owned()),
        [] => steps.push("# its organizational unit is not known".to_owned()),
    }
    let kept = planned.act().map(|act| &act.kept);
    if let Some(Kept { tags, .. }) = kept.filter(|kept| !kept.tags.is_empty()) {
        let tags: Vec<_> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        steps.push(format!("aws organizations tag-resource --resource-id {id} --tags {}", shell_word(Text::json(&json!(tags)).trim_end())));
    }
    if are_tags_unknown(planned) {
        steps.push("# its tags are not known: they could not be read".to_owned());
    }
    for policy in kept.into_iter().flat_map(attached).map(|(policy, _)| policy) {
        steps.push(format!("aws organizations attach-policy --policy-id {} --target-id {id}", shell_word(policy)));
    }
    if kept.is_none_or(|kept| kept.policies.is_none()) {
        steps.push("# its policies of other types are not known".to_owned());
    }
    steps.push("# it was not a delegated administrator: AWS does not let one leave".to_owned());
    steps.push(format!("# set membership = \"member\" in the block {}, or the next apply detaches it again", planned.address));
    steps
}
