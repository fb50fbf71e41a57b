account "ok" {
  id = "222222222222"
}
