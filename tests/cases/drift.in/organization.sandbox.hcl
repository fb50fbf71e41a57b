sandbox {
  clock = "2026-11-28T09:00:00Z"
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"

  root {
    id = "r-ab12"
  }

  account "111111111111" {
    name  = "management"
    email = "m@example.com"
  }
  account "220000000001" {
    name  = "closed-one"
    email = "closed@example.com"
    state = "CLOSED"
  }
  account "220000000002" {
    name  = "suspended-one"
    email = "suspended@example.com"
    state = "SUSPENDED"
  }
  account "220000000003" {
    name  = "closing-one"
    email = "closing@example.com"
    state = "PENDING_CLOSURE"
  }
  account "220000000004" {
    name  = "unfinished-one"
    email = "unfinished@example.com"
    state = "PENDING_ACTIVATION"
  }
  account "220000000005" {
    name  = "new-name"
    email = "ok@example.com"
  }
  account "220000000006" {
    name  = "forgotten"
    email = "forgotten@example.com"
    state = "CLOSED"
  }
}
