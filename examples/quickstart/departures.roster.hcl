# Eligible: everything is attested, and no attestation has expired.
account "legacy-crm" {
  id         = "230000000004"
  name       = "legacy-crm"
  membership = "detached"
  reason     = "Divested to Example Corp, contract 2026-117"

  attestation {
    of       = ["payment_method", "phone_verification", "customer_agreement", "support_plan"]
    by       = "finance@example.com"
    on       = "2026-11-20"
    evidence = "https://tickets.example.com/FIN-77"
    expires  = "2026-12-20"
  }
  attestation {
    of       = ["root_access"]
    by       = "it-security@example.com"
    on       = "2026-11-19"
    evidence = "https://tickets.example.com/SEC-12"
  }
}

# Eligible: an invited account was standalone once, so missing attestations don't block it.
account "acquired-shop" {
  id         = "260000000001"
  email      = "aws@acquired-shop.example.com"
  membership = "detached"
  reason     = "Returned to its founders"
}

# Blocked: it was created less than four days ago.
account "new-lab" {
  id         = "250000000001"
  name       = "new-lab"
  membership = "detached"
  reason     = "Spun off with the robotics team"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}

# Blocked: it administers services for the organization.
account "security-tooling" {
  id         = "210000000003"
  name       = "security-tooling"
  membership = "detached"
  reason     = "Moves to the security provider"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}

# Blocked: a service control policy on its organizational unit denies leaving.
account "backup" {
  id         = "220000000003"
  name       = "backup"
  membership = "detached"
  reason     = "Replaced by the backup provider"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}

# Blocked: it was created by the organization, and no one attested what it needs to become standalone.
account "old-analytics" {
  id         = "230000000005"
  name       = "old-analytics"
  membership = "detached"
  reason     = "Divested to Example Corp, contract 2026-117"
}

# Blocked: the attestation has expired.
account "old-warehouse" {
  id         = "230000000006"
  name       = "old-warehouse"
  membership = "detached"
  reason     = "Divested to Example Corp, contract 2026-117"

  attestation {
    of      = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by      = "finance@example.com"
    on      = "2026-09-01"
    expires = "2026-10-01"
  }
}

# Blocked: the account with this id has another name.
account "data-science" {
  id         = "240000000004"
  name       = "data-science"
  membership = "detached"
  reason     = "Project ended"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}

# Blocked: no account in the organization has this id.
account "mistyped" {
  id         = "270000000009"
  name       = "partner-portal"
  membership = "detached"
  reason     = "Handed over to the partner"
}

# Blocked: it is in protected_accounts.
account "log-archive" {
  id         = "210000000001"
  name       = "log-archive"
  membership = "detached"
  reason     = "No longer needed"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-11-21"
  }
}

# Unchanged: it left before orgroster was used.
account "old-website" {
  id         = "280000000001"
  name       = "old-website"
  membership = "detached"
  reason     = "Sold in 2025"
  departed   = "2025-08-31"
}
