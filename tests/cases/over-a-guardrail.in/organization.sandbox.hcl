sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }

  account "220000000001" {
    name          = "first"
    email         = "first@example.com"
    joined_method = "INVITED"
    joined        = "2024-03-01T10:00:00Z"

    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }
  }

  account "220000000002" {
    name          = "second"
    email         = "second@example.com"
    joined_method = "INVITED"
    joined        = "2024-03-01T10:00:00Z"

    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }
  }

  account "220000000003" {
    name          = "young"
    email         = "young@example.com"
    joined_method = "CREATED"
    joined        = "2026-11-20T14:30:00Z"

    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }
  }
}
