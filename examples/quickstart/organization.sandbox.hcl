# The organization of the quickstart: 25 accounts in 6 organizational units.
# Its clock does not move, so the example gives the same result on any day.

sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  root {
    id = "r-ab12"
  }

  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"
  }

  # No account in the Infrastructure unit can leave.
  policy "p-keepinfra01" {
    name    = "KeepInfrastructure"
    targets = ["ou-ab12-infrastr"]
    content = <<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "DenyLeavingOrganization",
            "Effect": "Deny",
            "Action": "organizations:LeaveOrganization",
            "Resource": "*"
          }
        ]
      }
    JSON
  }

  organizational_unit "Security" {
    id = "ou-ab12-security"

    account "210000000001" {
      name  = "log-archive"
      email = "log-archive@example.com"
    }
    account "210000000002" {
      name  = "audit"
      email = "audit@example.com"
    }
    account "210000000003" {
      name               = "security-tooling"
      email              = "security-tooling@example.com"
      delegated_services = ["config.amazonaws.com", "guardduty.amazonaws.com"]
    }
  }

  organizational_unit "Infrastructure" {
    id = "ou-ab12-infrastr"

    account "220000000001" {
      name  = "network"
      email = "network@example.com"
    }
    account "220000000002" {
      name  = "shared-services"
      email = "shared-services@example.com"
    }
    account "220000000003" {
      name  = "backup"
      email = "backup@example.com"
    }
  }

  organizational_unit "Workloads" {
    id = "ou-ab12-workload"

    organizational_unit "Production" {
      id = "ou-ab12-producti"

      account "230000000001" {
        name  = "shop-production"
        email = "shop-production@example.com"
      }
      account "230000000002" {
        name  = "billing-production"
        email = "billing-production@example.com"
      }
      account "230000000003" {
        name  = "search-production"
        email = "search-production@example.com"
      }
      account "230000000004" {
        name               = "legacy-crm"
        email              = "legacy-crm@example.com"
        joined             = "2021-03-01T10:00:00Z"
        payment_method     = "valid"
        phone_verified     = true
        agreement_accepted = true
        support_plan       = "basic"
        tags               = { team = "crm", cost-center = "4711" }
      }
      account "230000000005" {
        name  = "old-analytics"
        email = "old-analytics@example.com"
      }
      account "230000000006" {
        name  = "old-warehouse"
        email = "old-warehouse@example.com"
      }
    }

    organizational_unit "Development" {
      id = "ou-ab12-developm"

      account "240000000001" {
        name  = "shop-development"
        email = "shop-development@example.com"
      }
      account "240000000002" {
        name  = "billing-development"
        email = "billing-development@example.com"
      }
      account "240000000003" {
        name  = "search-development"
        email = "search-development@example.com"
      }
      account "240000000004" {
        name  = "data-science-2"
        email = "data-science-2@example.com"
      }
    }
  }

  organizational_unit "Sandboxes" {
    id = "ou-ab12-sandboxe"

    account "250000000001" {
      name   = "new-lab"
      email  = "new-lab@example.com"
      joined = "2026-11-20T14:30:00Z"
    }
    account "250000000002" {
      name  = "sandbox-alice"
      email = "sandbox-alice@example.com"
    }
    account "250000000003" {
      name  = "sandbox-bob"
      email = "sandbox-bob@example.com"
    }
    account "250000000004" {
      name  = "sandbox-carol"
      email = "sandbox-carol@example.com"
    }

    # Invited: it was standalone once and still has everything for that. Someone created the role in it.
    account "260000000001" {
      name          = "acquired-shop"
      email         = "aws@acquired-shop.example.com"
      joined_method = "INVITED"
      joined        = "2023-06-15T08:00:00Z"

      role "OrganizationAccountAccessRole" {
        trusts = ["111111111111"]
      }
    }
    account "260000000002" {
      name          = "acquired-lab"
      email         = "aws@acquired-lab.example.com"
      joined_method = "INVITED"
      joined        = "2023-06-15T08:00:00Z"
    }
    account "260000000003" {
      name  = "suspended-lab"
      email = "suspended-lab@example.com"
      state = "SUSPENDED"
    }
    account "260000000004" {
      name  = "partner-portal"
      email = "partner-portal@example.com"
    }
  }
}
