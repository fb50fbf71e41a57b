//! CloudTrail event histories.

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::api::{ApiError, LatestChanges, Operation, Pages, ReadTrail, SessionNames, read_change, read_event};
use crate::org::{MemberRole, TrailEvent, home_region};

use crate::aws::permissions::{Duty, session_policy};
use crate::aws::wire::error::{malformed, translate};
use crate::aws::{Aws, AwsWriter};

/// The event history of the credentials' account.
#[derive(Debug, Clone)]
pub struct Trail {
    client: aws_sdk_cloudtrail::Client,
    aws: Aws,
}

impl Aws {
    /// The event history of the account that calls Organizations.
    #[must_use]
    pub fn trail(&self, partition: &str) -> Trail {
        let config = aws_sdk_cloudtrail::config::Builder::from(&self.sdk)
            .region(aws_config::Region::new(home_region(partition).unwrap_or("us-east-1")))
            .interceptor(self.meter.clone())
            .build();
        Trail { client: aws_sdk_cloudtrail::Client::from_conf(config), aws: self.clone() }
    }
}

impl AwsWriter {
    /// The event history of an account that left, through a session of its member role that may read only the event history.
    ///
    /// # Errors
    ///
    /// Returns an error if the role can't be assumed.
    pub async fn member_trail(&self, arn: &str, role: &MemberRole, run: &str, partition: &str) -> Result<Trail, ApiError> {
        let (session, _) = self.0.assume_role_scoped(arn, role, SessionNames::of(run), session_policy(Duty::MemberTrail)).await?;
        Ok(session.trail(partition))
    }
}

impl Trail {
    /// The latest events with one name in CloudTrail's format, newest first, and whether there are more pages.
    async fn latest(&self, event: &str, from: Timestamp, to: Timestamp, pages: usize) -> Result<(Vec<String>, bool), ApiError> {
        const OPERATION: Operation = Operation::LookupEvents;
        let attribute = LookupAttribute::builder().attribute_key(LookupAttributeKey::EventName).attribute_value(event).build();
        let attribute = attribute.map_err(|_| malformed(OPERATION, "attribute"))?;
        let seconds = |at: Timestamp| DateTime::from_secs(at.as_second());
        let (mut found, mut list, mut read) = (Vec::new(), Pages::new(OPERATION), 0);
        loop {
            self.aws.pace.wait(OPERATION).await;
            let request = self.client.lookup_events().lookup_attributes(attribute.clone());
            let request = request.start_time(seconds(from)).end_time(seconds(to)).set_next_token(list.token());
            let page = request.send().await.map_err(|error| translate(OPERATION, &error))?;
            let texts = page.events.unwrap_or_default().into_iter().map(|event| event.cloud_trail_event).collect::<Option<Vec<_>>>();
            let texts = texts.ok_or_else(|| malformed(OPERATION, "CloudTrailEvent"))?;
            let more = list.turn(texts.len(), page.next_token)?;
            found.extend(texts);
            read += 1;
            if !more || read >= pages {
                return Ok((found, more));
            }
        }
    }
}

impl ReadTrail for Trail {
    async fn lookup(&self, event: &str, from: Timestamp, to: Timestamp) -> Result<Vec<TrailEvent>, ApiError> {
        let (texts, _) = self.latest(event, from, to, usize::MAX).await?;
        Ok(texts.iter().filter_map(|text| read_event(text)).collect())
    }

    async fn changes(&self, event: &str, from: Timestamp, to: Timestamp, pages: usize) -> Result<LatestChanges, ApiError> {
        let (texts, is_cut) = self.latest(event, from, to, pages).await?;
        Ok(LatestChanges { events: texts.iter().filter_map(|text| read_change(text)).collect(), is_cut })
    }
}
