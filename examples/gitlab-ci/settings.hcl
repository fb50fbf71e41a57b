# The settings that a merge request can't change: every command reads them from the target branch with -trusted-config.

orgroster {
  required_version = ">= 0.1"

  backend "s3" {
    bucket = "example-orgroster"
    prefix = "orgroster/"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

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
  approvers          = 1
  protected_accounts = ["222222222222"]
}
