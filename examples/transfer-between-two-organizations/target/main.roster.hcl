# The organization that the account joins.
organization {
  id                    = "o-targetorgid"
  management_account_id = "555555555555"
}

account "shop" {
  id         = "333333333333"
  membership = "member"
}
