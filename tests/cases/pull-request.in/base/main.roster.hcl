provider "aws" {
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

account "management" {
  id         = "111111111111"
  membership = "member"
}

account "legacy-crm" {
  id         = "230000000004"
  name       = "legacy-crm"
  membership = "detached"
  reason     = "Divested to Example Corp, contract 2026-117"

  attestation {
    of       = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by       = "finance@example.com"
    on       = "2026-11-20"
    evidence = "https://tickets.example.com/FIN-77"
    expires  = "2026-12-20"
  }
}

account "new-lab" {
  id         = "250000000001"
  name       = "new-lab"
  membership = "detached"
  reason     = "Spun off with the robotics team"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}
