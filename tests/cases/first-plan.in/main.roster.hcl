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
