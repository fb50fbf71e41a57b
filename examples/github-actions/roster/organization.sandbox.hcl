# The organization to rehearse on. To make a copy of the real one: orgroster sandbox generate -from-snapshot

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
    name          = "log-archive"
    email         = "log-archive@example.com"
    joined_method = "INVITED"
  }

  organizational_unit "Workloads" {
    account "333333333333" {
      name          = "data-lake"
      email         = "data-lake@example.com"
      joined_method = "INVITED"
      joined        = "2024-03-01T10:00:00Z"
      support_plan  = "basic"

      role "OrgrosterLeave" {
        trusts = ["111111111111"]
      }

      role "OrgrosterRead" {
        trusts = ["111111111111"]
      }
    }

    account "444444444444" {
      name          = "legacy-crm"
      email         = "legacy-crm@example.com"
      joined_method = "INVITED"
      joined        = "2024-03-01T10:00:00Z"
      support_plan  = "basic"

      role "OrgrosterLeave" {
        trusts = ["111111111111"]
      }

      role "OrgrosterRead" {
        trusts = ["111111111111"]
      }
    }

    account "555555555555" {
      name          = "new-lab"
      email         = "new-lab@example.com"
      joined_method = "INVITED"
      joined        = "2024-03-01T10:00:00Z"
      support_plan  = "basic"

      role "OrgrosterLeave" {
        trusts = ["111111111111"]
      }

      role "OrgrosterRead" {
        trusts = ["111111111111"]
      }
    }
  }
}
