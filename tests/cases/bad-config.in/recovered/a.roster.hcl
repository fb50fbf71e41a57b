locals {
  team: "crm"
  id = "222222222222"
}

variable "ticket" {
  type = string

account "a" {
  id         = local.id
  membership = "membr"
  reason     = var.ticket
}

account "b" {
  id         = "333333333333
  membership = "member"
}

account "c" {
  id         = "444444444444"
  membership = "member"
  membership = "detached"
}

account "d" {
  id         = "555555555555" membership = "member"
}

account "e" {
  id         = 555555555555
  membership = "member"
}
