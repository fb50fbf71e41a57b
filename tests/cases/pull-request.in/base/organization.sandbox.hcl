# An organization with a name in it that would like to be a heading, a mention and two cells of a table.

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

  organizational_unit "Workloads" {
    id = "ou-ab12-workload"

    account "230000000001" {
      name  = "shop"
      email = "shop@example.com"
    }
    account "230000000004" {
      name               = "legacy-crm"
      email              = "legacy-crm@example.com"
      joined             = "2021-03-01T10:00:00Z"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
      support_plan       = "basic"
      tags               = { team = "crm" }
    }
  }

  organizational_unit "Labs | \"R&D\"" {
    id = "ou-ab12-labslabs"

    account "250000000001" {
      name   = "new-lab"
      email  = "new-lab@example.com"
      joined = "2026-11-20T14:30:00Z"
    }
    account "260000000001" {
      name          = "x | `# @octocat` <b>"
      email         = "robots@example.com"
      joined_method = "INVITED"
      joined        = "2023-06-15T08:00:00Z"
    }
  }
}
