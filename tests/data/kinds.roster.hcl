orgroster {
  required_version = ">= 0.1"

  backend "s3" {
    bucket = "example-records"
  }
}

provider "aws" {
  profile   = "example"
  regions   = ["us-east-1"]
  api_share = 0.5

  assume_role {
    role_arn = "arn:aws:iam::111111111111:role/Admin"
  }

  member_role {
    name        = "OrgrosterLeave"
    external_id = "example"
  }

  member_read_role {
    name = "OrgrosterRead"
  }

  context {
    source_ip = "203.0.113.7"
    keys = { "aws:RequestedRegion" = "us-east-1" }
  }
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  max_detachments         = 2
  protected_accounts      = ["222222222222"]
}

gate "phone_verification" {
  enforcement = "advisory"
}

gate "service_control_policy" {
  advisory_policies = ["p-examplepolicyid"]
}

variable "ticket" {
  type    = string
  default = "OPS-1"

  validation {
    condition     = length(var.ticket) > 0
    error_message = "A ticket must be named."
  }
}

locals {
  by = "jane@example.com"
}

account "crm" {
  id          = "333333333333"
  name        = "crm"
  membership  = "detached"
  reason      = var.ticket
  acknowledge = ["stack_sets"]

  member_role {
    name = "Operator"
  }

  attestation {
    of       = ["payment_method"]
    by       = local.by
    on       = "2026-11-20"
    evidence = "a picture"
  }

  dynamic "attestation" {
    for_each = ["phone_verification"]

    content {
      of = [attestation.value]
      by = local.by
      on = "2026-11-20"
    }
  }
}

account "taken-in" {
  id         = "777777777777"
  name       = "taken-in"
  membership = "member"

  join {
    reason      = "Acquired"
    on          = "2026-11-20"
    from        = "o-sourceorgid"
    unit        = "ou-ab12-workloads"
    tags        = { team = "shop" }
    acknowledge = ["payer"]

    accept_role {
      arn         = "arn:aws:iam::777777777777:role/Accept"
      external_id = "between-us"
    }
  }
}
