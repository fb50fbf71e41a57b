provider "aws" {
  sandbox    = "organization.sandbox.hcl"
  root_audit = true

  member_role {
    name            = "Leaver"
    source_identity = true
  }

  member_read_role {
    name = "Reader"
  }
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

# Off unless it is asked for.
gate "organization_conditions" {
  enforcement = "mandatory"
}

account "logs" {
  id         = "210000000001"
  name       = "logs"
  membership = "detached"
  reason     = "Divested"
}

account "vault" {
  id         = "210000000003"
  name       = "vault"
  membership = "detached"
  reason     = "Divested"
}

account "shop" {
  id          = "210000000002"
  name        = "shop"
  membership  = "detached"
  reason      = "Divested"
  acknowledge = ["protections", "organization_conditions"]

  # Not needed: AWS reports it.
  attestation {
    of = ["phone_verification"]
    by = "finance@example.com"
    on = "2026-11-20"
  }
}
