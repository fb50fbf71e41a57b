# The organization of the spreadsheet example. Its clock does not move.

sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"
  }

  organizational_unit "Workloads" {
    id = "ou-ab12-workload"

    account "230000000001" {
      name               = "crm"
      email              = "crm@example.com"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
      support_plan       = "basic"
    }
    account "230000000002" {
      name  = "shop"
      email = "shop@example.com"
    }
    account "230000000003" {
      name  = "search"
      email = "search@example.com"
    }
    account "230000000004" {
      name  = "billing"
      email = "billing@example.com"
    }
  }
}
