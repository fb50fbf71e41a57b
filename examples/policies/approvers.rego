# More than five departures at once need two approvers other than the author.
package main

import rego.v1

limit := 5

enough := 2

# The data supplies `approvers` and `author`, which the pipeline gets from its platform. Without data there is no approval.
approvers contains name if {
	some name in data.approvers
	not name == data.author
}

deny contains message if {
	count(departures) > limit
	count(approvers) < enough
	message := sprintf("%d accounts would leave, which needs %d approvers other than the author, and has %d", [count(departures), enough, count(approvers)])
}
