"""A custom check for checkov: an account that stays a member is active."""

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class ActiveAccount(BaseResourceCheck):
    def __init__(self):
        super().__init__(
            name="Member accounts are active",
            id="CKV_ORGROSTER_1",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["orgroster_account"],
        )

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if conf.get("state") == ["ACTIVE"] else CheckResult.FAILED


check = ActiveAccount()
