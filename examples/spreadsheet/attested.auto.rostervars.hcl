attested = {
  crm = {
    by      = "finance@example.com"
    on      = "2026-11-20"
    expires = "2026-12-20"
  }
}
