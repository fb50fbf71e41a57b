account "twice" {
  id         = "333333333333"
  membership = "detached"
}

account "removed" {
  id         = "444444444444"
  name       = "removed"
  membership = "detached"
  reason     = upper("moved")
  via        = "remove"
  not_before = "tomorrow"

  attestation {
    of      = ["payment_methods"]
    by      = ""
    on      = "2026-11-20T00:00:00Z"
    expires = "2026-11-01"
  }
}

account "management" {
  id         = "111111111111"
  name       = "management"
  membership = "detached"
  reason     = "No"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
