//! The first account, the rest, the pace, and what ends a run early.

use super::*;

fn many(count: u64) -> Vec<String> {
    (0..count).map(|number| (200_000_000_000 + number).to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_first_goes_alone_and_the_rest_follow_within_parallelism_and_pace() {
    let ids = many(31);
    let mut world = World::new(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    world.parallelism = 4;
    world.fake.stale.set(2);
    let report = world.apply().await;
    assert!(report.is_complete());
    assert_eq!(report.outcomes.len(), 31);
    let calls = world.fake.calls.borrow().clone();
    let canary_ended = calls[0].0 + LATENCY;
    assert!(calls[1].0 > canary_ended, "the second call waits until the first account has left");
    for pair in calls.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= Duration::from_millis(200), "never more than five a second");
    }
    assert!(world.fake.most_flights.get() <= 4);
    assert_eq!(world.recorded().await.len(), 31);
}

#[tokio::test(start_paused = true)]
async fn at_the_cap_five_hundred_take_a_hundred_seconds_whatever_the_latency() {
    let ids = many(500);
    let world = World::new(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let report = world.apply().await;
    assert!(report.is_complete());
    let calls = world.fake.calls.borrow();
    let took = calls.last().unwrap().0 - calls[0].0;
    assert!(took <= Duration::from_secs_f64(499.0 / 5.0 / 0.95), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_its_own_passes_the_canary_on() {
    let world = World::new(&[A, B, C, D]);
    let payment = error(ApiErrorKind::Constraint, "ConstraintViolationException", Some("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"));
    let phone = error(ApiErrorKind::Constraint, "ConstraintViolationException", Some("ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"));
    world.refuses(A, &[payment]);
    world.refuses(B, &[phone]);
    world.fake.stale.set(1);
    let report = world.apply().await;
    assert_eq!(words(&report), ["refused", "refused", "done", "done"]);
    let calls = world.fake.calls.borrow().clone();
    assert!(calls[3].0 > calls[2].0 + Duration::from_secs(1), "C went first: D waited until C had left");
    assert_eq!(world.recorded().await, [C, D]);
}

#[tokio::test(start_paused = true)]
async fn what_may_concern_every_account_stops_new_work_and_flights_land() {
    let denied = error(ApiErrorKind::AccessDenied, "AccessDeniedException", None);
    let unlisted = error(ApiErrorKind::Other, "SomethingNewException", None);
    let unlisted_reason = error(ApiErrorKind::Constraint, "ConstraintViolationException", Some("SOMETHING_NEW"));
    for stop in [denied, unlisted, unlisted_reason] {
        let world = World::new(&[A, B, C]);
        world.refuses(A, std::slice::from_ref(&stop));
        let report = world.apply().await;
        assert_eq!(words(&report), ["refused", "not started", "not started"], "{stop}");
        assert_eq!(world.fake.calls.borrow().len(), 1);
        let not_begun = world.not_begun.borrow();
        assert_eq!((not_begun.len(), not_begun[0].0), (1, 2), "the reason is reported once");
        assert!(not_begun[0].1.contains("stopped the run"), "{not_begun:?}");
    }
    // Two are in flight when one is denied: the other finishes, and the last does not begin.
    let mut world = World::new(&[A, B, C, D]);
    world.parallelism = 2;
    world.fake.stale.set(3);
    world.refuses(B, &[error(ApiErrorKind::AccessDenied, "AccessDeniedException", None)]);
    assert_eq!(words(&world.apply().await), ["done", "refused", "done", "not started"]);
    assert_eq!(world.still_members(), [B, D]);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_can_not_be_assumed_holds_back_its_account_alone() {
    let world = World::new(&[A, B, C]);
    world.fake.locked.borrow_mut().insert(id(A), error(ApiErrorKind::AccessDenied, "AccessDenied", None));
    world.fake.wrong.borrow_mut().insert(id(C), id(B));
    let report = world.apply().await;
    assert_eq!(words(&report), ["held back", "done", "held back"]);
    assert_eq!(world.fake.calls_of(B), 1, "the session that leads into the wrong account makes no call");
    assert!(report.is_only_held_back() && !report.is_complete());
    assert!(world.chain().await.open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_proof_of_identity_there_is_no_call_even_where_the_gate_does_not_block() {
    let mut world = World::new(&[A]);
    world.fake.wrong.borrow_mut().insert(id(A), id(B));
    world.fake.members.borrow_mut().insert(id(B));
    for act in acts(&mut world.plan) {
        act.gates.retain(|result| result.gate != crate::org::GateName::MemberAccess && !result.is_deferred());
    }
    assert_eq!(words(&world.apply().await), ["not started"]);
    assert!(world.fake.calls.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_still_deferred_at_apply_or_has_no_block_is_not_carried_out() {
    let mut world = World::new(&[A, B]);
    let mut acts = acts(&mut world.plan);
    let gate = acts[0].gates.iter_mut().find(|result| result.gate == crate::org::GateName::NotBefore).unwrap();
    gate.verdict = crate::gate::Verdict::Deferred { because: "apply would have to find out".into() };
    world.roster.accounts.retain(|account| account.id != id(B));
    assert_eq!(words(&world.apply().await), ["held back", "not started"]);
    assert!(world.fake.calls.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_source_identity_is_the_plans_digest_where_the_role_takes_one() {
    let plain = World::new(&[A]);
    plain.apply().await;
    assert_eq!(*plain.fake.source_identities.borrow(), [None]);
    let named = World::with(&[A], "member_role {\n  name = \"Leaver\"\n  source_identity = true\n}", "");
    named.apply().await;
    let digest = named.plan.digest.to_string();
    assert_eq!(*named.fake.source_identities.borrow(), [digest.strip_prefix("sha256:").map(str::to_owned)]);
    assert_eq!(named.fake.source_identities.borrow()[0].as_ref().map(String::len), Some(64));
}

/// A world whose organization manages root users centrally.
fn centrally_managed(more: &str) -> World {
    let mut world = World::with(&[A, B], more, "");
    world.observed.service_access = Ok(BTreeSet::from(["iam.amazonaws.com".to_owned()]));
    for account in [A, B] {
        let provenance = crate::gate::testing::seen("iam:ListOrganizationsFeatures");
        world.observed.probes.entry(id(account)).or_default().central_root = crate::org::Probe::Seen { value: true, provenance };
    }
    world
}

#[tokio::test(start_paused = true)]
async fn a_root_user_without_a_password_holds_its_account_back_however_it_leaves() {
    for via in ["leave", "remove"] {
        let world = centrally_managed(&format!("via = \"{via}\""));
        world.fake.bare.borrow_mut().insert(id(A));
        let report = world.apply().await;
        assert_eq!(words(&report), ["held back", "done"], "{via}");
        assert!(report.outcomes[0].1.in_words(&report.outcomes[0].0).contains("root_credentials"));
        assert_eq!(*world.fake.audits.borrow(), [id(A), id(B)], "{via}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_root_session_is_opened_where_access_is_attested_or_the_run_has_audited_already() {
    let attested = "attestation {\n of = [\"root_access\"]\n by = \"x\"\n on = \"2026-11-20\"\n}";
    let world = centrally_managed(attested);
    world.fake.bare.borrow_mut().insert(id(A));
    assert_eq!(words(&world.apply().await), ["done", "done"]);
    assert!(world.fake.audits.borrow().is_empty());

    let mut world = centrally_managed("");
    for account in [A, B] {
        let provenance = crate::gate::testing::seen("iam:GetLoginProfile");
        let value = RootUser { password: true, mfa_devices: 1 };
        world.observed.probes.entry(id(account)).or_default().root = crate::org::Probe::Seen { value, provenance };
    }
    assert_eq!(words(&world.apply().await), ["done", "done"]);
    assert!(world.fake.audits.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_from_the_management_account_is_not_forgotten() {
    let mandatory = "}\ngate \"contact_information\" {\n  enforcement = \"mandatory\"";
    let denied = error(ApiErrorKind::AccessDenied, "AccessDeniedException", None);
    for (seen, expected) in [(false, "held back"), (true, "done")] {
        let mut world = World::with(&[A], "", mandatory);
        world.fake.uninformed.borrow_mut().insert(id(A), denied.clone());
        if seen {
            let provenance = crate::gate::testing::seen("account:GetContactInformation");
            let contact = crate::org::Probe::Seen { value: ContactInformation::default(), provenance };
            world.observed.probes.entry(id(A)).or_default().contact = contact;
        }
        assert_eq!(words(&world.apply().await), [expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_tools_own_expired_credentials_stop_the_run() {
    let world = World::new(&[A, B]);
    world.fake.locked.borrow_mut().insert(id(A), error(ApiErrorKind::ExpiredCredentials, "ExpiredToken", None));
    assert_eq!(words(&world.apply().await), ["refused", "not started"]);
}

#[tokio::test(start_paused = true)]
async fn a_members_session_that_expires_is_that_accounts_matter() {
    let expired = error(ApiErrorKind::ExpiredCredentials, "ExpiredTokenException", None);
    let world = World::new(&[A, B]);
    world.refuses(A, std::slice::from_ref(&expired));
    let report = world.apply().await;
    assert_eq!(words(&report), ["refused", "done"]);
    assert!(world.chain().await.open.is_empty());
    match &report.outcomes[0].1 {
        Outcome::Refused(refusal) => assert!(refusal.next_step.contains("session that was made in the account"), "{refusal:?}"),
        other => panic!("{other:?}"),
    }
    // The management account removes members with its own credentials, which concern every account.
    let world = World::with(&[A, B], "  via = \"remove\"", "");
    world.refuses(A, &[expired]);
    assert_eq!(words(&world.apply().await), ["refused", "not started"]);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_lets_flights_land_and_begins_nothing_new() {
    let mut world = World::new(&[A, B, C, D]);
    world.parallelism = 2;
    world.fake.stale.set(1);
    world.fake.interrupt_after.set(2);
    let report = world.apply().await;
    assert_eq!(words(&report), ["done", "done", "done", "not started"]);
    assert_eq!(world.recorded().await.len(), 3);
    assert!(world.chain().await.open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_while_aws_asks_for_patience_does_not_repeat_the_call() {
    let world = World::new(&[A]);
    world.refuses(A, &[error(ApiErrorKind::Throttled, "TooManyRequestsException", None)]);
    world.fake.interrupt_after.set(1);
    assert_eq!(words(&world.apply().await), ["not done"]);
    assert_eq!(world.fake.calls.borrow().len(), 1);
    assert!(world.chain().await.open.is_empty());

    let world = World::new(&[A]);
    world.refuses(A, &[error(ApiErrorKind::NoAnswer, "timeout", None)]);
    world.fake.interrupt_after.set(1);
    assert_eq!(words(&world.apply().await), ["unknown"], "an act that may have taken effect stays open");
    assert_eq!(world.chain().await.open.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_its_time_is_used_up_a_run_begins_nothing_new() {
    let ids = many(20);
    let mut world = World::new(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    (world.timeout, world.parallelism) = (Some(Duration::from_secs(2)), 1);
    let report = world.apply().await;
    let left = words(&report).iter().filter(|word| **word == "not started").count();
    assert!(left > 0 && left < 19, "{left}");
    assert_eq!(report.done().total() + left, 20);
    assert!(world.chain().await.open.is_empty());
    assert_eq!(*world.not_begun.borrow(), [(left, "the run's time is used up".to_owned())]);
}
