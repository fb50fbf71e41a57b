# The organization that the examples describe. The members' roles have exactly the printed policies; so have the roles of the management
# account, which the tests add.

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"

    role "OrgrosterPlan" {
      trusts = ["111111111111"]
      policy = <<-JSON
        @plan@
      JSON
    }

    role "OrgrosterApply" {
      trusts = ["111111111111"]
      policy = <<-JSON
        @apply@
      JSON
    }
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
      support_plan  = "basic"
@roles@
    }

    account "444444444444" {
      name          = "legacy-crm"
      email         = "legacy-crm@example.com"
      joined_method = "INVITED"
      support_plan  = "basic"
@roles@
    }

    account "555555555555" {
      name               = "new-lab"
      email              = "new-lab@example.com"
      joined_method      = "CREATED"
      joined             = "2024-03-01T10:00:00Z"
      delegated_services = ["config.amazonaws.com"]
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
      support_plan       = "basic"
@roles@
    }
  }
}
