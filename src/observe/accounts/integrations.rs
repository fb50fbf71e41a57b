//! The items of integrated services for accounts that leave. A service is queried only if it has trusted access.

use std::collections::{BTreeMap, BTreeSet};

use tokio::join;

use crate::org::{Account, AccountId, Consequence, Held, ObservedOrganization, Probe, Probes, ReadFailure};

use crate::api::{ApiError, Operation, ReadIntegrations};

use crate::observe::accounts::probe::{seen_from, when};

/// Reads the items of integrated services for the accounts that should be detached.
pub async fn probe_integrations(
    api: &impl ReadIntegrations,
    observed: &ObservedOrganization,
    detached: &BTreeSet<AccountId>,
    regions: &[String],
) -> BTreeMap<AccountId, Probes> {
    let accounts: Vec<_> = detached.iter().filter_map(|id| observed.account(*id)).collect();
    let Ok(enabled) = &observed.service_access else { return BTreeMap::new() };
    let regions = if regions.is_empty() { vec![api.region()] } else { regions.to_vec() };
    let asking = Asking { api, regions: &regions, accounts: &accounts, observed };
    let is_on = |consequence: Consequence| !accounts.is_empty() && consequence.integrated_by(enabled).is_some();
    let zones = when(is_on(Consequence::ControlTower), asking.landing_zones()).await;
    let (stack_sets, permission_sets, baselines, roles, trails) = join!(
        when(is_on(Consequence::StackSets), asking.stack_sets()),
        when(is_on(Consequence::IdentityCenter), asking.permission_sets()),
        of_zones(zones.as_ref(), async |zones| asking.baselines(zones).await),
        of_zones(zones.as_ref(), async |zones| asking.zone_roles(zones).await),
        when(is_on(Consequence::OrganizationTrail), asking.trails()),
    );
    let probes = |account: &&Account| Probes {
        stack_sets: asking.look(account.id, stack_sets.as_ref(), &[Operation::ListStackInstances, Operation::ListStackSets]),
        permission_sets: asking.look(account.id, permission_sets.as_ref(), &[Operation::ListPermissionSetsProvisionedToAccount]),
        baselines: asking.look(account.id, baselines.as_ref(), &[Operation::ListEnabledBaselines]),
        landing_zone: match asking.look(account.id, roles.as_ref(), &[Operation::GetLandingZone]) {
            Probe::Seen { value, provenance } => Probe::Seen { value: value.items, provenance },
            Probe::Failed(unreadable) => Probe::Failed(unreadable),
            Probe::NotRun => Probe::NotRun,
        },
        organization_trails: asking.look(account.id, trails.as_ref(), &[Operation::DescribeTrails]),
        ..Probes::default()
    };
    accounts.iter().map(|account| (account.id, probes(account))).collect()
}

/// Queries landing zones, if Control Tower is integrated and its landing zones could be read.
async fn of_zones(
    zones: Option<&Result<Vec<(String, String)>, ReadFailure>>,
    ask: impl AsyncFn(&[(String, String)]) -> Holdings,
) -> Option<Holdings> {
    match zones? {
        Ok(zones) => Some(ask(zones).await),
        Err(unreadable) => Some(Err(unreadable.clone())),
    }
}

/// The items of a service by account, or the reason that they could not be read.
type Holdings = Result<BTreeMap<AccountId, Vec<String>>, ReadFailure>;

struct Asking<'a, A> {
    api: &'a A,
    regions: &'a [String],
    accounts: &'a [&'a Account],
    observed: &'a ObservedOrganization,
}

impl<A: ReadIntegrations> Asking<'_, A> {
    async fn stack_sets(&self) -> Holdings {
        let delegated = self.observed.called_from != self.observed.organization.management_account_id;
        let mut held = BTreeMap::<_, Vec<_>>::new();
        for region in self.regions {
            let sets = self.api.stack_sets_that_delete(region, delegated).await.map_err(ApiError::into_read_failure)?;
            for (set, account) in sets.iter().flat_map(|set| self.accounts.iter().map(move |account| (set, account.id))) {
                if self.api.has_stacks(region, delegated, set, account).await.map_err(ApiError::into_read_failure)? {
                    held.entry(account).or_default().push(format!("{set} ({region})"));
                }
            }
        }
        Ok(held)
    }

    async fn permission_sets(&self) -> Holdings {
        let mut held = BTreeMap::<_, Vec<_>>::new();
        let mut instances = 0;
        for region in self.regions {
            for instance in self.api.identity_centers(region).await.map_err(ApiError::into_read_failure)? {
                instances += 1;
                for account in self.accounts {
                    let sets = self.api.permission_sets(region, &instance, account.id).await.map_err(ApiError::into_read_failure)?;
                    held.entry(account.id).or_default().extend(sets);
                }
            }
        }
        if instances == 0 { Err(self.no_home(Operation::ListInstances, "Identity Center")) } else { Ok(held) }
    }

    /// Reads the organization's landing zones, each with its region.
    async fn landing_zones(&self) -> Result<Vec<(String, String)>, ReadFailure> {
        let mut zones = Vec::new();
        for region in self.regions {
            let here = self.api.landing_zones(region).await.map_err(ApiError::into_read_failure)?;
            zones.extend(here.into_iter().map(|arn| (region.clone(), arn)));
        }
        if zones.is_empty() { Err(self.no_home(Operation::ListLandingZones, "Control Tower")) } else { Ok(zones) }
    }

    async fn baselines(&self, zones: &[(String, String)]) -> Holdings {
        let regions: BTreeSet<_> = zones.iter().map(|(region, _)| region).collect();
        let mut held = BTreeMap::<_, Vec<_>>::new();
        for region in regions {
            for account in self.accounts {
                let baselines = self.api.enabled_baselines(region, &account.arn).await.map_err(ApiError::into_read_failure)?;
                held.entry(account.id).or_default().extend(baselines);
            }
        }
        Ok(held)
    }

    /// Reads the accounts on which landing zones depend.
    async fn zone_roles(&self, zones: &[(String, String)]) -> Holdings {
        let mut held = BTreeMap::<_, Vec<_>>::new();
        for (region, arn) in zones {
            for (role, account) in self.api.landing_zone_accounts(region, arn).await.map_err(ApiError::into_read_failure)? {
                held.entry(account).or_default().push(role);
            }
        }
        Ok(held)
    }

    /// Reads the organization trails. A trail for several regions is listed in each of them, and counted once.
    async fn trails(&self) -> Holdings {
        let mut trails = BTreeSet::new();
        for region in self.regions {
            trails.extend(self.api.organization_trails(region).await.map_err(ApiError::into_read_failure)?);
        }
        Ok(self.accounts.iter().map(|account| (account.id, trails.iter().cloned().collect())).collect())
    }

    /// The failure for a service that has trusted access, but has its home region elsewhere.
    fn no_home(&self, operation: Operation, service: &str) -> ReadFailure {
        let why = format!("the home region of {service} is not among {}; add it to provider.regions", self.regions.join(", "));
        ReadFailure { operation: operation.action().to_owned(), why, role: None, not_built_in: false }
    }

    /// The probe of an account, with the first of the operations that was called as its source.
    fn look(&self, account: AccountId, holdings: Option<&Holdings>, operations: &[Operation]) -> Probe<Held> {
        let called = |operation: &Operation| Some((*operation, self.api.answered(*operation, None)?));
        match (holdings, operations.iter().find_map(called)) {
            (Some(Err(unreadable)), _) => Probe::Failed(unreadable.clone()),
            (Some(Ok(held)), Some((operation, at))) => Probe::Seen {
                value: Held { items: held.get(&account).cloned().unwrap_or_default(), regions: self.regions.to_vec() },
                provenance: seen_from(self.observed.called_from, operation, at),
            },
            (None, _) | (Some(Ok(_)), None) => Probe::NotRun,
        }
    }
}
