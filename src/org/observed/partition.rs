//! Partitions of AWS.

/// Where Organizations is, and its events are recorded, in a partition (its endpoint rule set; Organizations user guide, "Logging and
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
