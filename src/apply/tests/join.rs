//! Joinings: which accounts are invited, which invitation is accepted, and what counts as done.

use super::*;
use crate::api::{Quota, ReadJoining, TakeIn};
use crate::journal::Proof;
use crate::org::{JoinUnit, NamedUnit, Party, Probe, Provenance, UnitPath};

const UNIT: &str = "ou-ab12-workloads";

impl Fake {
    fn answer(&self, call: String, effect: impl FnOnce()) -> Result<Receipt, ApiError> {
        self.taking_in.borrow_mut().push(call);
        self.taken_in_at.borrow_mut().push(Instant::now());
        let answer = self.refusals.borrow_mut().pop_front();
        if answer.as_ref().is_none_or(|answer| answer.takes_effect) {
            effect();
        }
        answer.map_or_else(|| Ok(Receipt { request_id: Some("r-0".into()) }), |answer| Err(answer.error))
    }

    pub(super) fn come_in(&self, account: AccountId, handshake: &str) -> Result<Receipt, ApiError> {
        self.answer(format!("accept {handshake}"), || {
            self.members.borrow_mut().insert(account);
            self.units.borrow_mut().insert(account, "r-ab12".into());
            self.sent.borrow_mut().iter_mut().filter(|sent| sent.id == handshake).for_each(|sent| sent.state = "ACCEPTED".into());
        })
    }
}

impl ReadJoining for Client<'_> {
    async fn handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        self.0.listings.set(self.0.listings.get() + 1);
        Ok(self.0.sent.borrow().clone())
    }

    async fn handshake(&self, id: &str) -> Result<Option<Handshake>, ApiError> {
        if let Some(change) = *self.0.meanwhile.borrow() {
            self.0.sent.borrow_mut().iter_mut().filter(|sent| sent.id == id).for_each(change);
        }
        Ok(self.0.sent.borrow().iter().find(|sent| sent.id == id).cloned())
    }

    async fn unit_of(&self, id: AccountId) -> Result<Option<String>, ApiError> {
        Ok(self.0.units.borrow().get(&id).cloned())
    }
}

impl TakeIn for Client<'_> {
    async fn invite(&self, id: AccountId) -> Result<(String, Receipt), ApiError> {
        let handshake = format!("h-ours0000{}", self.0.sent.borrow().len());
        let receipt = self.0.answer(format!("invite {id}"), || {
            self.0.sent.borrow_mut().push(invitation(&id.to_string(), &handshake, "OPEN"));
        })?;
        Ok((handshake, receipt))
    }

    async fn tag_account(&self, id: AccountId, tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
        let tags: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        self.0.answer(format!("tag {id} {}", tags.join(",")), || {}).map(|_| ())
    }

    async fn move_account(&self, id: AccountId, from: &str, to: &str) -> Result<Receipt, ApiError> {
        self.0.answer(format!("move {id} {from} {to}"), || {
            self.0.units.borrow_mut().insert(id, to.into());
        })
    }
}

fn invitation(account: &str, handshake: &str, state: &str) -> Handshake {
    let party = |id: &str, kind: &str| Party { id: id.into(), kind: kind.into() };
    Handshake {
        id: handshake.into(),
        action: "INVITE".into(),
        state: state.into(),
        arn: format!("arn:aws:organizations::111111111111:handshake/o-exampleorgid/invite/{handshake}"),
        parties: vec![party("o-exampleorgid", "ORGANIZATION"), party(account, "ACCOUNT")],
        requested_at: Some(NOW),
        expires_at: Some("2026-12-07T09:00:00Z".parse().unwrap()),
    }
}

/// An organization that invites these accounts. `more` is added to their `join` blocks.
fn taking_in(accounts: &[&str], more: &str) -> World {
    let block = |account: &&str| {
        format!(
            "account \"a{account}\" {{\n  id = \"{account}\"\n  name = \"a{account}\"\n  membership = \"member\"\n  join {{\n    \
             reason = \"Acquired\"\n    on = \"2026-11-20\"\n    unit = \"{UNIT}\"\n    tags = {{ team = \"shop\" }}\n{}\n  }}\n}}\n",
            more.replace("ACCOUNT", account)
        )
    };
    let mut world = World::new(&[D]);
    let organization = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
    let text = format!("{organization}guardrails {{\n  max_joins = 100\n}}\n{}", accounts.iter().map(block).collect::<String>());
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.roster.hcl"), text).unwrap();
    world.sources = SourceMap::default();
    world.roster = config::load(directory.path(), &mut world.sources).unwrap().0;
    let mut management = live(id("111111111111"));
    management.joined_at = Some("2020-01-01T00:00:00Z".parse().unwrap());
    world.observed.accounts = vec![management];
    world.fake.members.borrow_mut().clear();
    let provenance = || Provenance { operation: "organizations:ListPoliciesForTarget".into(), account: id("111111111111"), at: NOW };
    let named = |id: &str, name: &str| NamedUnit { id: id.into(), name: name.into() };
    let path = UnitPath(vec![named("r-ab12", "Root"), named(UNIT, "Workloads")]);
    let unit = Probe::Seen { value: Some(JoinUnit { path, policies: BTreeMap::new() }), provenance: provenance() };
    world.observed.join_units = BTreeMap::from([(UNIT.to_owned(), unit)]);
    let quotas = Provenance { operation: "servicequotas:ListServiceQuotas".into(), account: id("111111111111"), at: NOW };
    world.observed.account_quota = Probe::Seen { value: 1000, provenance: quotas };
    world.observed.root.id = "r-ab12".into();
    see(&mut world);
    world
}

/// Reads the organization's invitations and members again.
fn see(world: &mut World) {
    let provenance = Provenance { operation: "organizations:ListHandshakesForOrganization".into(), account: id("111111111111"), at: NOW };
    world.observed.sent_handshakes = Probe::Seen { value: world.fake.sent.borrow().clone(), provenance };
    let members = world.fake.members.borrow().clone();
    world.observed.accounts.truncate(1);
    world.observed.accounts.extend(members.into_iter().map(live));
}

/// Plans with what the journal knows.
async fn plan_with_journal(world: &mut World) {
    see(world);
    let joinings = world.ledger.joinings().await.unwrap();
    let (records, now) = (world.chain().await.latest_acts(), NOW);
    let World { roster, sources, observed, .. } = &*world;
    let input =
        PlanInput { roster, sources, observed, records: &records, joinings: &joinings, targets: &[], now, sandbox: false, snapshot: None };
    world.plan = plan(&input).0;
}

/// One whole apply, which first resolves what is open.
async fn run(world: &mut World) -> ApplyReport {
    see(world);
    let ledger = std::mem::replace(&mut world.ledger, Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap()));
    let begun = ledger.begin(&holder()).await.unwrap();
    let resolved = resolve_intents(&Client(&world.fake), &begun, &world.observed, false, NOW, &mut BTreeMap::new()).await.unwrap();
    begun.release().await.unwrap();
    world.unresolved = resolved.open;
    world.ledger = ledger;
    plan_with_journal(world).await;
    world.apply().await
}

const ROLE: &str = "    accept_role {\n      arn = \"arn:aws:iam::ACCOUNT:role/Accept\"\n    }";

#[tokio::test(start_paused = true)]
async fn with_a_role_that_accepts_one_run_invites_accepts_tags_and_places() {
    let mut world = taking_in(&[A], ROLE);
    assert_eq!(words(&run(&mut world).await), ["done"]);
    assert_eq!(
        *world.fake.taking_in.borrow(),
        [format!("invite {A}"), "accept h-ours00000".into(), format!("tag {A} team=shop"), format!("move {A} r-ab12 {UNIT}")]
    );
    let chain = world.chain().await;
    assert_eq!((chain.records.len(), chain.open.len(), chain.records[0].record.proof), (1, 0, Proof::MemberInUnit));
    assert!(chain.records[0].name.contains(&format!("{A}-join-")), "{}", chain.records[0].name);
    assert_eq!(chain.records[0].record.planned.before.as_ref().map(|account| account.id), Some(id(A)));
    plan_with_journal(&mut world).await;
    assert!(world.plan.eligible().is_empty() && world.plan.blocked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_one_a_run_invites_once_and_the_next_one_places_who_came_in() {
    let mut world = taking_in(&[A], "");
    assert_eq!(words(&run(&mut world).await), ["invited"]);
    for _ in 0..2 {
        assert!(run(&mut world).await.outcomes.is_empty(), "there is nothing to do while the answer is awaited");
    }
    assert_eq!(*world.fake.taking_in.borrow(), [format!("invite {A}")]);
    world.fake.come_in(id(A), "h-ours00000").unwrap();
    assert_eq!(words(&run(&mut world).await), ["done"]);
    assert_eq!(world.fake.taking_in.borrow()[2..], [format!("tag {A} team=shop"), format!("move {A} r-ab12 {UNIT}")]);
    assert_eq!(world.recorded().await, [A]);
    assert!(run(&mut world).await.outcomes.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_decision_permits_one_invitation_however_it_ended() {
    for state in ["DECLINED", "CANCELED", "EXPIRED"] {
        let mut world = taking_in(&[A], "");
        run(&mut world).await;
        world.fake.sent.borrow_mut()[0].state = state.into();
        assert!(run(&mut world).await.outcomes.is_empty(), "{state}");
        assert_eq!(world.plan.blocked().len(), 1, "{state}");
        // AWS lists ended invitations for 30 days; the journal keeps them.
        world.fake.sent.borrow_mut().clear();
        run(&mut world).await;
        let blockers: Vec<_> = world.plan.blocked()[0].blockers().map(|gate| gate.gate.as_str()).collect();
        assert_eq!(blockers, ["join_decision"], "{state}");
        assert_eq!(*world.fake.taking_in.borrow(), [format!("invite {A}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_account_is_proven_before_anything_is_sent() {
    let stray = |world: &World| world.fake.wrong.borrow_mut().insert(id(A), id(B)).is_none();
    let elsewhere = |world: &World| world.fake.elsewhere.borrow_mut().insert(id(A), "o-strangerorgid".parse().unwrap()).is_none();
    let locked = |world: &World| {
        let denied = error(ApiErrorKind::AccessDenied, "AccessDenied", None);
        world.fake.locked.borrow_mut().insert(id(A), denied).is_none()
    };
    type Prepare<'p> = &'p dyn Fn(&World) -> bool;
    let cases: [(Prepare<'_>, &str); 3] = [(&stray, "accept_access"), (&elsewhere, "standing"), (&locked, "accept_access")];
    for (prepare, gate) in cases {
        let mut world = taking_in(&[A], ROLE);
        assert!(prepare(&world));
        let report = run(&mut world).await;
        let Outcome::HeldBack(against) = &report.outcomes[0].1 else { panic!("{report:?}") };
        assert_eq!(against.gate.as_str(), gate);
        assert!(world.fake.taking_in.borrow().is_empty() && world.recorded().await.is_empty() && world.chain().await.open.is_empty());
    }
    // Not in the one organization that the block names.
    let mut world = taking_in(&[A], &format!("    from = \"o-sourceorgid\"\n{ROLE}"));
    world.fake.elsewhere.borrow_mut().insert(id(A), "o-sourceorgid".parse().unwrap());
    assert_eq!(words(&run(&mut world).await), ["done"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_one_invitation_of_ours_is_accepted_and_another_accounts_is_none() {
    let mut world = taking_in(&[A], ROLE);
    let forged = Handshake {
        arn: "arn:aws:organizations::888888888888:handshake/o-exampleorgid/invite/h-aforged00".into(),
        ..invitation(A, "h-aforged00", "OPEN")
    };
    *world.fake.sent.borrow_mut() = vec![forged, invitation(B, "h-another00", "OPEN"), invitation(A, "h-byhand000", "OPEN")];
    assert_eq!(words(&run(&mut world).await), ["done"]);
    assert_eq!(world.fake.taking_in.borrow()[0], "accept h-byhand000", "one that a person sent is ours too");
    let mut world = taking_in(&[A], ROLE);
    *world.fake.sent.borrow_mut() = vec![invitation(A, "h-first0000", "OPEN"), invitation(A, "h-second000", "OPEN")];
    assert!(run(&mut world).await.outcomes.is_empty());
    assert_eq!(world.plan.blocked()[0].blockers().map(|gate| gate.gate.as_str()).collect::<Vec<_>>(), ["open_invitation"]);
}

/// The list that a plan was made from is minutes old when its invitation is accepted. What AWS shows about the invitation at that moment
/// decides.
#[tokio::test(start_paused = true)]
async fn an_invitation_is_accepted_as_it_is_shown_at_that_moment_and_no_list_is_read_for_it() {
    let changes: [fn(&mut Handshake); 5] = [
        |sent| sent.state = "CANCELED".into(),
        |sent| sent.expires_at = Some(NOW),
        |sent| sent.arn = sent.arn.replace("111111111111", "888888888888"),
        |sent| sent.parties[1].id = B.into(),
        |sent| sent.parties[0].id = "o-strangerorgid".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        // An invitation that a person sent, and one that the run itself sends.
        for sent in [true, false] {
            let mut world = taking_in(&[A], ROLE);
            world.fake.sent.borrow_mut().extend(sent.then(|| invitation(A, "h-byhand000", "OPEN")));
            *world.fake.meanwhile.borrow_mut() = Some(change);
            let report = run(&mut world).await;
            // An invitation that was canceled at once was still sent; a handshake that is not our invitation does not prove that ours was
            // sent.
            let expected = if sent || number < 2 { "not started" } else { "unknown" };
            assert_eq!(words(&report), [expected], "{number} {sent}: {report:?}");
            let calls = world.fake.taking_in.borrow().clone();
            assert!(calls.iter().all(|call| call.starts_with("invite")) && world.fake.accepted.borrow().is_empty(), "{calls:?}");
            assert!(world.recorded().await.is_empty() && world.fake.listings.get() == 0, "{number} {sent}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_in_under_another_name_stays_at_the_root_and_is_named() {
    let mut world = taking_in(&[A], "");
    run(&mut world).await;
    world.fake.come_in(id(A), "h-ours00000").unwrap();
    *world.fake.stranger.borrow_mut() = Some("somebody else".into());
    let report = run(&mut world).await;
    let Outcome::Stranger(who) = &report.outcomes[0].1 else { panic!("{report:?}") };
    assert!(who.contains("somebody else") && who.contains(&format!("a{A}")), "{who}");
    assert_eq!(world.fake.units.borrow()[&id(A)], "r-ab12");
    assert!(world.recorded().await.is_empty() && world.fake.taking_in.borrow().len() == 2, "no tag and no move");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_somebody_moved_is_recorded_and_left_there() {
    let mut world = taking_in(&[A], "");
    run(&mut world).await;
    world.fake.come_in(id(A), "h-ours00000").unwrap();
    world.fake.units.borrow_mut().insert(id(A), "ou-ab12-elsewhere".into());
    assert_eq!(words(&run(&mut world).await), ["done"]);
    assert_eq!(world.chain().await.records[0].record.proof, Proof::MemberElsewhere);
    assert_eq!(world.fake.units.borrow()[&id(A)], "ou-ab12-elsewhere");
}

#[tokio::test(start_paused = true)]
async fn lost_answers_lead_to_one_invitation_one_acceptance_and_one_record() {
    // The invitation, the acceptance, the tags and the move: each answer may be lost before or after its effect.
    for lost in 0..4 {
        for takes_effect in [true, false] {
            let mut world = taking_in(&[A], ROLE);
            // Earlier calls are answered.
            let fine = |_| Answer { error: error(ApiErrorKind::NoAnswer, "fine", None), takes_effect: true };
            world.fake.refusals.borrow_mut().extend((0..lost).map(fine));
            world.fake.refusals.borrow_mut().push_back(Answer { error: error(ApiErrorKind::NoAnswer, "timeout", None), takes_effect });
            assert_eq!(words(&run(&mut world).await), ["done"], "{lost} {takes_effect}");
            let calls = world.fake.taking_in.borrow().clone();
            let effective = world.fake.sent.borrow().len();
            assert_eq!((effective, world.recorded().await), (1, vec![A.to_owned()]), "{lost} {takes_effect}: {calls:?}");
            assert_eq!(world.fake.units.borrow()[&id(A)], UNIT);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_invitations_concern_their_account_or_stop_joinings_alone() {
    let cases = [
        ("DuplicateHandshakeException", None, vec!["refused", "invited"]),
        ("AccountOwnerNotVerifiedException", None, vec!["refused", "not started"]),
        ("FinalizingOrganizationException", None, vec!["refused", "not started"]),
        ("HandshakeConstraintViolationException", Some("HANDSHAKE_RATE_LIMIT_EXCEEDED"), vec!["refused", "not started"]),
        ("HandshakeConstraintViolationException", Some("SOMETHING_NEW"), vec!["refused", "not started"]),
        ("AccessDeniedException", None, vec!["refused", "not started"]),
    ];
    for (code, reason, expected) in cases {
        let mut world = taking_in(&[A, B], "");
        let kind = match code {
            "AccessDeniedException" => ApiErrorKind::AccessDenied,
            "HandshakeConstraintViolationException" => ApiErrorKind::Constraint,
            _ => ApiErrorKind::Other,
        };
        world.fake.refusals.borrow_mut().push_back(Answer { error: error(kind, code, reason), takes_effect: false });
        assert_eq!(words(&run(&mut world).await), expected, "{code} {reason:?}");
        assert!(world.chain().await.open.iter().all(|intent| intent.planned.id != id(A)), "nothing was sent to it");
    }
    // A duplicate that is ours was sent by an earlier call.
    let mut world = taking_in(&[A], "");
    world
        .fake
        .refusals
        .borrow_mut()
        .push_back(Answer { error: error(ApiErrorKind::Other, "DuplicateHandshakeException", None), takes_effect: true });
    assert_eq!(words(&run(&mut world).await), ["invited"]);
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_is_gone_leaves_the_account_at_the_root_and_the_next_run_goes_on() {
    let mut world = taking_in(&[A], ROLE);
    let fine = |_| Answer { error: error(ApiErrorKind::NoAnswer, "fine", None), takes_effect: true };
    world.fake.refusals.borrow_mut().extend((0..3).map(fine));
    let gone = error(ApiErrorKind::Other, "DestinationParentNotFoundException", None);
    world.fake.refusals.borrow_mut().push_back(Answer { error: gone, takes_effect: false });
    assert_eq!(words(&run(&mut world).await), ["refused"]);
    let open = world.chain().await.open.len();
    assert_eq!((world.fake.units.borrow()[&id(A)].as_str(), open), ("r-ab12", 1));
    assert_eq!(words(&run(&mut world).await), ["done"]);
    let recorded = world.recorded().await;
    assert_eq!((world.fake.sent.borrow().len(), recorded), (1, vec![A.to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_died_anywhere_is_gone_on_with() {
    /// How far the run got before it died: it intended, invited, received the answer, and the account joined.
    const STAGES: [(bool, bool, bool); 4] = [(false, false, false), (true, false, false), (true, true, false), (true, true, true)];
    for role in ["", ROLE] {
        for (invited, journaled, came_in) in STAGES {
            let mut world = taking_in(&[A], role);
            plan_with_journal(&mut world).await;
            let died = world.ledger.begin(&LockHolder { id: "run-that-died".into(), ..holder() }).await.unwrap();
            died.intend(NOW, world.plan.eligible()[0], &world.plan.digest).await.unwrap();
            if invited {
                Client(&world.fake).invite(id(A)).await.unwrap();
            }
            if journaled {
                let invitation = crate::org::SentInvitation { handshake: "h-ours00000".into(), until: None };
                died.invited(NOW, id(A), &invitation).await.unwrap();
            }
            died.release().await.unwrap();
            if came_in {
                world.fake.come_in(id(A), "h-ours00000").unwrap();
            }
            run(&mut world).await;
            if role.is_empty() && !came_in {
                world.fake.come_in(id(A), "h-ours00000").unwrap();
                run(&mut world).await;
            }
            let invitations = world.fake.taking_in.borrow().iter().filter(|call| call.starts_with("invite")).count();
            let acceptances = world.fake.taking_in.borrow().iter().filter(|call| call.starts_with("accept")).count();
            let stage = (role.is_empty(), invited, journaled, came_in);
            assert_eq!((invitations, acceptances, world.recorded().await), (1, 1, vec![A.to_owned()]), "{stage:?}");
            assert!(world.chain().await.open.is_empty() && world.fake.units.borrow()[&id(A)] == UNIT, "{stage:?}");
        }
    }
}

/// AWS's own token bucket: whether it admits calls at these times.
fn admits(Quota { rate, burst }: Quota, moments: &[Instant]) -> bool {
    let (mut tokens, mut last) = (f64::from(burst), moments[0]);
    moments.iter().all(|moment| {
        tokens = (tokens + moment.duration_since(last).as_secs_f64() * f64::from(rate)).min(f64::from(burst));
        last = *moment;
        tokens -= 1.0;
        tokens >= -1e-6
    })
}

#[tokio::test(start_paused = true)]
async fn a_hundred_joinings_keep_within_what_aws_admits_and_take_little_longer() {
    let accounts: Vec<_> = (0..100).map(|number| format!("3{number:011}")).collect();
    let accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
    let mut world = taking_in(&accounts, ROLE);
    let began = Instant::now();
    let report = run(&mut world).await;
    assert!(words(&report).iter().all(|word| *word == "done") && report.throttles == 0, "{:?}", words(&report));
    assert_eq!(world.fake.listings.get(), 0, "a list for each joining would grow with the square of their number");
    let calls: Vec<_> = world.fake.taking_in.borrow().iter().cloned().zip(world.fake.taken_in_at.borrow().iter().copied()).collect();
    for (call, operation) in
        [("invite", Operation::InviteAccountToOrganization), ("accept", Operation::AcceptHandshake), ("move", Operation::MoveAccount)]
    {
        let moments: Vec<_> = calls.iter().filter(|(name, _)| name.starts_with(call)).map(|(_, at)| *at).collect();
        let quota = operation.quota().unwrap();
        assert!(moments.len() == 100 && admits(quota, &moments), "{call}: {moments:?}");
        // The bucket in this test does refuse calls: one more call at each time is too many.
        let twice: Vec<_> = moments.iter().flat_map(|moment| [*moment, *moment]).collect();
        assert!(!admits(quota, &twice), "{call}");
    }
    // One after the other at the rates that AWS admits: 100 invitations, 100 acceptances, 100 moves.
    let floor = 100.0 / 3.0 + 100.0 / 5.0 + 100.0 / 2.0;
    assert!(began.elapsed().as_secs_f64() < floor * 1.2, "{:?}, and the floor is {floor} s", began.elapsed());
}
