# The settings for a rehearsal: like settings.hcl, with a sandbox organization in place of AWS and a local directory in place of the bucket.

orgroster {
  required_version = ">= 0.1"

  backend "local" {
    path = ".orgroster"
  }
}

provider "aws" {
  region  = "us-east-1"
  sandbox = "organization.sandbox.hcl"

  member_role {
    name = "OrgrosterLeave"
  }

  member_read_role {
    name = "OrgrosterRead"
  }
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  max_detachments    = 1
  protected_accounts = ["222222222222"]
}
