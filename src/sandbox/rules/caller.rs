//! The caller of a request: an account's administrator or a role session, depending on the access key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::org::AccountId;
use crate::sandbox::state::partition::Partition;
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::Refusal;
use crate::sandbox::wire::credentials::Scope;

/// A role session. The session token contains it, so that credentials survive a restart without being stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The account of the role.
    pub account: AccountId,
    /// The role's name.
    pub role: String,
    /// `RoleSessionName`.
    pub name: String,
    /// The session policies: inline and managed.
    pub policies: Vec<String>,
    /// `SourceIdentity`, which persists through role chaining.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: std::collections::BTreeMap<String, String>,
    /// Whether the request for the session used multi-factor authentication.
    #[serde(default)]
    pub multi_factor: bool,
    /// Whether this is a session of the account's root user, for one task (AssumeRoot).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub root: bool,
    /// When the session was issued.
    pub issued: Timestamp,
    /// When the session expires.
    pub expires: Timestamp,
}

/// The principal behind an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A user with every permission that the account can grant.
    Administrator,
    /// A role session.
    Role(Session),
}

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account that the credentials belong to.
    pub account: AccountId,
    /// The principal.
    pub principal: Principal,
    /// The access key id.
    pub access_key: String,
    /// The region that the request was signed for.
    pub region: String,
    /// The partition of the account.
    pub partition: Partition,
}

impl Session {
    /// The ARN of the assumed role, or of the root user.
    #[must_use]
    pub fn arn(&self, partition: Partition) -> String {
        if self.root {
            return partition.arn("iam", self.account, "root");
        }
        partition.arn("sts", self.account, format_args!("assumed-role/{}/{}", self.role, self.name))
    }

    /// The session token.
    #[must_use]
    pub fn token(&self, seed: u64) -> String {
        let payload = to_hex(&serde_json::to_string(self).unwrap_or_default());
        format!("{payload}.{}", seal(seed, &payload))
    }

    /// Reads a session token of this sandbox.
    #[must_use]
    pub fn from_token(token: &str, seed: u64) -> Option<Self> {
        let (payload, found) = token.rsplit_once('.')?;
        if found != seal(seed, payload) {
            return None;
        }
        serde_json::from_slice(&from_hex(payload)?).ok()
    }

    /// The access key id that belongs to a token.
    #[must_use]
    pub fn access_key(token: &str) -> String {
        format!("ASIA{}", ids::derive(&["access key", token], ids::BASE32, 16))
    }
}

fn to_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// A checksum that distinguishes the tokens of this sandbox from others. It is not a security measure.
fn seal(seed: u64, payload: &str) -> String {
    ids::derive(&["session token", &seed.to_string(), payload], ids::LOWER, 16)
}

impl Caller {
    /// Returns the caller for a credential scope and session token.
    ///
    /// An access key id of twelve digits is the administrator of that account. A key that begins with `ASIA` requires the token that was
    /// issued with it. Any other key is the administrator of the management account.
    ///
    /// # Errors
    ///
    /// Returns `UnrecognizedClientException` for a session that this sandbox did not issue, and `ExpiredTokenException` for an expired one.
    pub fn identify(scope: &Scope, token: Option<&str>, world: &World) -> Result<Self, Refusal> {
        let key = &scope.access_key;
        if key.starts_with("ASIA") {
            let session = token.filter(|token| Session::access_key(token) == *key).and_then(|token| Session::from_token(token, world.seed));
            let session = session
                .ok_or_else(|| Refusal::new("UnrecognizedClientException", "The security token included in the request is invalid."))?;
            if session.expires <= world.now() {
                return Err(Refusal::new("ExpiredTokenException", "The security token included in the request is expired"));
            }
            return Ok(Self {
                account: session.account,
                principal: Principal::Role(session),
                access_key: key.clone(),
                region: scope.region.clone(),
                partition: world.partition,
            });
        }
        let account = key.parse().unwrap_or(world.default_account);
        Ok(Self {
            account,
            principal: Principal::Administrator,
            access_key: key.clone(),
            region: scope.region.clone(),
            partition: world.partition,
        })
    }

    /// The principal's ARN, as in the answer of GetCallerIdentity.
    #[must_use]
    pub fn arn(&self) -> String {
        match &self.principal {
            Principal::Administrator => self.partition.arn("iam", self.account, "user/administrator"),
            Principal::Role(session) => session.arn(self.partition),
        }
    }

    /// The principal's unique id, as in the answer of GetCallerIdentity.
    #[must_use]
    pub fn unique_id(&self) -> String {
        match &self.principal {
            Principal::Administrator => format!("AIDA{}", ids::derive(&["user", &self.account.to_string()], ids::BASE32, 17)),
            Principal::Role(session) if session.root => self.account.to_string(),
            Principal::Role(session) => format!("{}:{}", role_id(self.account, &session.role), session.name),
        }
    }

    /// The role session; `None` for an administrator.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        match &self.principal {
            Principal::Administrator => None,
            Principal::Role(session) => Some(session),
        }
    }
}

/// IAM's unique id of a role.
#[must_use]
pub fn role_id(account: AccountId, role: &str) -> String {
    format!("AROA{}", ids::derive(&["role", &account.to_string(), role], ids::BASE32, 17))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::clock::Clock;

    fn world() -> World {
        World::empty(Clock::Frozen("2026-11-22T09:00:00Z".parse().unwrap()), 1, "111111111111".parse().unwrap())
    }

    fn scope(key: &str) -> Scope {
        Scope { access_key: key.to_owned(), region: "us-east-1".to_owned(), service: "sts".to_owned() }
    }

    fn session(expires: &str) -> Session {
        Session {
            account: "333333333333".parse().unwrap(),
            role: "Admin".to_owned(),
            name: "run".to_owned(),
            policies: Vec::new(),
            source_identity: None,
            tags: std::collections::BTreeMap::new(),
            multi_factor: false,
            root: false,
            issued: "2026-11-22T09:00:00Z".parse().unwrap(),
            expires: expires.parse().unwrap(),
        }
    }

    #[test]
    fn twelve_digits_are_that_account_and_other_keys_the_management_account() {
        for (key, account) in [("333333333333", "333333333333"), ("AKIAEXAMPLE", "111111111111"), ("test", "111111111111")] {
            let caller = Caller::identify(&scope(key), None, &world()).unwrap();
            assert_eq!(caller.account.to_string(), account);
            assert_eq!(caller.arn(), format!("arn:aws:iam::{account}:user/administrator"));
        }
    }

    #[test]
    fn temporary_credentials_are_their_session_and_end_with_it() {
        let token = session("2026-11-22T09:15:00Z").token(1);
        let key = Session::access_key(&token);
        let caller = Caller::identify(&scope(&key), Some(&token), &world()).unwrap();
        assert_eq!(caller.arn(), "arn:aws:sts::333333333333:assumed-role/Admin/run");
        let old = session("2026-11-22T09:00:00Z").token(1);
        let foreign = session("2026-11-22T09:15:00Z").token(2);
        for (key, token, code) in [
            (Session::access_key(&old), Some(old.as_str()), "ExpiredTokenException"),
            (Session::access_key(&foreign), Some(foreign.as_str()), "UnrecognizedClientException"),
            (key.clone(), None, "UnrecognizedClientException"),
            (key, Some(foreign.as_str()), "UnrecognizedClientException"),
        ] {
            assert_eq!(Caller::identify(&scope(&key), token, &world()).unwrap_err().code, code);
        }
    }
}
