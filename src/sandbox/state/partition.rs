//! Partitions: parts of AWS that share no accounts and have their own regions and ARNs.

use super::words::{Word, words};

words! {
    /// A partition, which is the second part of every ARN.
    Partition {
        /// The commercial regions.
        Aws = "aws",
        /// China.
        China = "aws-cn",
        /// GovCloud (US).
        GovCloud = "aws-us-gov",
        /// Isolated (US).
        Iso = "aws-iso",
        /// Isolated (US), B.
        IsoB = "aws-iso-b",
        /// Isolated (US), F.
        IsoF = "aws-iso-f",
    }
}

impl Partition {
    /// The region of Organizations, IAM and Account Management, where events of Organizations appear (the services' endpoints).
    #[must_use]
    pub const fn home_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-northwest-1",
            Self::GovCloud => "us-gov-west-1",
            Self::Iso => "us-iso-east-1",
            Self::IsoB => "us-isob-east-1",
            Self::IsoF => "us-isof-south-1",
        }
    }

    /// The partition of a region, by the form of its name.
    #[must_use]
    pub fn of_region(region: &str) -> Self {
        const PREFIXES: &[(&str, Partition)] = &[
            ("cn-", Partition::China),
            ("us-gov-", Partition::GovCloud),
            ("us-iso-", Partition::Iso),
            ("us-isob-", Partition::IsoB),
            ("us-isof-", Partition::IsoF),
        ];
        PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or(Self::Aws, |(_, partition)| *partition)
    }

    /// An ARN of IAM or STS in this partition: `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`.
    #[must_use]
    pub fn arn(self, service: &str, account: impl std::fmt::Display, resource: impl std::fmt::Display) -> String {
        format!("arn:{}:{service}::{account}:{resource}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_home_region_is_of_its_partition() {
        for (word, partition) in Partition::WORDS {
            assert_eq!(Partition::of_region(partition.home_region()), *partition, "{word}");
        }
        assert_eq!(Partition::of_region("eu-central-1"), Partition::Aws);
    }
}
