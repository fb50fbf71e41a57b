orgroster {
  required_version = ">= 0.1"
}

provider "aws" {
  region = "us-east-1"

  # The embedded organization instead of AWS. Remove this line to meet a real one.
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  max_detachments    = 2
  protected_accounts = ["210000000001", "210000000002"]
}
