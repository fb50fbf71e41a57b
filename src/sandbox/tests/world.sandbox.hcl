sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  root { id = "r-ab12" }

  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"
  }

  account "222222222222" {
    name               = "security"
    email              = "security@example.com"
    joined_method      = "INVITED"
    delegated_services = ["guardduty.amazonaws.com", "config.amazonaws.com"]
  }

  organizational_unit "Workloads" {
    id = "ou-ab12-workload"

    account "333333333333" {
      name               = "legacy-crm"
      email              = "legacy-crm@example.com"
      joined             = "2024-03-01T10:00:00Z"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
      tags               = { team = "crm" }
    }

    account "444444444444" {
      name  = "no-card"
      email = "no-card@example.com"

      phone_verified     = true
      agreement_accepted = true
    }

    organizational_unit "Young" {
      account "555555555555" {
        name   = "young"
        email  = "young@example.com"
        joined = "2026-11-20T09:00:00Z"
      }

      account "666666666666" {
        name          = "partner"
        email         = "partner@example.com"
        joined_method = "INVITED"

        role "Operator" {
          trusts      = ["222222222222"]
          external_id = "s3cret"
        }
      }
    }
  }
}

account "999999999999" {
  name  = "outside"
  email = "outside@example.com"
}
