nmaes = ["a"]
