//! Partitions of AWS.

/// The region of Organizations' endpoint and of its events in a partition (its endpoint rule set; Organizations user guide, "Logging and
/// monitoring"). `None` if AWS documents no region of the partition.
#[must_use]
pub fn home_region(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("us-east-1"),
        "aws-cn" => Some("cn-northwest-1"),
        "aws-us-gov" => Some("us-gov-west-1"),
        _ => None,
    }
}

/// The partition of most regions.
const COMMERCIAL: &str = "aws";

/// The prefixes of region names in the other partitions (AWS Fault Isolation Boundaries, "Partitions"; botocore's partitions.json).
const PARTITIONS: &[(&str, &str)] = &[
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
];

/// The partition of a region, by the prefix of its name.
#[must_use]
pub fn partition_of_region(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(start, _)| region.starts_with(start)).map_or(COMMERCIAL, |(_, partition)| partition)
}

/// Whether AWS has a partition of this name.
#[must_use]
pub fn is_partition(name: &str) -> bool {
    name == COMMERCIAL || PARTITIONS.iter().any(|(_, known)| *known == name)
}
