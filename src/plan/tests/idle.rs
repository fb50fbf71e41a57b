//! Settings that refer to accounts or policies that do not exist.

use super::*;

#[test]
fn a_protected_account_that_the_organization_does_not_have_is_named() {
    let listed = |ids: &str| format!("guardrails {{\n  protected_accounts = [{ids}]\n}}\n{}", member("crm", CRM.0));
    for (ids, named) in [
        ("\"333333333333\", \"111111111111\"", None),
        ("\"333333333333\", \"333333333334\"", Some("lists 333333333334, but no account")),
        ("\"333333333335\", \"333333333334\"", Some("lists 333333333334, 333333333335, but no accounts")),
    ] {
        let world = World::new(&listed(ids), &[CRM]);
        let (_, findings) = world.plan();
        let details: Vec<_> = findings.sorted().iter().map(|finding| finding.detail.to_string()).collect();
        assert_eq!(details.len(), usize::from(named.is_some()), "{details:?}");
        assert!(named.is_none_or(|named| details[0].contains(named)), "{details:?}");
        let places: Vec<_> = findings.sorted().iter().map(|finding| finding.primary.is_some()).collect();
        assert!(places.iter().all(|has_place| *has_place), "{details:?}");
    }
    // If only accounts that should leave were read, it is not known which others exist.
    let mut world = World::new(&listed("\"333333333334\""), &[CRM]);
    world.observed.accounts.retain(|account| account.id == id(CRM.0));
    assert_eq!(codes(&world.plan().1), []);
}

#[test]
fn an_advisory_policy_that_is_attached_nowhere_above_a_departure_is_named() {
    let listed =
        |policy: &str, account: String| format!("gate \"service_control_policy\" {{\n  advisory_policies = [\"{policy}\"]\n}}\n{account}");
    for (policy, account, wanted) in [
        ("p-FullAWSAccess", detached("crm", CRM.0), vec![]),
        ("p-other", detached("crm", CRM.0), vec![Code::NoEffect]),
        ("p-other", member("crm", CRM.0), vec![]),
    ] {
        let (_, findings) = World::new(&listed(policy, account), &[CRM]).plan();
        assert_eq!(codes(&findings), wanted, "{policy}");
        assert!(findings.sorted().iter().all(|finding| finding.primary.is_some() && finding.detail.to_string().contains(policy)));
    }
}
