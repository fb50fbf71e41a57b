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
    delegated_services = ["guardduty.amazonaws.com"]
  }

  account "333333333333" {
    name  = "crm"
    email = "crm@example.com"
    tags  = { team = "crm" }
  }

  account "444444444444" {
    name   = "young"
    email  = "young@example.com"
    joined = "2026-11-20T09:00:00Z"
  }

  account "555555555555" {
    name          = "partner"
    email         = "partner@example.com"
    joined_method = "INVITED"
    created       = "2026-11-21T09:00:00Z"
  }

  account "666666666666" {
    name  = "suspended"
    email = "suspended@example.com"
    state = "SUSPENDED"
  }

  organizational_unit "Kept" {
    account "777777777777" {
      name  = "kept"
      email = "kept@example.com"
    }
  }

  organizational_unit "Staying" {
    account "888888888888" {
      name  = "staying"
      email = "staying@example.com"
    }
  }

  policy "p-noacceptance" {
    name    = "NoAcceptance"
    targets = ["777777777777"]
    content = {
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Deny"
        Action   = "organizations:AcceptHandshake"
        Resource = "arn:aws:organizations::121212121212:handshake/*"
      }]
    }
  }

  policy "p-noleaving" {
    name    = "NoLeaving"
    targets = ["888888888888"]
    content = {
      Version   = "2012-10-17"
      Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }]
    }
  }
}

organization "o-othertarget" {
  management_account_id = "121212121212"
  account_quota         = 12
  root { id = "r-cd34" }

  account "121212121212" {
    name  = "other-management"
    email = "other-management@example.com"
  }

  organizational_unit "Taken over" {
    id = "ou-cd34-takenover"
  }
}

account "999999999999" {
  name  = "outside"
  email = "outside@example.com"
  plan  = "FREE"

  role "Joiner" {
    trusts = ["121212121212"]
  }
}

account "989898989898" {
  name           = "without-card"
  email          = "without-card@example.com"
  payment_method = "none"
}
