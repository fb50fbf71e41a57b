# The accounts that an apply of this plan would remove from the organization, without blocked ones.
package main

import rego.v1

departures contains account if {
	some change in input.resource_changes
	"delete" in change.change.actions
	some account in input.orgroster.accounts
	account.address == change.address
}
