# Two organizations. One account moves from the first to the second.

organization "o-sourceorgid" {
  management_account_id = "111111111111"
  service_access        = ["account.amazonaws.com"]

  account "111111111111" {
    name  = "source-management"
    email = "aws-management@source.example.com"
  }

  account "222222222222" {
    name  = "log-archive"
    email = "log-archive@source.example.com"
  }

  organizational_unit "Shops" {
    account "333333333333" {
      name   = "shop"
      email  = "aws@shop.example.com"
      joined = "2024-03-01T10:00:00Z"
      tags   = { cost-center = "17" }
    }

    account "444444444444" {
      name   = "other-shop"
      email  = "aws@other-shop.example.com"
      joined = "2024-03-01T10:00:00Z"
    }
  }
}

organization "o-targetorgid" {
  management_account_id = "555555555555"

  account "555555555555" {
    name  = "target-management"
    email = "aws-management@target.example.com"
  }

  organizational_unit "Acquired" {
    id = "ou-cd34-acquired"
  }

  root {
    id = "r-cd34"
  }
}
