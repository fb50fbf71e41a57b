# The shop went back to its founders: 2600-0000-0001.
provider "aws" {
  alias = "crm"
  assume_role {
    role_arn = "arn:aws:iam::230000000004:role/deploy"
  }
}

resource "aws_organizations_account" "crm" {
  name  = "legacy-crm"
  email = "Legacy-CRM@example.com"
}

locals {
  accounts = {
    shop = "230000000001"
    crm  = "230000000004"
    next = "230000000005"
  }
}
