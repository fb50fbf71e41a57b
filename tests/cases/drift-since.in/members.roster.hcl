account "management" {
  id         = "111111111111"
  membership = "member"
}

# Security
account "audit" {
  id         = "210000000002"
  membership = "member"
}

# Infrastructure
account "network" {
  id         = "220000000001"
  membership = "member"
}

account "shared-services" {
  id         = "220000000002"
  membership = "member"
}

# Workloads/Production
account "shop-production" {
  id         = "230000000001"
  membership = "member"
}

account "billing-production" {
  id         = "230000000002"
  membership = "member"
}

account "search-production" {
  id         = "230000000003"
  membership = "member"
}

# Workloads/Development
account "shop-development" {
  id         = "240000000001"
  membership = "member"
}

account "billing-development" {
  id         = "240000000002"
  membership = "member"
}

account "search-development" {
  id         = "240000000003"
  membership = "member"
}

# Sandboxes
account "acquired-lab" {
  id         = "260000000002"
  membership = "member"
}

account "partner-portal" {
  id         = "260000000004"
  membership = "member"
}

account "suspended-lab" {
  id         = "260000000003"
  membership = "member"
}
