provider "aws" {
  sandbox = "organization.sandbox.hcl"

  member_read_role {
    name = "Reader"
  }
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

account "till" {
  id         = "210000000001"
  name       = "till"
  membership = "detached"
  reason     = "Divested"

  attestation {
    of = ["support_plan", "customer_agreement", "root_access"]
    by = "finance@example.com"
    on = "2026-11-20"
  }
}

account "stand" {
  id         = "210000000002"
  name       = "stand"
  membership = "detached"
  reason     = "Divested"
}

account "kiosk" {
  id         = "210000000003"
  name       = "kiosk"
  membership = "detached"
  reason     = "Divested"

  attestation {
    of = ["phone_verification", "customer_agreement", "root_access"]
    by = "finance@example.com"
    on = "2026-11-20"
  }
}
