//! AWS as an executor sees it. Its answers are scripted, and its requests are kept.

use super::*;

/// How long every answer of the fake takes.
pub(super) const LATENCY: Duration = Duration::from_millis(20);

/// A scripted answer to a call.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) error: ApiError,
    /// Whether the call takes effect despite its answer.
    pub(super) takes_effect: bool,
}

/// AWS, as far as an executor uses it.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) members: RefCell<BTreeSet<AccountId>>,
    /// The organization of each account that is in another one.
    pub(super) elsewhere: RefCell<BTreeMap<AccountId, OrganizationId>>,
    /// The next answers to an account's calls. After them, calls succeed.
    pub(super) script: RefCell<BTreeMap<AccountId, VecDeque<Answer>>>,
    /// The answer to assuming a role.
    pub(super) locked: RefCell<BTreeMap<AccountId, ApiError>>,
    /// Sessions that belong to an account other than the requested one.
    pub(super) wrong: RefCell<BTreeMap<AccountId, AccountId>>,
    /// How many reads after a departure still return the previous state.
    pub(super) stale: Cell<u32>,
    pub(super) lag: RefCell<BTreeMap<AccountId, u32>>,
    /// How many reads fail.
    pub(super) mute: Cell<u32>,
    /// The answer to the account's own session about its organization, after a call.
    pub(super) unusable: RefCell<BTreeMap<AccountId, ApiError>>,
    /// The answers of IAM's simulator in an account, if it fails.
    pub(super) unsimulated: RefCell<BTreeMap<AccountId, ApiError>>,
    /// The answers to reading an account's contact information, if it fails.
    pub(super) uninformed: RefCell<BTreeMap<AccountId, ApiError>>,
    /// Accounts whose root user has no password, and accounts that were audited.
    pub(super) bare: RefCell<BTreeSet<AccountId>>,
    pub(super) audits: RefCell<Vec<AccountId>>,
    /// The source identities of the sessions.
    pub(super) source_identities: RefCell<Vec<Option<String>>>,
    /// Accounts that the management account still finds although they have left.
    pub(super) lingering: RefCell<BTreeSet<AccountId>>,
    /// The invitations of accounts, and the ARNs of the accepted ones.
    pub(super) invitations: RefCell<BTreeMap<AccountId, Vec<Handshake>>>,
    pub(super) accepted: RefCell<Vec<String>>,
    /// Whether an account that accepts ends up in no organization.
    pub(super) vanishes: Cell<bool>,
    /// Accepting sessions that belong to an account other than the one that was probed.
    pub(super) strays: RefCell<BTreeMap<AccountId, AccountId>>,
    /// Handshakes that the organization sent, and the calls of joinings, in order.
    pub(super) sent: RefCell<Vec<Handshake>>,
    pub(super) taking_in: RefCell<Vec<String>>,
    pub(super) taken_in_at: RefCell<Vec<Instant>>,
    /// How often all handshakes were listed.
    pub(super) listings: Cell<usize>,
    /// A change to the invitations between two reads.
    pub(super) meanwhile: RefCell<Option<fn(&mut Handshake)>>,
    /// The accounts' plan, if it is not the paid one.
    pub(super) account_plan: RefCell<Option<String>>,
    /// The next answers to the calls of joinings, and whether the calls take effect anyway.
    pub(super) refusals: RefCell<VecDeque<Answer>>,
    /// The units of accounts that joined.
    pub(super) units: RefCell<BTreeMap<AccountId, String>>,
    /// The name of the account that joins, if it is another one.
    pub(super) stranger: RefCell<Option<String>>,
    pub(super) calls: RefCell<Vec<(Instant, AccountId)>>,
    pub(super) flights: Cell<usize>,
    pub(super) most_flights: Cell<usize>,
    /// Interrupt after this number of calls.
    pub(super) interrupt_after: Cell<usize>,
    pub(super) interrupted: AtomicBool,
}

pub(super) struct Session<'f> {
    pub(super) fake: &'f Fake,
    pub(super) account: AccountId,
    /// The ARN of the only invitation that it may accept.
    pub(super) invitation: Option<String>,
}

pub(super) fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

pub(super) fn error(kind: ApiErrorKind, code: &str, reason: Option<&str>) -> ApiError {
    ApiError {
        operation: "organizations:LeaveOrganization".into(),
        kind,
        code: Some(code.into()),
        reason: reason.map(str::to_owned),
        message: "said AWS".into(),
        request_id: Some("r-1".into()),
    }
}

impl Fake {
    pub(super) async fn call(&self, account: AccountId) -> Result<Receipt, ApiError> {
        self.calls.borrow_mut().push((Instant::now(), account));
        if self.calls.borrow().len() == self.interrupt_after.get() {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        self.flights.set(self.flights.get() + 1);
        self.most_flights.set(self.most_flights.get().max(self.flights.get()));
        sleep(LATENCY).await;
        self.flights.set(self.flights.get() - 1);
        let answer = self.script.borrow_mut().get_mut(&account).and_then(VecDeque::pop_front);
        if answer.as_ref().is_none_or(|answer| answer.takes_effect) {
            if !self.members.borrow_mut().remove(&account) {
                return Err(error(ApiErrorKind::NotInOrganization, "AWSOrganizationsNotInUseException", None));
            }
            self.lag.borrow_mut().insert(account, self.stale.get());
        }
        answer.map_or_else(|| Ok(Receipt { request_id: Some("r-0".into()) }), |answer| Err(answer.error))
    }

    pub(super) async fn is_member(&self, account: AccountId) -> Result<bool, ApiError> {
        sleep(LATENCY).await;
        if self.mute.get() > 0 && !self.calls.borrow().is_empty() {
            self.mute.set(self.mute.get() - 1);
            return Err(error(ApiErrorKind::NoAnswer, "timeout", None));
        }
        if let Some(left) = self.lag.borrow_mut().get_mut(&account)
            && *left > 0
        {
            *left -= 1;
            return Ok(true);
        }
        Ok(self.members.borrow().contains(&account))
    }

    pub(super) fn calls_of(&self, account: &str) -> usize {
        self.calls.borrow().iter().filter(|(_, by)| *by == id(account)).count()
    }
}

impl FindAccount for Fake {
    async fn find_account(&self, account: AccountId) -> Result<Option<Account>, ApiError> {
        let found = self.is_member(account).await? || self.lingering.borrow().contains(&account);
        let stranger = self.stranger.borrow().clone();
        Ok(found.then(|| Account { name: stranger.unwrap_or_else(|| format!("a{account}")), ..live(account) }))
    }
}

impl Answering for Fake {
    fn answers(&self) -> Answers {
        Answers::default()
    }

    fn answered(&self, _: Operation, _: Option<&str>) -> Option<Timestamp> {
        Some(NOW)
    }
}

impl AuditRoot for Fake {
    async fn manages_root(&self) -> Result<bool, ApiError> {
        Ok(true)
    }

    async fn root_user(&self, account: AccountId) -> Result<(RootUser, Timestamp), ApiError> {
        self.audits.borrow_mut().push(account);
        Ok((RootUser { password: !self.bare.borrow().contains(&account), mfa_devices: 0 }, NOW))
    }
}

impl RemoveMember for Fake {
    async fn remove_account(&self, account: AccountId) -> Result<Receipt, ApiError> {
        self.call(account).await
    }
}

/// The executor's reader and writer borrow the fake, as sessions do.
pub(super) struct Client<'f>(pub(super) &'f Fake);

impl FindAccount for Client<'_> {
    async fn find_account(&self, account: AccountId) -> Result<Option<Account>, ApiError> {
        self.0.find_account(account).await
    }
}

impl Answering for Client<'_> {
    fn answers(&self) -> Answers {
        self.0.answers()
    }

    fn answered(&self, operation: Operation, subject: Option<&str>) -> Option<Timestamp> {
        self.0.answered(operation, subject)
    }
}

impl AuditRoot for Client<'_> {
    async fn manages_root(&self) -> Result<bool, ApiError> {
        self.0.manages_root().await
    }

    async fn root_user(&self, account: AccountId) -> Result<(RootUser, Timestamp), ApiError> {
        self.0.root_user(account).await
    }
}

impl<'f> Client<'f> {
    pub(super) fn enter(&self, arn: &str) -> Result<Session<'f>, ApiError> {
        let account: AccountId = arn.split(':').nth(4).unwrap().parse().unwrap();
        match self.0.locked.borrow().get(&account) {
            Some(error) => Err(error.clone()),
            None => {
                Ok(Session { fake: self.0, account: self.0.wrong.borrow().get(&account).copied().unwrap_or(account), invitation: None })
            }
        }
    }
}

impl<'f> VisitMember for Client<'f> {
    type Visit = Session<'f>;

    async fn visit(&self, arn: &str, _: &MemberRole, _: SessionNames<'_>) -> Result<Session<'f>, ApiError> {
        self.enter(arn)
    }
}

impl RemoveMember for Client<'_> {
    async fn remove_account(&self, account: AccountId) -> Result<Receipt, ApiError> {
        self.0.remove_account(account).await
    }
}

impl<'f> AssumeMember for Client<'f> {
    type Session = Session<'f>;
    type Accepting = Session<'f>;

    async fn assume(&self, arn: &str, _: &MemberRole, names: SessionNames<'_>) -> Result<Session<'f>, ApiError> {
        self.0.source_identities.borrow_mut().push(names.source_identity.map(str::to_owned));
        self.enter(arn)
    }

    async fn assume_accepting(
        &self,
        arn: &str,
        _: &MemberRole,
        names: SessionNames<'_>,
        invitation: &str,
    ) -> Result<Session<'f>, ApiError> {
        self.0.source_identities.borrow_mut().push(names.source_identity.map(str::to_owned));
        let session = self.enter(arn)?;
        let strayed = self.0.strays.borrow().get(&session.account).copied();
        Ok(Session { account: strayed.unwrap_or(session.account), invitation: Some(invitation.to_owned()), ..session })
    }
}

impl Answering for Session<'_> {
    fn answers(&self) -> Answers {
        Answers::default()
    }

    fn answered(&self, _: Operation, _: Option<&str>) -> Option<Timestamp> {
        Some("2026-11-22T09:00:00Z".parse().unwrap())
    }
}

impl MemberIdentity for Session<'_> {
    async fn account(&self) -> Result<AccountId, ApiError> {
        Ok(self.account)
    }

    async fn organization(&self) -> Result<Option<OrganizationId>, ApiError> {
        if let Some(error) = self.fake.unusable.borrow().get(&self.account)
            && self.fake.calls.borrow().iter().any(|(_, by)| *by == self.account)
        {
            return Err(error.clone());
        }
        let is_member = self.fake.is_member(self.account).await?;
        let ours = "o-exampleorgid".parse().unwrap();
        Ok(if is_member { Some(ours) } else { self.fake.elsewhere.borrow().get(&self.account).cloned() })
    }

    fn identity(&self) -> SessionIdentity {
        SessionIdentity { user_id: Some("AROAEXAMPLE:orgroster".to_owned()), source_identity: None }
    }
}

impl ReadMember for Session<'_> {
    async fn role_tags(&self, _: &str) -> Result<BTreeMap<String, String>, ApiError> {
        Ok(BTreeMap::new())
    }

    async fn simulate_leaving(&self, _: &str, _: &[ContextEntry]) -> Result<Simulation, ApiError> {
        if let Some(error) = self.fake.unsimulated.borrow().get(&self.account) {
            return Err(error.clone());
        }
        Ok(Simulation { decision: "allowed".into(), allowed_by_organizations: Some(true) })
    }

    async fn open_handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        Ok(self.fake.invitations.borrow().get(&self.account).cloned().unwrap_or_default())
    }

    async fn contact_information(&self) -> Result<ContactInformation, ApiError> {
        match self.fake.uninformed.borrow().get(&self.account) {
            Some(error) => Err(error.clone()),
            None => Ok(ContactInformation::default()),
        }
    }

    async fn created_at(&self) -> Result<Timestamp, ApiError> {
        Ok("2024-03-01T10:00:00Z".parse().unwrap())
    }

    async fn support_evidence(&self) -> Result<SupportEvidence, ApiError> {
        Ok(SupportEvidence::PaidPlan)
    }

    async fn account_plan(&self) -> Result<String, ApiError> {
        Ok(self.fake.account_plan.borrow().clone().unwrap_or_else(|| "PAID".to_owned()))
    }

    async fn own_name(&self) -> Result<String, ApiError> {
        Ok(format!("a{}", self.account))
    }

    async fn payment_instruments(&self) -> Result<Vec<PaymentInstrument>, ApiError> {
        Ok(Vec::new())
    }

    async fn organization_conditions(&self, _: &OrganizationId) -> Result<OrganizationConditions, ApiError> {
        Ok(OrganizationConditions::default())
    }

    async fn resource_shares(&self, _: &[String]) -> Result<ResourceShares, ApiError> {
        Ok(ResourceShares::default())
    }
}

impl AcceptingSession for Session<'_> {
    async fn accept(&self, handshake: &str) -> Result<Receipt, ApiError> {
        let arn = self.invitation.as_deref().unwrap();
        assert!(arn.ends_with(&format!("/{handshake}")), "{handshake} is not what the session's policy names: {arn}");
        self.fake.accepted.borrow_mut().push(arn.to_owned());
        if arn.contains(":handshake/o-exampleorgid/") {
            return self.fake.come_in(self.account, handshake);
        }
        let receipt = self.fake.call(self.account).await;
        if !self.fake.members.borrow().contains(&self.account) && !self.fake.vanishes.get() {
            let to = arn.split('/').nth(1).unwrap().parse().unwrap();
            self.fake.elsewhere.borrow_mut().entry(self.account).or_insert(to);
        }
        receipt
    }
}

impl MemberSession for Session<'_> {
    async fn leave(&self) -> Result<Receipt, ApiError> {
        self.fake.call(self.account).await
    }
}

pub(super) fn live(account: AccountId) -> Account {
    testing::account(&account.to_string(), &format!("a{account}"), &[])
}
