organization {
  id = "o-ÿ"
}
