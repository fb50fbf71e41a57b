sandbox {
  clock = "2026-11-22T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }

  account "260000000001" {
    name          = "acquired-shop"
    email         = "aws@acquired-shop.example.com"
    joined_method = "INVITED"
    joined        = "2023-06-15T08:00:00Z"

    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }
  }

  account "230000000004" {
    name   = "legacy-crm"
    email  = "legacy-crm@example.com"
    joined = "2021-03-01T10:00:00Z"
  }

  account "230000000001" {
    name   = "shop-production"
    email  = "shop-production@example.com"
    joined = "2021-03-01T10:00:00Z"
  }
}
