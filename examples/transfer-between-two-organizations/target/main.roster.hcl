# The organization that the account joins.
organization {
  id                    = "o-targetorgid"
  management_account_id = "555555555555"
}

account "shop" {
  id         = "333333333333"
  name       = "shop"
  membership = "member"

  # No accept_role: the source's run accepts the invitation.
  join {
    reason = "Bought from Source Corp, contract 2026-131"
    on     = "2026-11-20"
    unit   = "ou-cd34-acquired"
    tags   = { cost-center = "42" }
  }
}
