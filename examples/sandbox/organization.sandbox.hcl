# An organization to rehearse every refusal of LeaveOrganization, and most other failures on the way:
#
#     orgroster sandbox serve -listen 127.0.0.1:4566 examples/sandbox/organization.sandbox.hcl
#     AWS_ACCESS_KEY_ID=333333333333 AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1 \
#       aws --endpoint-url http://127.0.0.1:4566 organizations leave-organization
#
# A 12-digit access key id acts as the administrator of that account. README.md in this directory explains every setting.

sandbox {
  clock = "2026-11-22T09:00:00Z"
  seed  = 1

  weather {
    latency_ms          = 0
    throttles           = false
    empty_pages         = false
    visibility_delay_ms = 0
  }

  # Account 393939393939 leaves, but the connection breaks before the caller gets the answer.
  fault {
    operation = "organizations:LeaveOrganization"
    account   = "393939393939"
    kind      = "reset_after_effect"
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  service_access        = ["account.amazonaws.com", "guardduty.amazonaws.com"]

  root { id = "r-ab12" }

  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"
  }

  account "222222222222" {
    name               = "security"
    email              = "security@example.com"
    joined_method      = "INVITED"
    delegated_services = ["guardduty.amazonaws.com"]
  }

  organizational_unit "Workloads" {
    # Fully signed up, so it can leave.
    account "333333333333" {
      name               = "legacy-crm"
      email              = "legacy-crm@example.com"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
      support_plan       = "basic"
      tags               = { team = "crm" }
    }

    account "393939393939" {
      name          = "partner"
      email         = "partner@example.com"
      joined_method = "INVITED"

      role "Operator" {
        trusts      = ["111111111111"]
        external_id = "s3cret"
      }
    }

    organizational_unit "Not ready" {
      account "444444444444" {
        name  = "no-agreement"
        email = "no-agreement@example.com"
      }

      account "454545454545" {
        name               = "no-phone"
        email              = "no-phone@example.com"
        agreement_accepted = true
      }

      account "464646464646" {
        name               = "no-card"
        email              = "no-card@example.com"
        agreement_accepted = true
        phone_verified     = true
      }

      account "474747474747" {
        name               = "foreign-card"
        email              = "foreign-card@example.com"
        agreement_accepted = true
        phone_verified     = true
        payment_method     = "invalid"
      }

      account "484848484848" {
        name   = "young"
        email  = "young@example.com"
        joined = "2026-11-20T09:00:00Z"
      }

      account "494949494949" {
        name  = "suspended"
        email = "suspended@example.com"
        state = "SUSPENDED"
      }
    }

    organizational_unit "Protected" {
      account "555555555555" {
        name               = "payroll"
        email              = "payroll@example.com"
        payment_method     = "valid"
        phone_verified     = true
        agreement_accepted = true
      }
    }
  }

  policy "p-keepmembers" {
    name    = "KeepMembers"
    targets = ["r-ab12"]

    content = {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "DenyLeavingToPayroll"
        Effect    = "Deny"
        Action    = "organizations:LeaveOrganization"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalAccount" = ["555555555555"] } }
      }]
    }
  }
}

# A standalone account. Every other 12-digit account is standalone too, without a block.
account "999999999999" {
  name  = "outside"
  email = "outside@example.com"
}
