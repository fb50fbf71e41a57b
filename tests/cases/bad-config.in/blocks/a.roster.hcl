region = "us-east-1"

orgroster {
  required_version = ">= 9.0"
  backend "locale" {}
}

provider "aws" {
  regoin    = "us-east-1"
  api_share = 2
  sandbox   = "../../etc/passwd"
  assume_role {}
  context {
    source_ip = ["203.0.113.7"]
  }
}

organisation {
  id = "o-exampleorgid"
}

guardrails {
  max_detachments    = "three"
  unmanaged          = "eror"
  protected_accounts = [210000000001, "12345"]
}

gate "payment_methd" {
  enforcement = "off"
}

gate "waiting_period" {
  enforcement = "advisory"
}

account {
  id = "210000000002"
}
