account "legacy-crm" {
  id         = "444444444444"
  membership = "member"
}
