# The accounts that an apply of this plan would take out of the organization. What is blocked is not among them.
package main

import rego.v1

departures contains account if {
	some change in input.resource_changes
	"delete" in change.change.actions
	some account in input.orgroster.accounts
	account.address == change.address
}
