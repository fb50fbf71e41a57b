organization {
  id                    = "o-exampleorgid"
  management_account_id = var.management
}

variable "management" {
  type    = string
  default = "111111111111"
}

variable "size" {
  type    = number
  default = "many"
}

variable "names" {
  type     = list(string)
  nullable = false
}

variable "token" {
  type      = string
  sensitive = true
  default   = "s3cr3t"
}

variable "names" {}

variable "odd" {
  default = upper("x")

  validation {
    condition     = true
    error_message = "Never."
  }
}

locals {
  a     = local.b
  b     = local.c + 1
  c     = local.a
  after = local.a
  names = ["x", "y"]
}

account "from-a-list" {
  for_each   = local.names
  id         = "222222222222"
  membership = "member"
}

account "from-a-secret" {
  for_each   = toset([var.token])
  id         = "222222222222"
  membership = "member"
}

account "leaky" {
  id         = "333333333333"
  name       = "leaky"
  membership = "detached"
  reason     = var.token
}

account "same" {
  for_each   = toset(["x", "y"])
  id         = "444444444444"
  membership = each.valeu
}

account "twice" {
  for_each   = toset(["x", "y"])
  id         = "555555555555"
  membership = "member"
}

account "nothing" {
  id         = "666666666666"
  membership = null
}

account "empty" {
  id         = "777777777777"
  name       = "empty"
  membership = "detached"
  reason     = var.size == 1 ? "x" : null
}

account "absent" {
  id         = "888888888888"
  name       = "absent"
  membership = "detached"
  reason     = length(var.token) > 100 ? "x" : nonsensitive(null)

  dynamic "attestation" {
    for_each = [1, 2]
    content {
      of = ["payment_method"]
      by = attestation.value
      on = "2026-11-${attestation.key + 20}"
    }
  }
  dynamic "lifecycle" {
    for_each = []
    content {}
  }
}
