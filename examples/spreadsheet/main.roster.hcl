# Accounts from a spreadsheet: one block for all that leave, one for all that stay.

provider "aws" {
  sandbox = "organization.sandbox.hcl"
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  max_detachments         = 5
  max_detachments_percent = 100
}

variable "contract" {
  description = "The contract under which the accounts are handed over"
  type        = string

  validation {
    condition     = can(regex("^\\d{4}-\\d+$", var.contract))
    error_message = "A contract has the form YEAR-NUMBER, such as 2026-117, not ${var.contract}."
  }
}

variable "attested" {
  description = "For each account that leaves, who checked what"
  type = map(object({
    by      = string
    on      = string
    of      = optional(list(string), ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"])
    expires = optional(string)
  }))
  default = {}
}

variable "notes" {
  description = "Sensitive: never shown, never written anywhere"
  type        = string
  sensitive   = true
  default     = ""
}

locals {
  leaving = { for row in local.rows : row.name => row if row.leaves == "yes" }
  staying = { for row in local.rows : row.name => row if row.leaves != "yes" }
  rows    = csvdecode(file("accounts.csv"))
}

account "sold" {
  for_each   = local.leaving
  id         = each.value.id
  name       = each.key
  membership = "detached"
  reason     = "Sold to ${title(each.value.buyer)} under contract ${var.contract}"

  dynamic "attestation" {
    for_each = [for name, attested in var.attested : attested if name == each.key]
    content {
      of      = attestation.value.of
      by      = attestation.value.by
      on      = attestation.value.on
      expires = attestation.value.expires
    }
  }
}

account "kept" {
  for_each   = local.staying
  id         = each.value.id
  membership = "member"
}
