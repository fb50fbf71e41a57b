# No account leaves without a ticket in its reason.
package main

import rego.v1

# A key such as FIN-77, or a URL. Adapt the pattern to your tickets.
ticket := `(^|[^A-Za-z0-9])([A-Z][A-Z0-9]+-[0-9]+|https://[^ ]+)`

deny contains message if {
	some account in departures
	not regex.match(ticket, account.desired.reason)
	message := sprintf("%s leaves without a ticket in its reason", [account.address])
}
