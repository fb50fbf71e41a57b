//! The CloudTrail event of a call.

use serde_json::{Value, json};

use crate::org::AccountId;
use crate::sandbox::rules::caller::{Principal, Session, role_id};
use crate::sandbox::state::account::Role;
use crate::sandbox::state::ids;
use crate::sandbox::state::trail::Event;
use crate::sandbox::wire::form::lowered;
use crate::sandbox::wire::{Output, Refusal, Service};

use super::Call;

impl Call<'_> {
    /// Records the call in the history of the caller's account, where CloudTrail shows API calls. The event's resource is the account in
    /// the input, otherwise the caller's.
    pub fn record(&mut self) {
        let name = self.operation.name;
        let about = self.named().unwrap_or(self.caller.account);
        let now = self.circumstances.now;
        let source = format!("{}.amazonaws.com", self.operation.service.prefix());
        // The count of requests starts again in each process, but the length of the history does not.
        let id = ids::uuid(&["call", &self.world.seed.to_string(), &self.world.trail.len().to_string()]);
        let record = json!({
            "eventVersion": "1.11",
            "userIdentity": self.user_identity(),
            "eventTime": now.to_string(),
            "eventSource": source,
            "eventName": name,
            "awsRegion": self.circumstances.region,
            "sourceIPAddress": self.circumstances.source_ip,
            "userAgent": self.circumstances.user_agent,
            "requestParameters": self.input.as_parameters(),
            "responseElements": null,
            "requestID": self.request_id,
            "eventID": id,
            "readOnly": !self.operation.writes,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": self.caller.account.to_string(),
            "eventCategory": "Management",
        });
        let username = match &self.caller.principal {
            Principal::Administrator => "administrator".to_owned(),
            Principal::Role(session) => session.name.clone(),
        };
        self.world.trail.push(Event {
            id,
            time: now,
            recipient: self.caller.account,
            name: name.to_owned(),
            source,
            username: Some(username),
            access_key: Some(self.caller.access_key.clone()),
            // Events of STS and IAM have no account of Organizations as a resource.
            resources: if matches!(self.operation.service, Service::Sts | Service::Iam) { Vec::new() } else { vec![about] },
            record,
        });
    }

    /// Adds the reason of a refusal to the event of a call, in CloudTrail's words: some codes differ from those on the wire.
    pub fn record_refusal(&mut self, event: usize, refusal: &Refusal) {
        let Some(event) = self.world.trail.get_mut(event) else { return };
        let code = match refusal.code.as_ref() {
            "NoSuchEntity" => "NoSuchEntityException",
            "AccessDeniedException" => "AccessDenied",
            code => code,
        };
        event.record["errorCode"] = code.into();
        event.record["errorMessage"] = refusal.message.as_str().into();
    }

    /// Adds the issued session to the event of the call, which is the last event. The history of the role's account also contains the call,
    /// without the caller's name in its own account; both events share an id (IAM User Guide, "Logging IAM and AWS STS API calls with AWS
    /// CloudTrail"). Session tokens are left out, because they are credentials and this history is a plain file.
    pub fn record_session(&mut self, session: &Session, role: Option<&Role>) {
        let partition = self.caller.partition;
        let credentials = json!({
            "accessKeyId": Session::access_key(&session.token(self.world.seed)),
            "expiration": session.expires.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string(),
        });
        let mut response = json!({ "credentials": credentials });
        if role.is_some() {
            let id = format!("{}:{}", role_id(session.account, &session.role), session.name);
            response["assumedRoleUser"] = json!({ "assumedRoleId": id, "arn": session.arn(partition) });
        }
        if let Some(identity) = &session.source_identity {
            response["sourceIdentity"] = identity.as_str().into();
        }
        let number = self.world.trail.len().to_string();
        let [id, shared] = ["call", "shared"].map(|kind| ids::uuid(&[kind, &self.world.seed.to_string(), &number]));
        let Some(event) = self.world.trail.last_mut() else { return };
        event.record["responseElements"] = response;
        let Some(role) = role else { return };
        let arn = role.arn(partition, session.account);
        event.record["resources"] = json!([{ "ARN": arn, "accountId": session.account.to_string(), "type": "AWS::IAM::Role" }]);
        if session.account == event.recipient {
            return;
        }
        event.record["sharedEventID"] = shared.into();
        let mut copy = Event { id, recipient: session.account, username: None, access_key: None, ..event.clone() };
        copy.record["eventID"] = copy.id.as_str().into();
        copy.record["recipientAccountId"] = session.account.to_string().into();
        copy.record["userIdentity"] =
            json!({ "type": "AWSAccount", "principalId": self.caller.unique_id(), "accountId": self.caller.account.to_string() });
        self.world.trail.push(copy);
    }

    /// Adds what a call of Organizations created to its event, because only the answer contains the new id. Names and email addresses of
    /// accounts are hidden (Organizations User Guide, "Logging AWS Organizations API calls").
    pub fn record_response(&mut self, event: usize, answer: &Output) {
        let creates = self.operation.service == Service::Organizations && self.operation.name.starts_with("Create");
        let (true, Output::Json(answer)) = (creates, answer) else { return };
        let Ok(answer) = serde_json::from_str::<Value>(answer) else { return };
        if let Some(event) = self.world.trail.get_mut(event) {
            event.record["responseElements"] = as_response(&answer);
        }
    }

    /// The account in the input: an account id, or the target of an invitation.
    fn named(&self) -> Option<AccountId> {
        let target = self.input.structure("Target").ok().flatten();
        let invited = target.as_ref().and_then(|target| target.optional("Id").ok().flatten());
        self.input.optional("AccountId").ok().flatten().or(invited)?.parse().ok()
    }

    fn user_identity(&self) -> Value {
        let account = self.caller.account.to_string();
        let common = json!({
            "principalId": self.caller.unique_id(),
            "arn": self.caller.arn(),
            "accountId": account,
            "accessKeyId": self.caller.access_key,
        });
        let mut identity = common;
        let Value::Object(members) = &mut identity else { return identity };
        match &self.caller.principal {
            Principal::Administrator => {
                members.insert("type".to_owned(), "IAMUser".into());
                members.insert("userName".to_owned(), "administrator".into());
            }
            Principal::Role(session) if session.root => {
                members.insert("type".to_owned(), "Root".into());
                let attributes = json!({ "creationDate": session.issued.to_string(), "mfaAuthenticated": "false" });
                members.insert("sessionContext".to_owned(), json!({ "attributes": attributes, "assumedRoot": "true" }));
            }
            Principal::Role(session) => {
                members.insert("type".to_owned(), "AssumedRole".into());
                let issuer = json!({
                    "type": "Role",
                    "principalId": role_id(self.caller.account, &session.role),
                    "arn": self.caller.partition.arn("iam", self.caller.account, format_args!("role/{}", session.role)),
                    "accountId": account,
                    "userName": session.role,
                });
                let attributes =
                    json!({ "creationDate": session.issued.to_string(), "mfaAuthenticated": session.multi_factor.to_string() });
                let mut context = json!({ "sessionIssuer": issuer, "attributes": attributes });
                if let (Value::Object(context), Some(identity)) = (&mut context, &session.source_identity) {
                    context.insert("sourceIdentity".to_owned(), identity.as_str().into());
                }
                members.insert("sessionContext".to_owned(), context);
            }
        }
        identity
    }
}

/// An answer in CloudTrail's form: member names begin with a lowercase letter.
fn as_response(answer: &Value) -> Value {
    match answer {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| match name.as_str() {
                    "AccountName" | "Email" | "MasterAccountEmail" => (lowered(name), "HIDDEN_DUE_TO_SECURITY_REASONS".into()),
                    _ => (lowered(name), as_response(value)),
                })
                .collect(),
        ),
        Value::Array(items) => items.iter().map(as_response).collect(),
        other => other.clone(),
    }
}
