# No account leaves on a Friday (UTC): if it loses something important, people must be at work to help.
package main

import rego.v1

# The day is that of `now` in the data, or else the day of the plan. A pipeline that applies a plan on a later day must supply `now`.
now := data.now

default now := ""

moment := now if now != ""

moment := input.timestamp if now == ""

deny contains message if {
	time.weekday(time.parse_ns("2006-01-02", substring(moment, 0, 10))) == "Friday"
	count(departures) > 0
	message := sprintf("%d accounts would leave on a Friday (%s)", [count(departures), moment])
}
