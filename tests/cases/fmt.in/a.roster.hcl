# Accounts of the data platform.
account "data-lake" {
  id = "222222222222" # the oldest
  membership = "member"
}
account legacy {
id = "333333333333"
      reason="${local.reason}"
}
