//! The signer of a request: the `Authorization` header of Signature Version 4. The signature itself is not verified.

use super::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The credential scope of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The access key id.
    pub access_key: String,
    /// The region that the request was signed for.
    pub region: String,
    /// The service's signing name, such as `organizations`.
    pub service: String,
}

impl Scope {
    /// Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`.
    ///
    /// # Errors
    ///
    /// Returns `MissingAuthenticationToken` without a header, and `IncompleteSignature` if the header has another form.
    pub fn read(authorization: Option<&str>) -> Result<Self, Refusal> {
        let header = authorization.ok_or_else(missing)?.trim();
        let parameters =
            header.strip_prefix(ALGORITHM).ok_or_else(|| incomplete("Authorization header requires the AWS4-HMAC-SHA256 algorithm."))?;
        let parameter = |name: &str| {
            let mut parameters = parameters.split(',').filter_map(|parameter| parameter.trim().split_once('='));
            let value = parameters.find(|(known, _)| *known == name).map(|(_, value)| value);
            value.ok_or_else(|| incomplete(format!("Authorization header requires '{name}' parameter.")))
        };
        parameter("Signature")?;
        parameter("SignedHeaders")?;
        let parts: Vec<_> = parameter("Credential")?.split('/').collect();
        match parts.as_slice() {
            [key, _date, region, service, "aws4_request"] if !key.is_empty() && !service.is_empty() => {
                Ok(Self { access_key: (*key).to_owned(), region: (*region).to_owned(), service: (*service).to_owned() })
            }
            _ => Err(incomplete("Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request.")),
        }
    }
}

fn missing() -> Refusal {
    Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token")
}

fn incomplete(message: impl Into<String>) -> Refusal {
    Refusal::new("IncompleteSignatureException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_names_key_region_and_service() {
        let header =
            "AWS4-HMAC-SHA256 Credential=111111111111/20261122/eu-west-1/organizations/aws4_request, SignedHeaders=host, Signature=00";
        let scope = Scope::read(Some(header)).unwrap();
        assert_eq!(
            (scope.access_key.as_str(), scope.region.as_str(), scope.service.as_str()),
            ("111111111111", "eu-west-1", "organizations")
        );
    }

    #[test]
    fn a_request_without_a_whole_signature_is_refused() {
        for (header, code) in [
            (None, "MissingAuthenticationTokenException"),
            (Some("Basic abc"), "IncompleteSignatureException"),
            (Some("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0"), "IncompleteSignatureException"),
            (Some("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"), "IncompleteSignatureException"),
            (Some("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request"), "IncompleteSignatureException"),
        ] {
            assert_eq!(Scope::read(header).unwrap_err().code, code, "{header:?}");
        }
    }
}
