sandbox {
  clock = "2026-11-22T09:00:00Z"

  weather {
    throttles = false
  }

  fault {
    operation = "organizations:LeaveOrganization"
    kind      = "internal_error"
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  root {
    id = "r-ab12"
  }

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }

  account "222222222222" {
    name               = "security"
    email              = "security@example.com"
    delegated_services = ["config.amazonaws.com"]

    role "Operator" {
      trusts = ["111111111111"]
    }
  }

  organizational_unit "Workloads" {
    id = "ou-ab12-workload"

    account "333333333333" {
      name  = "crm"
      email = "crm@example.com"
    }

    organizational_unit "Young" {
      tags = { team = "young" }
    }
  }

  policy "p-examplepolicyid" {
    name    = "Freeze"
    content = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"
    targets = ["ou-ab12-workload"]
  }

  invitation "h-examplehandshake" {
    account = "999999999999"
  }

  integrations {
    stack_set "baseline" {
      accounts = ["333333333333"]
    }

    permission_set "Admin" {
      accounts = ["333333333333"]
    }

    resource_share "subnets" {
      owner    = "222222222222"
      accounts = ["333333333333"]
    }
  }
}

account "999999999999" {
  name  = "outside"
  email = "outside@example.com"

  role "Operator" {
    trusts = ["111111111111"]
  }
}
