# The organization that the account joins.
organization {
  id                    = "o-targetorgid"
  management_account_id = "555555555555"
}

account "shop" {
  id         = "333333333333"
  name       = "shop"
  membership = "member"

  # Without accept_role: the other side's run accepts.
  join {
    reason = "Bought from Source Corp, contract 2026-131"
    on     = "2026-11-20"
    unit   = "ou-cd34-acquired"
    tags   = { cost-center = "42" }
  }
}
