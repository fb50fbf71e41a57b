account "crm" {
  id         = "222222222222"
  membership = "member"
}
