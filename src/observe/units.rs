//! Names of organizational units.

use std::collections::{BTreeMap, BTreeSet};

use tokio::try_join;

use crate::api::{ApiError, ReadOrganization};
use crate::org::Account;

/// Reads the names of the organizational units above accounts.
///
/// Several units below one parent are read from the parent's list, 20 per page; a single unit is described. Both run concurrently: the two
/// operations have separate quotas, and the list's is more than twice as large (Organizations user guide, "Quotas and service limits").
///
/// # Errors
///
/// Returns the error of the first call that failed.
pub async fn unit_names(api: &impl ReadOrganization, accounts: &[Account]) -> Result<BTreeMap<String, String>, ApiError> {
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in accounts.iter().filter_map(|account| account.path.as_ref()) {
        let mut parent = "";
        for level in &path.0 {
            if level.starts_with("ou-") {
                below.entry(parent).or_default().insert(level);
            }
            parent = level;
        }
    }
    let (lists, alone): (Vec<_>, Vec<_>) = below.iter().partition(|(parent, units)| !parent.is_empty() && units.len() > 1);
    let listed = async {
        let mut names = BTreeMap::new();
        for (parent, _) in lists {
            names.extend(api.units_below(parent).await?);
        }
        Ok::<_, ApiError>(names)
    };
    let (mut names, described) = try_join!(listed, describe(api, alone.into_iter().flat_map(|(_, units)| units)))?;
    names.extend(described);
    // A unit that was moved between two answers of AWS is in no list.
    let moved: Vec<_> = below.values().flatten().filter(|unit| !names.contains_key(**unit)).collect();
    names.extend(describe(api, moved).await?);
    Ok(names)
}

async fn describe<'u>(
    api: &impl ReadOrganization,
    units: impl IntoIterator<Item = &'u &'u str>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let mut names = BTreeMap::new();
    for unit in units {
        names.insert((*unit).to_owned(), api.unit_name(unit).await?);
    }
    Ok(names)
}
