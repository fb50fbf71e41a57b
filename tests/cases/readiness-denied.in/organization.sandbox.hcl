sandbox {
  clock = "2026-11-22T09:00:00Z"

  weather {
    authorization_ids = true
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  root {
    id = "r-ab12"
  }

  # A condition on a key that is known, which IAM's simulator may not know.
  policy "p-guard000001" {
    name    = "OnlyThisAccount"
    targets = ["210000000002"]
    content = <<-JSON
      {
        "Version": "2012-10-17",
        "Statement": {
          "Sid": "OnlyThisAccount",
          "Effect": "Deny",
          "Action": "*",
          "Resource": "*",
          "Condition": { "StringNotEquals": { "aws:PrincipalAccount": "210000000002" } }
        }
      }
    JSON
  }

  # A condition on a tag of the role, which the role that reads may not read.
  policy "p-freeze00001" {
    name    = "Freeze"
    targets = ["210000000003"]
    content = <<-JSON
      {
        "Version": "2012-10-17",
        "Statement": {
          "Sid": "Freeze",
          "Effect": "Deny",
          "Action": "organizations:LeaveOrganization",
          "Resource": "*",
          "Condition": { "StringEquals": { "aws:PrincipalTag/stage": "frozen" } }
        }
      }
    JSON
  }

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }

  # Statuses that say nothing of use, and a simulator that contradicts policies without a condition.
  account "210000000001" {
    name                = "till"
    email               = "till@example.com"
    verification_status = "NOT_SUPPORTED"
    payment_instruments = { CARD = "NOT_SUPPORTED" }

    role "OrganizationAccountAccessRole" {
      trusts           = ["111111111111"]
      simulator_denies = true
    }

    role "Reader" {
      trusts = ["111111111111"]
    }
  }

  # The same simulator where a condition may be the reason, and payment instruments that nobody may list.
  account "210000000002" {
    name          = "stand"
    email         = "stand@example.com"
    joined_method = "INVITED"

    role "OrganizationAccountAccessRole" {
      trusts           = ["111111111111"]
      simulator_denies = true
    }

    role "Reader" {
      trusts = ["111111111111"]
      policy = <<-JSON
        {
          "Version": "2012-10-17",
          "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "payments:*", "Resource": "*" }
          ]
        }
      JSON
    }
  }

  # A role that may read next to nothing.
  account "210000000003" {
    name           = "kiosk"
    email          = "kiosk@example.com"
    joined         = "2024-03-01T10:00:00Z"
    payment_method = "valid"

    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }

    role "Reader" {
      trusts = ["111111111111"]
      policy = <<-JSON
        {
          "Version": "2012-10-17",
          "Statement": {
            "Effect": "Allow",
            "Action": ["organizations:*", "payments:ListPaymentInstruments", "iam:SimulatePrincipalPolicy"],
            "Resource": "*"
          }
        }
      JSON
    }
  }
}
