//! What earlier runs left open, and journals that fail.

use super::*;
use crate::journal::Proof;
use crate::org::{Action, Approver, ApproverSource};

fn ada() -> Approver {
    Approver::new("ada", ApproverSource::Argument).unwrap()
}

/// A run that dies right after its call: the intent is open, and the account may have left.
async fn die_after_intent(world: &World, out: bool) {
    let run = world.ledger.begin(&LockHolder { id: "run-that-died".into(), ..holder() }).await.unwrap();
    run.began(NOW, &world.plan.digest, 1, "ci", &[ada()]).await.unwrap();
    run.intend(NOW, world.plan.eligible()[0], &world.plan.digest).await.unwrap();
    if out {
        world.fake.members.borrow_mut().remove(&id(A));
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_intent_of_an_account_that_is_out_gets_its_record() {
    let mut world = World::new(&[A]);
    die_after_intent(&world, true).await;
    let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
    let run = ledger.begin(&holder()).await.unwrap();
    let resolved = world.resolve_intents(&run).await;
    run.release().await.unwrap();
    world.ledger = ledger;
    assert_eq!(resolved.done, [(id(A), Action::Leave)]);
    let chain = world.chain().await;
    assert!(chain.open.is_empty());
    assert_eq!(chain.records[0].record.proof, Proof::FoundByLaterRun);
    assert_eq!(chain.records[0].record.approved_by, [ada()], "who approved the run that made the call");
    assert_eq!(world.fake.calls.borrow().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_open_intent_of_a_member_stays_open_and_is_carried_out_or_found_out_from_inside() {
    for stale in [0, 1] {
        let mut world = World::new(&[A]);
        die_after_intent(&world, stale == 1).await;
        // The management account still shows the account; the second time, that is outdated.
        world.fake.lag.borrow_mut().insert(id(A), stale);
        let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
        let run = ledger.begin(&holder()).await.unwrap();
        let resolved = world.resolve_intents(&run).await;
        assert_eq!(resolved.open.keys().copied().collect::<Vec<_>>(), [id(A)]);
        let report = world.execute(&run, &world.approved()).await;
        run.release().await.unwrap();
        world.ledger = ledger;
        assert_eq!(words(&report), ["done"]);
        assert_eq!(world.fake.calls.borrow().len(), 1 - stale as usize);
        assert_eq!(world.recorded().await, [A]);
        let approved_by = if stale == 1 { vec![ada()] } else { vec![] };
        assert_eq!(world.chain().await.records[0].record.approved_by, approved_by, "the approvers of the run that made the call");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_found_out_without_an_earlier_intent_is_held_back() {
    let world = World::new(&[A]);
    world.fake.members.borrow_mut().clear();
    assert_eq!(words(&world.apply().await), ["held back"]);
}

#[tokio::test(start_paused = true)]
async fn whatever_write_fails_the_chain_stays_whole_and_nothing_departs_without_an_intent() {
    for happens in [false, true] {
        for writes in 0..20 {
            let world = World::new(&[A, B, C]);
            world.ledger.store().writes_left.set(Some(writes));
            world.ledger.store().happens.set(happens);
            let run = world.ledger.begin(&holder()).await.unwrap();
            let client = Client(&world.fake);
            let (interrupted, unresolved) = (AtomicBool::new(false), BTreeMap::new());
            let context = RunContext {
                roster: &world.roster,
                observed: &world.observed,
                organization: &world.plan.organization,
                sandbox: false,
                digest: &world.plan.digest,
                operator: "ci",
                approved_by: &[],
                clock: &|| NOW,
                interrupted: &interrupted,
                deadline: None,
                records: &world.records,
                unresolved: &unresolved,
                patience: PATIENCE,
                parallelism: 2,
                pace: Pace::new(100),
                progress: &|_| {},
            };
            let executor = Executor { read: &client, write: &client, run: &run, context: &context };
            let report = executor.execute(&world.approved()).await;
            if let Ok(report) = &report {
                for (planned, outcome) in &report.outcomes {
                    let out = !world.fake.members.borrow().contains(&planned.id);
                    assert_eq!(out, outcome.took_effect(), "{happens} {writes}: {outcome:?}");
                }
            } else {
                assert!(world.fake.calls.borrow().is_empty());
            }
            let chain = world.chain().await;
            for account in [A, B, C] {
                let out = !world.fake.members.borrow().contains(&id(account));
                let known = chain.open.iter().any(|intent| intent.planned.id == id(account))
                    || chain.records.iter().any(|found| found.record.planned.id == id(account));
                assert!(!out || known, "{happens} {writes}: {account} left and nothing shows it");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_departs_twice_at_one_instant_has_two_records() {
    let world = World::new(&[A]);
    assert!(world.apply().await.is_complete());
    world.fake.members.borrow_mut().insert(id(A));
    assert!(world.apply().await.is_complete());
    assert_eq!(world.recorded().await, [A, A]);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_stale_answers_show_as_a_member_has_one_record() {
    for stale in 0..4 {
        let mut world = World::new(&[A]);
        assert!(world.apply().await.is_complete());
        // The next run begins while AWS still returns the previous state.
        world.records = world.ledger.latest_acts().await.unwrap();
        world.fake.lag.borrow_mut().insert(id(A), stale);
        let report = world.apply().await;
        assert_eq!(words(&report), ["done"], "{stale}");
        assert_eq!(world.recorded().await, [A]);
        assert!(world.chain().await.open.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_of_an_earlier_membership_does_not_stand_for_this_one() {
    let mut world = World::new(&[A]);
    assert!(world.apply().await.is_complete());
    world.records = world.ledger.latest_acts().await.unwrap();
    assert_eq!(world.ledger.departed().await.unwrap(), world.records.keys().copied().collect(), "the names of the records show it too");
    world.observed.accounts[0].joined_at = Some(NOW + jiff::SignedDuration::from_hours(1));
    world.fake.members.borrow_mut().insert(id(A));
    world.loses(A, error(ApiErrorKind::NotInOrganization, "AWSOrganizationsNotInUseException", None));
    assert!(world.apply().await.is_complete());
    assert_eq!(world.recorded().await, [A, A]);
}

/// What can happen to a run in addition to the delay of AWS's answers.
const TROUBLES: &[&str] = &["nothing", "a failed probe", "a role that can't be assumed", "a refusal", "a lost answer", "throttles"];

impl World {
    fn trouble(&mut self, name: &str) {
        let denied = error(ApiErrorKind::AccessDenied, "AccessDeniedException", None);
        match name {
            "a failed probe" => drop(self.fake.unsimulated.borrow_mut().insert(id(A), denied)),
            "a role that can't be assumed" => drop(self.fake.locked.borrow_mut().insert(id(A), denied)),
            "a refusal" => self.refuses(A, &[denied]),
            "a lost answer" => self.refuses(A, &[error(ApiErrorKind::NoAnswer, "reset", None)]),
            "throttles" => {
                self.timeout = Some(Duration::from_secs(3));
                self.refuses(A, &vec![error(ApiErrorKind::Throttled, "TooManyRequestsException", None); 50]);
            }
            _ => {}
        }
    }

    /// The trouble ends, and AWS's answers become consistent.
    fn clear(&mut self) {
        self.fake.unsimulated.borrow_mut().clear();
        self.fake.locked.borrow_mut().clear();
        self.fake.script.borrow_mut().clear();
        self.fake.lag.borrow_mut().clear();
        self.fake.stale.set(0);
        self.timeout = None;
    }

    /// A whole run: it resolves what is open, and then carries out the remaining acts.
    async fn run(&mut self) {
        let ledger = std::mem::replace(&mut self.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
        self.records = ledger.latest_acts().await.unwrap();
        let run = ledger.begin(&holder()).await.unwrap();
        let resolved = self.resolve_intents(&run).await;
        if resolved.done.is_empty() {
            self.execute(&run, &self.approved()).await;
        }
        run.release().await.unwrap();
        self.ledger = ledger;
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_befalls_the_next_run_within_the_lag_no_departure_is_lost_or_made_twice() {
    for out in [true, false] {
        for lag in [0, 1, 2, 3, 5, 1000] {
            for trouble in TROUBLES {
                let case = format!("{trouble}, the call took effect: {out}, lag: {lag}");
                let mut world = World::new(&[A]);
                die_after_intent(&world, out).await;
                if out {
                    world.fake.lag.borrow_mut().insert(id(A), lag);
                }
                world.fake.stale.set(lag);
                world.trouble(trouble);
                world.run().await;
                let chain = world.chain().await;
                let is_out = world.fake.members.borrow().is_empty();
                assert!(!is_out || chain.records.len() + chain.open.len() == 1, "{case}: {:?}", chain.open);
                assert!(is_out || chain.records.is_empty(), "{case}");
                if *trouble != "nothing" && chain.records.is_empty() {
                    assert_eq!(chain.open.len(), 1, "{case}: the first run's call may have been made");
                }

                world.clear();
                world.run().await;
                assert_eq!(world.recorded().await, [A], "{case}");
                assert!(world.chain().await.open.is_empty() && world.fake.members.borrow().is_empty(), "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_intent_is_closed_without_a_departure_only_when_a_member_is_shown_long_after() {
    for (minutes, closed) in [(59, false), (60, true)] {
        let mut world = World::new(&[A]);
        die_after_intent(&world, false).await;
        let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
        let run = ledger.begin(&holder()).await.unwrap();
        let now = NOW + jiff::SignedDuration::from_mins(minutes);
        let resolved = resolve_intents(&Client(&world.fake), &run, &world.observed, false, now, &mut BTreeMap::new()).await.unwrap();
        run.release().await.unwrap();
        world.ledger = ledger;
        assert_eq!((resolved.open.is_empty(), resolved.done.is_empty()), (closed, true));
        assert_eq!(world.chain().await.open.is_empty(), closed, "{minutes} minutes");
        assert!(world.recorded().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_stale_answers_led_to_gets_no_second_record() {
    let mut world = World::new(&[A]);
    assert!(world.apply().await.is_complete());
    // The next run sees the account as a member, intends its departure again, and dies.
    die_after_intent(&world, true).await;
    let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
    let mut records = ledger.latest_acts().await.unwrap();
    let run = ledger.begin(&holder()).await.unwrap();
    let gone = ObservedOrganization { accounts: Vec::new(), ..world.observed.clone() };
    let resolved = resolve_intents(&Client(&world.fake), &run, &gone, false, NOW, &mut records).await.unwrap();
    run.release().await.unwrap();
    world.ledger = ledger;
    assert_eq!(resolved, ResolvedIntents::default());
    assert_eq!(world.recorded().await, [A]);
    assert!(world.chain().await.open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_earlier_departure_that_ended_in_another_organization_is_recorded_unless_witnesses_contradict() {
    for lingers in [false, true] {
        let mut world = World::new(&[A]);
        die_after_intent(&world, true).await;
        world.fake.elsewhere.borrow_mut().insert(id(A), "o-anotherorgid".parse().unwrap());
        // The management account finds it when the run begins.
        world.fake.lag.borrow_mut().insert(id(A), 1);
        if lingers {
            world.fake.lingering.borrow_mut().insert(id(A));
        }
        let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
        let run = ledger.begin(&holder()).await.unwrap();
        world.resolve_intents(&run).await;
        let report = world.execute(&run, &world.approved()).await;
        run.release().await.unwrap();
        world.ledger = ledger;
        assert_eq!(words(&report), [if lingers { "unknown" } else { "done" }]);
        assert!(world.fake.calls.borrow().is_empty(), "it would be taken out of an organization that no plan names");
        assert_eq!(world.recorded().await.len(), usize::from(!lingers));
        assert_eq!(world.chain().await.open.len(), usize::from(lingers));
    }
}
