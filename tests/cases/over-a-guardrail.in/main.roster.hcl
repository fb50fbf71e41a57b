provider "aws" {
  region  = "us-east-1"
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

account "first" {
  id         = "220000000001"
  name       = "first"
  membership = "detached"
  reason     = "Divested"
}

account "second" {
  id         = "220000000002"
  name       = "second"
  membership = "detached"
  reason     = "Divested"
}

account "young" {
  id         = "220000000003"
  name       = "young"
  membership = "detached"
  reason     = "Divested"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}
