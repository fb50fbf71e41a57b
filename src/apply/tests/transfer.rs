//! Accounts that move to another organization: which invitation is accepted, with which session, and what counts as done.

use super::*;
use crate::journal::Proof;
use crate::org::{Action, Party};

const TO: &str = "o-targetorgid";
const STRANGER: &str = "o-strangerorgid";

/// These accounts move to `o-targetorgid`, and each has an invitation from it.
fn moving(accounts: &[&str]) -> World {
    let block = format!("  via = \"transfer\"\n  to = \"{TO}\"");
    let world = World::with(accounts, &block, &format!("transfer_targets = {{ \"{TO}\" = \"999999999999\" }}"));
    for account in accounts {
        invite(&world, account, vec![invitation(account, TO, "h-ours00000")]);
    }
    world
}

fn invite(world: &World, account: &str, invitations: Vec<Handshake>) {
    world.fake.invitations.borrow_mut().insert(id(account), invitations);
}

fn invitation(account: &str, organization: &str, handshake: &str) -> Handshake {
    let sender = if organization == TO { "999999999999" } else { "888888888888" };
    let party = |id: &str, kind: &str| Party { id: id.into(), kind: kind.into() };
    Handshake {
        id: handshake.into(),
        action: "INVITE".into(),
        state: "OPEN".into(),
        arn: format!("arn:aws:organizations::{sender}:handshake/{organization}/invite/{handshake}"),
        parties: vec![party(organization, "ORGANIZATION"), party(account, "ACCOUNT")],
        expires_at: Some("2026-12-07T09:00:00Z".parse().unwrap()),
        requested_at: None,
    }
}

fn outcome(report: &ApplyReport) -> &Outcome {
    &report.outcomes[0].1
}

async fn proofs(world: &World) -> Vec<Proof> {
    world.chain().await.records.iter().map(|found| found.record.proof).collect()
}

#[tokio::test(start_paused = true)]
async fn the_targets_invitation_is_accepted_whatever_stands_before_it() {
    let world = moving(&[A]);
    let mut by_mail = invitation(A, TO, "h-bymail000");
    by_mail.parties[1] = Party { id: "a@example.com".into(), kind: "EMAIL".into() };
    let expired = Handshake { expires_at: Some(NOW), ..invitation(A, TO, "h-expired00") };
    let stranger = invitation(A, STRANGER, "h-strangers0");
    invite(&world, A, vec![stranger, by_mail, expired, invitation(A, TO, "h-ours00000")]);
    let report = world.apply().await;
    assert_eq!(words(&report), ["done"]);
    assert_eq!(*world.fake.accepted.borrow(), ["arn:aws:organizations::999999999999:handshake/o-targetorgid/invite/h-ours00000"]);
    assert_eq!(proofs(&world).await, [Proof::MemberInTarget]);
    assert_eq!(world.chain().await.records[0].record.action, Action::Transfer);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_accepted_that_is_not_the_one_open_invitation_of_the_target() {
    let several = vec![invitation(A, TO, "h-first0000"), invitation(A, TO, "h-second000")];
    let of_another_account = vec![invitation(B, TO, "h-ours00000")];
    let mut forged = invitation(A, STRANGER, "h-forged000");
    forged.parties[0].id = TO.into();
    for invitations in [vec![], vec![invitation(A, STRANGER, "h-strangers0")], several, of_another_account, vec![forged]] {
        let world = moving(&[A]);
        invite(&world, A, invitations.clone());
        let report = world.apply().await;
        let Outcome::HeldBack(gate) = outcome(&report) else { panic!("{invitations:?}: {report:?}") };
        assert_eq!(gate.gate.as_str(), "invitation");
        assert!(world.fake.calls.borrow().is_empty() && world.fake.accepted.borrow().is_empty());
        assert_eq!(world.still_members(), [A], "it did not become standalone either");
        assert!(world.recorded().await.is_empty() && world.chain().await.open.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_session_that_accepts_is_proven_itself() {
    let world = moving(&[A]);
    world.fake.members.borrow_mut().insert(id(B));
    world.fake.strays.borrow_mut().insert(id(A), id(B));
    let report = world.apply().await;
    assert_eq!(words(&report), ["not started"]);
    assert!(world.fake.calls.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn another_organization_than_the_declared_one_is_no_success() {
    for (elsewhere, says) in [(Some(STRANGER), STRANGER), (None, "in no organization")] {
        let world = moving(&[A]);
        world.loses(A, error(ApiErrorKind::NoAnswer, "timeout", None));
        world.fake.elsewhere.borrow_mut().extend(elsewhere.map(|found| (id(A), found.parse().unwrap())));
        if elsewhere.is_none() {
            world.fake.vanishes.set(true);
        }
        let report = world.apply().await;
        let Outcome::Unknown(why) = outcome(&report) else { panic!("{report:?}") };
        assert!(why.contains(says) && why.contains("not in o-targetorgid"), "{why}");
        assert!(world.recorded().await.is_empty());
        assert_eq!(world.fake.accepted.borrow().len(), 1, "no second call from an organization that no plan names");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_new_organization_denies_the_question_the_answer_and_the_old_one_prove_it() {
    let denied = || error(ApiErrorKind::AccessDenied, "AccessDeniedException", None);
    for (lost, expected) in [(false, Proof::AcceptedAndOut), (true, Proof::OutDestinationUnseen)] {
        let world = moving(&[A]);
        world.fake.unusable.borrow_mut().insert(id(A), denied());
        if lost {
            world.loses(A, error(ApiErrorKind::NoAnswer, "timeout", None));
        }
        assert_eq!(words(&world.apply().await), ["done"]);
        assert_eq!((proofs(&world).await, world.fake.accepted.borrow().len()), (vec![expected], 1));
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_accepted_already_is_looked_into() {
    for moved in [true, false] {
        let world = moving(&[A]);
        let already = error(ApiErrorKind::AlreadyInState, "HandshakeAlreadyInStateException", None);
        if moved {
            world.loses(A, already)
        } else {
            world.refuses(A, &[already])
        }
        let report = world.apply().await;
        assert_eq!(words(&report), [if moved { "done" } else { "unknown" }]);
        assert_eq!(world.recorded().await.len(), usize::from(moved));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_belongs_to_its_account_and_the_next_one_goes_on() {
    for (kind, code, reason) in [
        (ApiErrorKind::AccessDenied, "AccessDeniedException", None),
        (ApiErrorKind::Other, "InvalidHandshakeTransitionException", None),
        (ApiErrorKind::Constraint, "HandshakeConstraintViolationException", Some("ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED")),
    ] {
        let world = moving(&[A, B]);
        world.refuses(A, &[error(kind, code, reason)]);
        assert_eq!(words(&world.apply().await), ["refused", "done"], "{code}");
    }
    let world = moving(&[A, B]);
    world.refuses(A, &[error(ApiErrorKind::Constraint, "HandshakeConstraintViolationException", Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED"))]);
    assert_eq!(words(&world.apply().await), ["refused", "not started"], "the inviting organization is full for every account");
}

/// A run that dies after its intent, and perhaps after its call.
async fn die(world: &World) {
    let run = world.ledger.begin(&LockHolder { id: "run-that-died".into(), ..holder() }).await.unwrap();
    run.intend(NOW, world.plan.eligible()[0], &world.plan.digest).await.unwrap();
}

async fn resolved_after_death(world: &mut World) -> ResolvedIntents {
    die(world).await;
    let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
    let run = ledger.begin(&holder()).await.unwrap();
    let resolved = world.resolve_intents(&run).await;
    run.release().await.unwrap();
    world.ledger = ledger;
    resolved
}

#[tokio::test(start_paused = true)]
async fn a_waiting_invitation_is_not_resolved_as_a_departure() {
    let mut world = moving(&[A]);
    let resolved = resolved_after_death(&mut world).await;
    assert_eq!((resolved.done.len(), resolved.open.len()), (0, 1));
    assert!(world.recorded().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_did_is_resolved_by_where_the_account_is() {
    let denied = error(ApiErrorKind::AccessDenied, "AccessDenied", None);
    for (found, locked, expected) in [
        (Some(TO), None, Some(Proof::MemberInTarget)),
        (Some(TO), Some(denied), Some(Proof::OutDestinationUnseen)),
        (Some(STRANGER), None, None),
        (None, None, None),
    ] {
        let mut world = moving(&[A]);
        world.fake.members.borrow_mut().clear();
        world.fake.elsewhere.borrow_mut().extend(found.map(|found| (id(A), found.parse().unwrap())));
        world.fake.locked.borrow_mut().extend(locked.map(|error| (id(A), error)));
        let resolved = resolved_after_death(&mut world).await;
        assert_eq!(resolved.done.len(), usize::from(expected.is_some()), "{found:?}");
        assert!(resolved.open.is_empty() && world.chain().await.open.is_empty());
        assert_eq!(proofs(&world).await, expected.into_iter().collect::<Vec<_>>());
        assert!(world.fake.accepted.borrow().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_only_leaving_is_denied_to_goes_alone_after_the_others() {
    let mut world = moving(&[A, B, C]);
    let denied = r#"{"Statement":{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}}"#;
    crate::gate::testing::attach(world.observed.policies.as_mut().unwrap(), A, "Freeze", denied);
    world.plan_again();
    let tried: Vec<_> =
        world.approved().iter().filter(|planned| planned.gates().iter().any(|gate| gate.is_tried())).map(|it| it.id).collect();
    assert_eq!(tried, [id(A)]);
    assert!(world.apply().await.is_complete());
    assert_eq!(world.fake.calls.borrow().last().map(|(_, by)| *by), Some(id(A)));
}
