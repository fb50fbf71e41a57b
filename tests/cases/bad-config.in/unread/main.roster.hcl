organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
