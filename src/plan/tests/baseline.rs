//! A plan compared with that of the target branch.

use super::*;

#[test]
fn a_baseline_tells_what_a_change_introduces_from_what_was_pending() {
    let not_yet = detached("lab", LAB.0).replace("reason", "not_before = \"2026-12-01T00:00:00Z\"\n  reason");
    let both = [CRM, SHOP, LAB];
    let before = World::new(&(detached("crm", CRM.0) + &not_yet + ROOM), &both).only_plan();
    let after = World::new(&(detached("crm", CRM.0) + &detached("shop", SHOP.0) + &not_yet + ROOM), &both).only_plan();
    let comparison = Comparison::of(&after, &before).unwrap();
    let expected = [(id(CRM.0), BaselineStatus::Pending), (id(SHOP.0), BaselineStatus::Introduced), (id(LAB.0), BaselineStatus::Pending)];
    assert_eq!(comparison.accounts, BTreeMap::from(expected));
    assert_eq!((comparison.withdrawn, comparison.changes), (vec![], vec![]));
    assert_eq!((comparison.digest, comparison.planned_at), (before.digest, NOW));
}

#[test]
fn a_baseline_shows_changed_declarations_and_settings_and_what_turned() {
    let blocks = detached("crm", CRM.0);
    let plan = |blocks: &str| World::new(blocks, &[CRM, SHOP]).only_plan();
    let protected = blocks.clone() + &format!("guardrails {{\n  protected_accounts = [\"{}\"]\n}}\n", CRM.0);
    let since = |after: &str, before: &str| {
        let comparison = Comparison::of(&plan(after), &plan(before)).unwrap();
        let what: Vec<_> = comparison.changes.iter().map(|change| change.what.clone()).collect();
        (comparison.accounts[&id(CRM.0)], what)
    };
    assert_eq!(since(&blocks, &protected), (BaselineStatus::Unblocked, vec!["the guardrails change".to_owned()]));
    assert_eq!(since(&protected, &blocks), (BaselineStatus::Blocked, vec!["the guardrails change".to_owned()]));
    let sold = blocks.replace("Divested", "Sold");
    assert_eq!(since(&sold, &blocks), (BaselineStatus::Redeclared, vec!["the declaration of account.crm changes".to_owned()]));
    let lowered = blocks.clone() + "gate \"root_access\" {\n  enforcement = \"off\"\n}\n";
    assert_eq!(since(&lowered, &blocks), (BaselineStatus::Pending, vec!["the enforcements of gates change".to_owned()]));
}

#[test]
fn a_departure_that_a_change_withdraws_is_named_and_one_that_was_carried_out_is_not() {
    let before = World::new(&(detached("crm", CRM.0) + &detached("shop", SHOP.0) + ROOM), &[CRM, SHOP]).only_plan();
    let mut world = World::new(&(detached("crm", CRM.0) + &member("shop", SHOP.0) + ROOM), &[SHOP]);
    world.records.insert(id(CRM.0), on_record());
    let comparison = Comparison::of(&world.only_plan(), &before).unwrap();
    assert_eq!(comparison.withdrawn, [FormerBlock { address: Address::new("shop"), id: id(SHOP.0), name: "shop".into() }]);

    let mut targeted = World::new(&(detached("crm", CRM.0) + &detached("shop", SHOP.0) + ROOM), &[CRM, SHOP]);
    targeted.targets = vec![Address::new("crm")];
    assert_eq!(Comparison::of(&targeted.only_plan(), &before).unwrap().withdrawn, []);
    assert_eq!(Comparison::of(&before, &targeted.only_plan()).unwrap_err(), BaselineError::Incomplete);
}

#[test]
fn a_plan_of_another_organization_or_of_the_sandbox_is_no_baseline() {
    let plan = World::new(&detached("crm", CRM.0), &[CRM]).only_plan();
    let mut other = World::new(&detached("crm", CRM.0), &[CRM]);
    other.observed.organization.id = "o-anotherorgid".parse().unwrap();
    assert!(matches!(Comparison::of(&plan, &other.only_plan()), Err(BaselineError::OtherOrganization { .. })));
    let mut rehearsal = World::new(&detached("crm", CRM.0), &[CRM]);
    rehearsal.sandbox = true;
    assert_eq!(Comparison::of(&plan, &rehearsal.only_plan()).unwrap_err(), BaselineError::Rehearsal);
}

#[test]
fn a_baseline_changes_neither_digest_nor_what_apply_carries_out() {
    let fresh = World::new(&detached("crm", CRM.0), &[CRM]).only_plan();
    let compared = Plan { baseline: Some(Comparison::of(&fresh, &fresh).unwrap()), ..fresh.clone() };
    keep(&compared);
    let read = PlanFile::parse(PlanFile::of(&compared).to_json().unwrap().as_bytes()).unwrap().orgroster;
    assert_eq!((&read, &read.digest), (&compared, &fresh.digest));
    assert_eq!(agree(&read, &fresh).unwrap(), Reconciled::of_fresh(&fresh));
}

#[test]
fn a_joining_is_withdrawn_with_its_block_and_not_by_the_invitation_that_it_led_to() {
    let block = member("shop", SHOP.0);
    let joining = block.replacen("}\n", "  name = \"shop\"\n  join {\n    reason = \"Acquired\"\n    on = \"2026-11-20\"\n  }\n}\n", 1);
    assert_ne!(block, joining);
    let before = World::new(&joining, &[]).only_plan();
    assert_eq!(before.acts().len(), 1);
    // By now it has joined, as its block declares.
    let joined = World::new(&joining, &[SHOP]).only_plan();
    assert_eq!(Comparison::of(&joined, &before).unwrap().withdrawn, []);
    let gone = World::new(&block, &[]).only_plan();
    assert_eq!(Comparison::of(&gone, &before).unwrap().withdrawn.len(), 1);
}
