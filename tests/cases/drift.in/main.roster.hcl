provider "aws" {
  region  = "us-east-1"
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

account "closed" {
  id         = "220000000001"
  membership = "member"
}

account "suspended" {
  id         = "220000000002"
  membership = "member"
}

account "closing" {
  id         = "220000000003"
  membership = "member"
}

account "unfinished" {
  id         = "220000000004"
  membership = "member"
}

account "renamed" {
  id         = "220000000005"
  name       = "old-name"
  membership = "member"
}

account "vital" {
  id         = "220000000009"
  name       = "vital"
  membership = "member"
}
