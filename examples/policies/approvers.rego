# More than five departures at once need two approvers, of whom the author is none.
package main

import rego.v1

limit := 5

enough := 2

# Who approved, and who asked: `approvers` and `author` of the data, which the pipeline takes from its platform. No data is no approval.
approvers contains name if {
	some name in data.approvers
	not name == data.author
}

deny contains message if {
	count(departures) > limit
	count(approvers) < enough
	message := sprintf("%d accounts would leave, which needs %d approvers beside the author, and has %d", [count(departures), enough, count(approvers)])
}
