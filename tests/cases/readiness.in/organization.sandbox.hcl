sandbox {
  clock = "2026-11-22T09:00:00Z"

  weather {
    trail_delay_seconds = 0
  }

  # The session of its root user may not look at the password.
  fault {
    operation = "iam:GetLoginProfile"
    account   = "210000000003"
    count     = 1000
    kind      = "error"
    code      = "AccessDenied"
    status    = 403
    message   = "not authorized to perform: iam:GetLoginProfile"
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  enabled_policy_types  = ["SERVICE_CONTROL_POLICY", "BACKUP_POLICY", "SECURITYHUB_CSPM_POLICY"]
  service_access        = ["account.amazonaws.com", "controltower.amazonaws.com"]
  root_features         = ["RootCredentialsManagement"]

  delegation_policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::210000000001:root" },
        "Action": "organizations:DescribePolicy",
        "Resource": "*"
      }
    }
  JSON

  root {
    id = "r-ab12"
  }

  integrations {
    log_archive = "210000000001"
  }

  policy "p-backup000001" {
    name    = "Backup"
    type    = "BACKUP_POLICY"
    targets = ["r-ab12"]
    content = <<-JSON
      {"plans":{"daily":{"regions":{"@@assign":["us-east-1"]}}}}
    JSON
  }

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }

  # What the organization is built on, and nothing of it ready.
  account "210000000001" {
    name                = "logs"
    email               = "logs@example.com"
    verification_status = "PENDING"
    payment_instruments = { UPI = "SETUP_IN_PROGRESS" }

    role "Leaver" {
      trusts = ["111111111111"]
    }

    role "Reader" {
      trusts = ["111111111111"]
    }

    role "Deploy" {
      trusts       = ["111111111111"]
      trust_policy = <<-JSON
        {
          "Version": "2012-10-17",
          "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } }
          }
        }
      JSON
    }
  }

  # Ready, but for a policy that nobody can read.
  account "210000000002" {
    name                = "shop"
    email               = "shop@example.com"
    joined_method       = "INVITED"
    joined              = "2023-06-15T08:00:00Z"
    verification_status = "VERIFIED"
    payment_instruments = { CARD = "ACTIVE" }
    root_password       = true
    root_mfa_devices    = 1

    role "Leaver" {
      trusts = ["111111111111"]
    }

    role "Reader" {
      trusts = ["111111111111"]
    }

    role "Broken" {
      trusts       = ["111111111111"]
      trust_policy = "{"
    }
  }

  account "210000000003" {
    name          = "vault"
    email         = "vault@example.com"
    root_password = true

    role "Leaver" {
      trusts = ["111111111111"]
    }

    role "Reader" {
      trusts = ["111111111111"]
    }
  }

  # AWS removes it 90 days after it was closed, and nobody recorded that.
  account "210000000004" {
    name   = "attic"
    email  = "attic@example.com"
    state  = "CLOSED"
    closed = "2026-08-24T00:00:00Z"
  }
}
