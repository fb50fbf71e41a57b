# What a policy asks of a plan, with nothing in it that only orgroster has.
package terraform

import rego.v1

# regopy prints texts without escaping the quotes in them, and so can't read its own output again.
bare(text) := urlquery.encode(text)

deleted contains bare(change.address) if {
	some change in input.resource_changes
	change.type == "orgroster_account"
	change.change.actions == ["delete"]
}

kept contains bare(change.address) if {
	some change in input.resource_changes
	change.change.actions == ["no-op"]
}

# Accounts by the status of their checks: pass, fail or unknown.
checked contains [check.status, bare(instance.address.to_display)] if {
	some check in input.checks
	some instance in check.instances
}

# The gates that block some account.
blocking contains gate if {
	some check in input.checks
	some instance in check.instances
	some problem in instance.problems
	gate := split(problem.message, ":")[0]
}

drifted contains bare(change.address) if some change in input.resource_drift

deny contains message if {
	some change in input.resource_changes
	message := concat(" ", [change.change.before.arn, "leaves"])
	"delete" in change.change.actions
}

deny contains "the plan does not cover every account" if not input.complete
