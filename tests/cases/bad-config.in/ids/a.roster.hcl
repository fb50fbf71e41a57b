organization {
  id                    = "o-Example"
  management_account_id = 012345678901
}

account "unquoted" {
  id         = 012345678901
  membership = "member"
}

account "short" {
  id         = "12345"
  membership = "membre"
}

account "twice" {
  id         = "333333333333"
  membership = "member"
}
