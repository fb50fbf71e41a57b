account "a" {
  id = "333333333333"
  membersip = "member"
}
