orgroster {
  required_version = ">= 0.1"
}

provider "aws" {
  region = "us-east-1"

  # The sandbox organization that orgroster serves in place of AWS. Remove this line to use AWS.
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
