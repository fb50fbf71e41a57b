//! Determines the service and operation of a request, and writes its answer.

use super::credentials::Scope;
use super::form::{Form, element};
use super::input::Input;
use super::{Answer, Incoming, Outgoing, Output, Refusal};

/// A service of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// AWS Organizations.
    Organizations,
    /// AWS STS.
    Sts,
    /// AWS IAM.
    Iam,
    /// AWS Account Management.
    Account,
    /// AWS Support.
    Support,
    /// AWS Payments.
    Payments,
    /// AWS Free Tier.
    FreeTier,
    /// Service Quotas.
    Quotas,
    /// AWS CloudTrail.
    CloudTrail,
    /// AWS CloudFormation.
    CloudFormation,
    /// AWS IAM Identity Center.
    IdentityCenter,
    /// AWS Resource Access Manager.
    Ram,
    /// AWS Control Tower.
    ControlTower,
}

impl Service {
    /// The prefix of its IAM actions, which is also its signing name.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Account => "account",
            Self::Support => "support",
            Self::Payments => "payments",
            Self::FreeTier => "freetier",
            Self::Quotas => "servicequotas",
            Self::CloudTrail => "cloudtrail",
            Self::CloudFormation => "cloudformation",
            Self::IdentityCenter => "sso",
            Self::Ram => "ram",
            Self::ControlTower => "controltower",
        }
    }

    /// Whether it has one endpoint for all regions of a partition. The region that a request is signed for is then not the region of the
    /// call.
    #[must_use]
    pub const fn is_global(self) -> bool {
        matches!(self, Self::Organizations | Self::Iam | Self::Account | Self::Support | Self::Payments | Self::FreeTier)
    }

    const fn xml_namespace(self) -> &'static str {
        match self {
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::CloudFormation => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
            _ => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }
}

/// The protocol of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.1.
    Json,
    /// AWS query: form bodies, XML answers.
    Query,
    /// REST with JSON bodies.
    RestJson,
}

/// The operation that a request calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// The service.
    pub service: Service,
    /// The operation's name; it may be unknown.
    pub operation: String,
}

/// The target prefixes of the JSON services.
const TARGETS: &[(&str, Service)] = &[
    ("AWSOrganizationsV20161128", Service::Organizations),
    ("AWSSupport_20130415", Service::Support),
    ("AWSPayments", Service::Payments),
    ("AWSFreeTierService", Service::FreeTier),
    ("ServiceQuotasV20190624", Service::Quotas),
    ("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", Service::CloudTrail),
    ("CloudTrail_20131101", Service::CloudTrail),
    ("SWBExternalService", Service::IdentityCenter),
];

/// A service whose operations are paths.
struct Rest {
    signing_name: &'static str,
    service: Service,
    /// Paths that differ from the operation's name.
    paths: &'static [(&'static str, &'static str)],
}

const REST: &[Rest] = &[
    Rest { signing_name: "account", service: Service::Account, paths: &[] },
    Rest {
        signing_name: "ram",
        service: Service::Ram,
        paths: &[("/getresourceshares", "GetResourceShares"), ("/listprincipals", "ListPrincipals")],
    },
    Rest {
        signing_name: "controltower",
        service: Service::ControlTower,
        paths: &[
            ("/list-landingzones", "ListLandingZones"),
            ("/get-landingzone", "GetLandingZone"),
            ("/list-enabled-baselines", "ListEnabledBaselines"),
        ],
    },
];

impl Asked {
    /// Routes a request by `X-Amz-Target`, otherwise by the `Action` of a form, otherwise by the path of a REST service.
    ///
    /// # Errors
    ///
    /// Returns the protocol of the answer, and its error for an unknown operation.
    pub fn read(request: &Incoming, scope: Option<&Scope>) -> Result<Self, (Protocol, Refusal)> {
        if let Some(target) = &request.target {
            return Self::read_target(request, target).map_err(|refusal| (Protocol::Json, refusal));
        }
        let signed_for = scope.map(|scope| scope.service.as_str());
        let form = request.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if form || matches!(signed_for, Some("sts" | "iam" | "cloudformation")) {
            return Self::read_form(request, signed_for).map_err(|refusal| (Protocol::Query, refusal));
        }
        if let Some(rest) = REST.iter().find(|rest| signed_for == Some(rest.signing_name)) {
            return Self::read_path(request, rest).map_err(|refusal| (Protocol::RestJson, refusal));
        }
        let named = signed_for.unwrap_or("no service");
        let message = format!(
            "{} {} signed for {named} does not identify an operation. The sandbox routes by X-Amz-Target, Action or path.",
            request.method, request.path
        );
        Err((Protocol::Json, unknown(message)))
    }

    fn read_target(request: &Incoming, target: &str) -> Result<Self, Refusal> {
        if request.method != "POST" || request.path != "/" {
            return Err(unknown(format!("{} {} is not how AWS JSON is sent: use POST /.", request.method, request.path)));
        }
        let (prefix, operation) = target.rsplit_once('.').unwrap_or(("", target));
        let service = TARGETS.iter().find(|(known, _)| *known == prefix).map(|(_, service)| *service);
        match service {
            Some(service) => Ok(Self { protocol: Protocol::Json, service, operation: operation.to_owned() }),
            None => Err(unknown(format!("The target {target} is not known."))),
        }
    }

    fn read_form(request: &Incoming, signed_for: Option<&str>) -> Result<Self, Refusal> {
        let form = Form::read(&request.body);
        let version = form.get("Version").unwrap_or_default();
        let Some(action) = form.get("Action") else {
            return Err(Refusal::new("MissingAction", "The request must contain the parameter Action."));
        };
        let service = match (signed_for, version) {
            (Some("sts"), _) | (None, "2011-06-15") => Service::Sts,
            (Some("iam"), _) | (None, "2010-05-08") => Service::Iam,
            (Some("cloudformation"), _) | (None, "2010-05-15") => Service::CloudFormation,
            _ => return Err(invalid_action(action, version)),
        };
        Ok(Self { protocol: Protocol::Query, service, operation: action.to_owned() })
    }

    fn read_path(request: &Incoming, rest: &Rest) -> Result<Self, Refusal> {
        let Rest { service, paths, .. } = *rest;
        let named = paths.iter().find(|(path, _)| *path == request.path).map(|(_, name)| *name);
        let mut name = named.unwrap_or_else(|| request.path.trim_start_matches('/')).to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        if request.method != "POST" {
            return Err(
                unknown(format!("{} {} is not an operation of {}.", request.method, request.path, service.prefix())).with_status(404)
            );
        }
        Ok(Self { protocol: Protocol::RestJson, service, operation: name })
    }

    /// The error for an operation that the sandbox does not have for this service.
    #[must_use]
    pub fn unknown_operation(&self, request: &Incoming) -> Refusal {
        let name = format!("{}:{}", self.service.prefix(), self.operation);
        match self.protocol {
            Protocol::Query => invalid_action(&self.operation, Form::read(&request.body).get("Version").unwrap_or_default()),
            Protocol::Json => unknown(format!("The sandbox has no operation {name}.")),
            Protocol::RestJson => unknown(format!("The sandbox has no operation {name}.")).with_status(404),
        }
    }

    /// Reads the input in the protocol of the request.
    ///
    /// # Errors
    ///
    /// Returns `SerializationException` if the body is not a JSON object.
    pub fn input(&self, body: &[u8]) -> Result<Input, Refusal> {
        match self.protocol {
            Protocol::Query => Ok(Input::form(Form::read(body))),
            Protocol::Json | Protocol::RestJson => Input::json(body),
        }
    }
}

fn unknown(message: String) -> Refusal {
    Refusal::new("UnknownOperationException", message)
}

fn invalid_action(action: &str, version: &str) -> Refusal {
    Refusal::new("InvalidAction", format!("Could not find operation {action} for version {version}"))
}

impl Protocol {
    /// Writes an answer.
    #[must_use]
    pub fn write(self, asked: Option<&Asked>, request_id: String, answer: Answer) -> Outgoing {
        match answer {
            Ok(output) => self.write_output(asked, request_id, output),
            Err(refusal) => self.write_refusal(asked, request_id, &refusal),
        }
    }

    fn write_output(self, asked: Option<&Asked>, request_id: String, output: Output) -> Outgoing {
        let (content_type, body) = match (self, output) {
            (Self::Query, output) => {
                let name = asked.map_or("", |asked| asked.operation.as_str());
                let namespace = asked.map_or("", |asked| asked.service.xml_namespace());
                let result =
                    if let Output::Xml(content) = output { format!("<{name}Result>{content}</{name}Result>") } else { String::new() };
                let metadata = format!("<ResponseMetadata>{}</ResponseMetadata>", element("RequestId", &request_id));
                (Some("text/xml"), format!("<{name}Response xmlns=\"{namespace}\">{result}{metadata}</{name}Response>"))
            }
            (Self::Json, Output::Empty) => (Some(json_type(asked)), String::new()),
            (Self::Json, Output::Json(body) | Output::Xml(body)) => (Some(json_type(asked)), body),
            (Self::RestJson, Output::Empty) => (None, String::new()),
            (Self::RestJson, Output::Json(body) | Output::Xml(body)) => (Some("application/json"), body),
        };
        Outgoing { status: 200, content_type, error_type: None, request_id, body: body.into_bytes() }
    }

    fn write_refusal(self, asked: Option<&Asked>, request_id: String, refusal: &Refusal) -> Outgoing {
        let error_type = (self == Self::RestJson).then(|| refusal.code.to_string());
        let (content_type, body) = match self {
            Self::Query => ("text/xml", query_error(asked, &request_id, refusal)),
            Self::Json => (json_type(asked), json_error(refusal, "Message")),
            Self::RestJson => ("application/json", json_error(refusal, "message")),
        };
        Outgoing { status: self.status(refusal), content_type: Some(content_type), error_type, request_id, body: body.into_bytes() }
    }

    /// The services use different statuses for the common errors.
    fn status(self, refusal: &Refusal) -> u16 {
        match (self, refusal.code.as_ref()) {
            (Self::Json, _) => refusal.status,
            (
                _,
                "AccessDeniedException" | "ExpiredTokenException" | "UnrecognizedClientException" | "MissingAuthenticationTokenException",
            ) => 403,
            (Self::RestJson, "TooManyRequestsException") => 429,
            _ => refusal.status,
        }
    }
}

/// The AWS JSON version of a service.
fn json_type(asked: Option<&Asked>) -> &'static str {
    match asked.map(|asked| asked.service) {
        Some(Service::Payments | Service::FreeTier) => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}

fn json_error(refusal: &Refusal, message: &str) -> String {
    let mut body = serde_json::Map::new();
    body.insert("__type".to_owned(), refusal.code.as_ref().into());
    body.insert(message.to_owned(), refusal.message.as_str().into());
    if let Some(reason) = &refusal.reason {
        body.insert("Reason".to_owned(), reason.as_ref().into());
    }
    serde_json::Value::Object(body).to_string()
}

/// The query services have their own names for the common errors.
fn query_error(asked: Option<&Asked>, request_id: &str, refusal: &Refusal) -> String {
    let code = match refusal.code.as_ref() {
        "AccessDeniedException" => "AccessDenied",
        "ExpiredTokenException" => "ExpiredToken",
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        "ServiceException" => "ServiceFailure",
        "TooManyRequestsException" => "Throttling",
        other => other,
    };
    let namespace = asked.map_or(Service::Sts.xml_namespace(), |asked| asked.service.xml_namespace());
    let fault = if refusal.status >= 500 { "Receiver" } else { "Sender" };
    let error = format!("<Error>{}{}{}</Error>", element("Type", fault), element("Code", code), element("Message", &refusal.message));
    format!("<ErrorResponse xmlns=\"{namespace}\">{error}{}</ErrorResponse>", element("RequestId", request_id))
}
