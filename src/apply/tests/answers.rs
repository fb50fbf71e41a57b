//! The meaning of each AWS answer (API reference, errors of LeaveOrganization), and the effect of a lost one.

use super::*;
use crate::journal::Proof;

fn proof(report: &ApplyReport) -> Proof {
    match &report.outcomes[0].1 {
        Outcome::Done { proof, .. } => *proof,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn throttles_and_concurrent_modifications_are_repeated_with_growing_pauses() {
    let throttled = error(ApiErrorKind::Throttled, "TooManyRequestsException", None);
    let concurrent = error(ApiErrorKind::Concurrent, "ConcurrentModificationException", None);
    let world = World::new(&[A]);
    world.refuses(A, &[throttled.clone(), concurrent, throttled]);
    let report = world.apply().await;
    assert_eq!((words(&report), report.throttles, report.conflicts), (vec!["done"], 2, 1));
    let calls = world.fake.calls.borrow();
    let pauses: Vec<_> = calls.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert_eq!(pauses.len(), 3);
    for (pause, least) in pauses.iter().zip([1000, 1000, 2000]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_calls_at_most_once_a_second() {
    for kind in [ApiErrorKind::Throttled, ApiErrorKind::Unreachable, ApiErrorKind::ServiceFailure, ApiErrorKind::NoAnswer] {
        let world = World::new(&[A]);
        world.refuses(A, &vec![error(kind, "x", None); 3]);
        world.apply().await;
        for pair in world.fake.calls.borrow().windows(2) {
            assert!(pair[1].0 - pair[0].0 >= Duration::from_secs(1), "{kind:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_slows_everybody_down() {
    let world = World::new(&[A, B, C, D]);
    world.refuses(B, &[error(ApiErrorKind::Throttled, "TooManyRequestsException", None)]);
    assert!(world.apply().await.is_complete());
    let calls = world.fake.calls.borrow();
    let throttled = calls.iter().position(|(_, by)| *by == id(B)).unwrap();
    let ended = calls[throttled].0 + LATENCY;
    let after: Vec<_> = calls.iter().filter(|(at, _)| *at > ended).collect();
    assert!(after[0].0 - ended >= Duration::from_millis(450), "all calls wait");
    assert!(after[1].0 - after[0].0 >= Duration::from_millis(400), "and continue at half the pace");
}

#[tokio::test(start_paused = true)]
async fn aws_may_be_busy_for_minutes_and_what_it_turned_away_is_not_done() {
    let throttled = error(ApiErrorKind::Throttled, "TooManyRequestsException", None);
    let concurrent = error(ApiErrorKind::Concurrent, "ConcurrentModificationException", None);
    let unreachable = error(ApiErrorKind::Unreachable, "refused", None);
    for (turned_away, why) in [
        (vec![throttled.clone()], "AWS was busy: "),
        (vec![concurrent.clone()], "AWS was busy: "),
        (vec![throttled, concurrent], "AWS was busy: "),
        (vec![unreachable], "AWS could not be reached: "),
    ] {
        let world = World::new(&[A, B, C]);
        world.refuses(A, &turned_away.iter().cycle().take(500).cloned().collect::<Vec<_>>());
        let began = Instant::now();
        let report = world.apply().await;
        assert_eq!(words(&report), ["not done", "not started", "not started"], "{why}");
        assert!(began.elapsed() >= PATIENCE && began.elapsed() < PATIENCE * 2, "{:?}", began.elapsed());
        assert!(matches!(&report.outcomes[0].1, Outcome::NotDone(text) if text.starts_with(why)), "{:?}", report.outcomes[0].1);
        assert!(world.chain().await.open.is_empty(), "nothing can have taken effect");
        assert_eq!(world.not_begun.borrow().len(), 1);
    }
    // One successful call among many is enough.
    let world = World::new(&[A, B]);
    world.refuses(A, &vec![error(ApiErrorKind::Concurrent, "ConcurrentModificationException", None); 20]);
    assert_eq!(words(&world.apply().await), ["done", "done"]);
}

#[tokio::test(start_paused = true)]
async fn patience_ends_with_the_time_of_the_run() {
    let mut world = World::new(&[A, B]);
    world.timeout = Some(Duration::from_secs(30));
    world.refuses(A, &vec![error(ApiErrorKind::Throttled, "TooManyRequestsException", None); 500]);
    let began = Instant::now();
    let report = world.apply().await;
    assert_eq!(words(&report), ["not done", "not started"]);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert!(world.chain().await.open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn attempts_end_and_what_may_have_taken_effect_is_not_known() {
    for kind in [ApiErrorKind::NoAnswer, ApiErrorKind::ServiceFailure] {
        let world = World::new(&[A, B]);
        world.refuses(A, &vec![error(kind, "x", None); 500]);
        assert_eq!(words(&world.apply().await), ["unknown", "not started"]);
        assert_eq!(world.chain().await.open.len(), 1);
        assert!(world.recorded().await.is_empty());
    }
    // One such answer among many is enough to leave the intent open.
    let world = World::new(&[A]);
    let throttled = error(ApiErrorKind::Throttled, "TooManyRequestsException", None);
    world.refuses(A, &[error(ApiErrorKind::NoAnswer, "reset", None)]);
    world.refuses(A, &vec![throttled; 500]);
    assert_eq!(words(&world.apply().await), ["unknown"]);
    assert_eq!(world.chain().await.open.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_about_and_never_repeated_when_the_account_is_out() {
    for (kind, code) in
        [(ApiErrorKind::ServiceFailure, "ServiceException"), (ApiErrorKind::NoAnswer, "reset"), (ApiErrorKind::Malformed, "a page of HTML")]
    {
        let world = World::new(&[A]);
        world.loses(A, error(kind, code, None));
        let report = world.apply().await;
        assert_eq!((words(&report), proof(&report)), (vec!["done"], Proof::MemberNotInOrganization));
        assert_eq!(world.fake.calls.borrow().len(), 1, "{code}");

        let world = World::new(&[A]);
        world.refuses(A, &[error(kind, code, None)]);
        assert_eq!(words(&world.apply().await), ["done"]);
        assert_eq!(world.fake.calls.borrow().len(), 2, "{code}: the account had not left, so the call is repeated");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_after_a_lost_one_repeats_the_call_and_ends_in_one_departure() {
    let world = World::new(&[A]);
    world.fake.stale.set(2);
    world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
    let report = world.apply().await;
    assert_eq!((words(&report), world.fake.calls.borrow().len()), (vec!["done"], 2));
    assert_eq!(world.recorded().await, [A]);
}

/// Refusals that may answer a request that was resent in transit after the first one took effect.
fn refusals() -> [ApiError; 4] {
    [
        error(ApiErrorKind::Constraint, "ConstraintViolationException", Some("WAIT_PERIOD_ACTIVE")),
        error(ApiErrorKind::AccessDenied, "AccessDeniedException", None),
        error(ApiErrorKind::ExpiredCredentials, "ExpiredTokenException", None),
        error(ApiErrorKind::Other, "SomethingNewException", None),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_leaves_the_intent_open_until_aws_shows_the_account_out() {
    for refused in refusals() {
        let world = World::new(&[A]);
        world.refuses(A, &[error(ApiErrorKind::NoAnswer, "reset", None), refused.clone()]);
        assert_eq!(words(&world.apply().await), ["open"], "{refused}: the lost call may still take effect");
        assert_eq!(world.chain().await.open.len(), 1);

        for stale in 1..6 {
            let world = World::new(&[A]);
            world.fake.stale.set(stale);
            world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
            world.refuses(A, std::slice::from_ref(&refused));
            assert_eq!(words(&world.apply().await), ["done"], "{refused} {stale}");
            assert_eq!(world.recorded().await, [A]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_arrives_after_the_effect_is_not_believed() {
    for refused in refusals() {
        let world = World::new(&[A]);
        world.loses(A, refused.clone());
        assert_eq!(words(&world.apply().await), ["done"], "{refused}");
        assert_eq!((world.recorded().await, world.fake.calls.borrow().len()), (vec![A.to_owned()], 1));

        let world = World::new(&[A]);
        world.refuses(A, std::slice::from_ref(&refused));
        assert_eq!(words(&world.apply().await), ["refused"], "{refused}");
        assert!(world.chain().await.open.is_empty());

        // The state can't be read: the intent stays open, and the next run reads it.
        let world = World::new(&[A]);
        world.loses(A, refused.clone());
        world.fake.mute.set(1000);
        assert_eq!(words(&world.apply().await), ["open"], "{refused}");
        assert_eq!(world.chain().await.open.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn proof_comes_from_the_management_account_where_the_session_gives_none() {
    let expired = error(ApiErrorKind::ExpiredCredentials, "ExpiredTokenException", None);
    let denied = error(ApiErrorKind::AccessDenied, "AccessDeniedException", None);
    let malformed = ApiError::malformed("organizations:DescribeOrganization", "the answer has no usable Organization");
    for answer in [expired, denied, malformed] {
        let world = World::new(&[A]);
        world.fake.unusable.borrow_mut().insert(id(A), answer.clone());
        world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
        let report = world.apply().await;
        assert_eq!((words(&report), proof(&report)), (vec!["done"], Proof::ManagementDoesNotFindIt), "{answer}");
        assert_eq!(world.fake.calls.borrow().len(), 1);

        // The call never arrives, and the account's own answer says nothing: this is not a departure.
        let world = World::new(&[A]);
        world.fake.unusable.borrow_mut().insert(id(A), answer.clone());
        world.refuses(A, &vec![error(ApiErrorKind::NoAnswer, "reset", None); 500]);
        assert_eq!(words(&world.apply().await), ["unknown"], "{answer}");
        assert!(world.recorded().await.is_empty());
        assert_eq!(world.chain().await.open.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn witnesses_that_contradict_each_other_prove_nothing_and_no_call_is_repeated() {
    let world = World::new(&[A]);
    world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
    world.fake.elsewhere.borrow_mut().insert(id(A), "o-anotherorgid".parse().unwrap());
    world.fake.lingering.borrow_mut().insert(id(A));
    assert_eq!(words(&world.apply().await), ["unknown"]);
    assert_eq!(world.fake.calls.borrow().len(), 1);
    assert!(world.recorded().await.is_empty());
    assert_eq!(world.chain().await.open.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_joined_another_organization_meanwhile_is_not_called_again() {
    let world = World::new(&[A]);
    world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
    world.fake.elsewhere.borrow_mut().insert(id(A), "o-anotherorgid".parse().unwrap());
    let report = world.apply().await;
    assert_eq!(proof(&report), Proof::MemberInAnotherOrganization);
    assert_eq!(world.fake.calls.borrow().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_fails_is_asked_again_and_then_the_outcome_is_not_known() {
    let world = World::new(&[A]);
    world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
    world.fake.mute.set(3);
    assert_eq!(words(&world.apply().await), ["done"]);

    let world = World::new(&[A]);
    world.loses(A, error(ApiErrorKind::NoAnswer, "reset", None));
    world.fake.mute.set(1000);
    assert_eq!(words(&world.apply().await), ["unknown"]);
    assert_eq!(world.fake.calls.borrow().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn not_in_use_and_not_found_are_success_of_an_identity_that_was_proven() {
    for (kind, code) in [
        (ApiErrorKind::NotInOrganization, "AWSOrganizationsNotInUseException"),
        (ApiErrorKind::AccountNotFound, "AccountNotFoundException"),
    ] {
        let world = World::new(&[A]);
        world.loses(A, error(kind, code, None));
        assert_eq!(words(&world.apply().await), ["done"], "{code}");
        // The answer alone proves nothing: AWS still shows the account as a member.
        let world = World::new(&[A]);
        world.refuses(A, &[error(kind, code, None)]);
        assert_eq!(words(&world.apply().await), ["unknown"], "{code}");
        assert_eq!(world.fake.calls.borrow().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn success_waits_until_aws_shows_it() {
    let world = World::new(&[A]);
    world.fake.stale.set(5);
    assert_eq!(words(&world.apply().await), ["done"]);
    let world = World::new(&[A]);
    world.fake.stale.set(1000);
    assert_eq!(words(&world.apply().await), ["unknown"]);
    assert_eq!(world.chain().await.open.len(), 1, "the next run asks");
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_the_documented_list_is_final_and_closes_its_intent() {
    let reasons = [
        "ACCOUNT_CANNOT_LEAVE_ORGANIZATION",
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        "INVALID_PAYMENT_INSTRUMENT",
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        "WAIT_PERIOD_ACTIVE",
    ];
    let mut refusals: Vec<_> =
        reasons.iter().map(|reason| error(ApiErrorKind::Constraint, "ConstraintViolationException", Some(reason))).collect();
    refusals.push(error(ApiErrorKind::AccessDenied, "AccessDeniedException", None));
    refusals.push(error(ApiErrorKind::Other, "InvalidInputException", Some("CALLER_REQUIRED_FIELD_MISSING")));
    refusals.push(error(ApiErrorKind::Other, "MasterCannotLeaveOrganizationException", None));
    for refusal in refusals {
        let world = World::new(&[A]);
        world.refuses(A, std::slice::from_ref(&refusal));
        let report = world.apply().await;
        match &report.outcomes[0].1 {
            Outcome::Refused(found) => assert_eq!(found.code_and_reason, refusal.code_and_reason()),
            other => panic!("{refusal}: {other:?}"),
        }
        assert_eq!(world.fake.calls.borrow().len(), 1, "{refusal}");
        assert!(world.chain().await.open.is_empty() && world.recorded().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_what_was_attested_names_the_attestation() {
    let attested = "attestation {\n of = [\"payment_method\"]\n by = \"finance@example.com\"\n on = \"2026-11-20\"\n}";
    let world = World::with(&[A], attested, "");
    world.refuses(A, &[error(ApiErrorKind::Constraint, "ConstraintViolationException", Some("INVALID_PAYMENT_INSTRUMENT"))]);
    let report = world.apply().await;
    match &report.outcomes[0] {
        (planned, Outcome::Refused(refusal)) => {
            assert_eq!(refusal.contradicted(planned).unwrap(), "what finance@example.com attested on 2026-11-20");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_proven_by_the_management_account() {
    let world = World::with(&[A, B], "  via = \"remove\"", "");
    world.fake.stale.set(2);
    world.loses(B, error(ApiErrorKind::NoAnswer, "reset", None));
    let report = world.apply().await;
    assert_eq!((words(&report), proof(&report)), (vec!["done", "done"], Proof::ManagementDoesNotFindIt));
}
