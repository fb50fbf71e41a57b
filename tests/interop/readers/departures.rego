# What a policy asks of a plan, with nothing in it that only orgroster has.
package terraform

import rego.v1

deleted contains change.address if {
	some change in input.resource_changes
	change.type == "account"
	change.change.actions == ["delete"]
}

kept contains change.address if {
	some change in input.resource_changes
	change.change.actions == ["no-op"]
}

# Accounts by the status of their checks: pass, fail or unknown.
checked contains [check.status, instance.address.to_display] if {
	some check in input.checks
	some instance in check.instances
}

problems contains message if {
	some check in input.checks
	some instance in check.instances
	some problem in instance.problems
	message := problem.message
}

drifted contains change.address if some change in input.resource_drift

deny contains sprintf("%s leaves %s", [change.change.before.name, change.change.before.arn]) if {
	some change in input.resource_changes
	"delete" in change.change.actions
}

deny contains "the plan does not cover every account" if not input.complete
