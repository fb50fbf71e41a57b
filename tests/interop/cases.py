"""The nine errors of LeaveOrganization, and the states or faults that cause them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One refusal: the account that leaves, the fault scheduled before, and the answer that AWS documents."""

    code: str
    account: str
    reason: str | None = None
    status: int = 400
    fault: dict | None = None

    @property
    def name(self):
        return self.reason or self.code


def scheduled(kind, **more):
    return {"operation": "organizations:LeaveOrganization", "kind": kind, "count": 100, **more}


CONSTRAINT = "ConstraintViolationException"

CASES = [
    Case("AccessDeniedException", "666666666666"),
    Case("AccountNotFoundException", "333333333333", fault=scheduled("error", code="AccountNotFoundException")),
    Case("AWSOrganizationsNotInUseException", "999999999999"),
    Case("ConcurrentModificationException", "333333333333", fault=scheduled("concurrent_modification")),
    Case(CONSTRAINT, "222222222222", "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"),
    Case(CONSTRAINT, "555555555555", "WAIT_PERIOD_ACTIVE"),
    Case(CONSTRAINT, "777777777777", "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA"),
    Case(CONSTRAINT, "888888888888", "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"),
    Case(CONSTRAINT, "444444444444", "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"),
    Case(
        "InvalidInputException",
        "333333333333",
        "CALLER_REQUIRED_FIELD_MISSING",
        fault=scheduled("error", code="InvalidInputException", reason="CALLER_REQUIRED_FIELD_MISSING"),
    ),
    Case("MasterCannotLeaveOrganizationException", "111111111111"),
    Case("ServiceException", "333333333333", status=500, fault=scheduled("internal_error")),
    Case("TooManyRequestsException", "333333333333", fault=scheduled("throttle")),
]
