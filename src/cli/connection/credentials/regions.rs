//! Regions that do not exist.

use crate::diag::closest;

use super::profiles::Place;
use super::source::Settings;

/// Regions of AWS's partitions (AWS General Reference, "Service endpoints"). AWS adds regions, so a region that is missing here is a hint,
/// not a proof.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-west-1",
    "us-west-2",
];

/// The region that the SDK uses, and what sets it. `None` if nothing does.
pub fn effective(region: Option<&str>, settings: &Settings<'_>) -> Option<(String, Place)> {
    let variable = |name: &'static str| Some(((settings.variable)(name)?, Place::Variable(name)));
    let of_profile = || {
        let profile = settings.profiles.profile(&settings.chosen().0)?;
        let set = profile.get("region")?;
        Some((set.value.clone(), set.place.clone()))
    };
    let given = region.map(|region| (region.to_owned(), Place::Provider("region")));
    given.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION")).or_else(of_profile)
}

/// A sentence about an unknown region. `None` if the region is known.
pub fn unknown(region: &str, place: &Place) -> Option<String> {
    if REGIONS.contains(&region) {
        return None;
    }
    let hint = closest(region, REGIONS).map_or_else(String::new, |known| format!(" Did you mean {known:?}?"));
    Some(format!("This version does not know the region {region:?}, which {place} sets.{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_leads_to_the_region_that_was_meant() {
        for (typed, meant) in
            [("us-esat-1", "us-east-1"), ("eu-wset-1", "eu-west-1"), ("us_east_1", "us-east-1"), ("US-EAST-2", "us-east-2")]
        {
            let said = unknown(typed, &Place::Variable("AWS_REGION")).unwrap();
            assert!(said.contains(&format!("Did you mean {meant:?}?")) && said.contains("AWS_REGION"), "{said}");
        }
        assert!(REGIONS.iter().all(|region| unknown(region, &Place::Default).is_none()));
    }
}
