account "log-archive" {
  id         = "222222222222"
  membership = "member"
}

account "data-lake" {
  id         = "333333333333"
  membership = "member"
}

account "new-lab" {
  id         = "555555555555"
  membership = "member"
}
