//! AWS Payments (API reference, version 2026-09-23), which has no published SDK crate. Once there is one, its client should replace this
//! file.

use serde::Deserialize;
use serde_json::json;

use crate::api::{ApiError, Operation, Pages};
use crate::org::PaymentInstrument;

use crate::aws::Aws;
use crate::aws::wire::error::translate;
use crate::aws::wire::json::Question;

const OPERATION: Operation = Operation::ListPaymentInstruments;

const INSTRUMENTS: Question = Question {
    operation: OPERATION,
    service_id: "Payments",
    signing_name: "payments",
    target: "AWSPayments.ListPaymentInstruments",
    version: "1.0",
    homes: &[
        ("aws", "us-east-1", "api.aws"),
        ("aws-cn", "cn-northwest-1", "api.amazonwebservices.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "api.aws"),
        ("aws-eusc", "eusc-de-east-1", "api.amazonwebservices.eu"),
    ],
};

/// A page of the answer. Ids, ARNs and times are not read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    payment_instrument_summaries: Vec<Summary>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    payment_method: String,
    status: String,
}

impl Aws {
    /// The payment instruments of the caller's account. The operation does not accept another one.
    pub(in crate::aws) async fn payment_instruments(&self) -> Result<Vec<PaymentInstrument>, ApiError> {
        let operation = self.question::<Page>(&INSTRUMENTS)?;
        let (mut instruments, mut pages) = (Vec::new(), Pages::new(OPERATION));
        loop {
            self.pace.wait(OPERATION).await;
            let page = operation
                .invoke(pages.token().map_or_else(|| json!({}), |next| json!({ "nextToken": next })))
                .await
                .map_err(|error| translate(OPERATION, &error))?;
            let found = page.payment_instrument_summaries;
            let more = pages.turn(found.len(), page.next_token)?;
            instruments.extend(found.into_iter().map(|found| PaymentInstrument { method: found.payment_method, status: found.status }));
            if !more {
                instruments.sort();
                return Ok(instruments);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_types::SdkConfig;
    use aws_types::region::Region;

    use super::*;
    use crate::aws::wire::json::Home;

    fn sdk(region: &str) -> aws_types::sdk_config::Builder {
        SdkConfig::builder().region(Region::new(region.to_owned()))
    }

    #[test]
    fn the_service_has_one_home_in_each_partition_and_the_environment_another_endpoint() {
        for (region, endpoint, signed_for) in [
            ("eu-west-1", "https://payments.us-east-1.api.aws", "us-east-1"),
            ("cn-north-1", "https://payments.cn-northwest-1.api.amazonwebservices.com.cn", "cn-northwest-1"),
            ("us-gov-east-1", "https://payments.us-gov-west-1.api.aws", "us-gov-west-1"),
        ] {
            let home = Home::of(&sdk(region).build(), &INSTRUMENTS).unwrap();
            assert_eq!((home.endpoint.as_str(), home.region.as_str()), (endpoint, signed_for));
        }
        let fips = Home::of(&sdk("us-east-1").use_fips(true).build(), &INSTRUMENTS).unwrap();
        assert_eq!(fips.endpoint, "https://payments-fips.us-east-1.api.aws");
        let elsewhere = Home::of(&sdk("eu-west-1").endpoint_url("http://127.0.0.1:4566").build(), &INSTRUMENTS).unwrap();
        assert_eq!((elsewhere.endpoint.as_str(), elsewhere.region.as_str()), ("http://127.0.0.1:4566", "us-east-1"));
        assert!(Home::of(&sdk("us-iso-east-1").build(), &INSTRUMENTS).is_err());
    }
}
