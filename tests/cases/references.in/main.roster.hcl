provider "aws" {
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

account "acquired-shop" {
  id         = "260000000001"
  name       = "acquired-shop"
  membership = "detached"
  reason     = "Returned to its founders"
}

account "legacy-crm" {
  id         = "230000000004"
  name       = "legacy-crm"
  email      = "legacy-crm@example.com"
  membership = "detached"
  reason     = "Divested to Example Corp"
}

account "shop-production" {
  id         = "230000000001"
  membership = "member"
}
