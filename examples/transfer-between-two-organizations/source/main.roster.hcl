# The organization that the account leaves.
organization {
  id                    = "o-sourceorgid"
  management_account_id = "111111111111"
}

guardrails {
  # The organizations to which accounts may move, each with its management account. Other invitations are not accepted.
  transfer_targets   = { "o-targetorgid" = "555555555555" }
  protected_accounts = ["222222222222"]
}

account "log-archive" {
  id         = "222222222222"
  membership = "member"
}

account "other-shop" {
  id         = "444444444444"
  membership = "member"
}

account "shop" {
  id         = "333333333333"
  name       = "shop"
  membership = "detached"
  via        = "transfer"
  to         = "o-targetorgid"
  reason     = "Sold to Target Corp, contract 2026-131"
}
