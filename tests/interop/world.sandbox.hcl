# The organization that every test begins with.

sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"
  }

  account "222222222222" {
    name               = "security"
    email              = "security@example.com"
    joined_method      = "INVITED"
    delegated_services = ["guardduty.amazonaws.com"]
  }

  organizational_unit "Workloads" {
    id = "ou-ab12-workload"

    account "333333333333" {
      name               = "legacy-crm"
      email              = "legacy-crm@example.com"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
    }

    account "444444444444" {
      name               = "no-card"
      email              = "no-card@example.com"
      phone_verified     = true
      agreement_accepted = true
    }

    account "555555555555" {
      name   = "young"
      email  = "young@example.com"
      joined = "2026-11-20T09:00:00Z"
    }

    account "666666666666" {
      name               = "kept"
      email              = "kept@example.com"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
    }

    account "777777777777" {
      name  = "unsigned"
      email = "unsigned@example.com"
    }

    account "888888888888" {
      name               = "silent"
      email              = "silent@example.com"
      agreement_accepted = true
    }
  }

  policy "p-keepaccount" {
    name    = "KeepAccount"
    targets = ["666666666666"]
    content = {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "DenyLeaving"
        Effect   = "Deny"
        Action   = "organizations:LeaveOrganization"
        Resource = "*"
      }]
    }
  }
}
