module "legacy-crm" {
  source = "./modules/aft-account-request"

  control_tower_parameters = {
    AccountEmail              = "legacy-crm@example.com"
    AccountName               = "legacy-crm"
    ManagedOrganizationalUnit = "Workloads"
  }
}
