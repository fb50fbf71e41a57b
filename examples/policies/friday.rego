# No account leaves on a Friday (UTC): whoever finds out what it lost should find somebody at work.
package main

import rego.v1

# The day is that of `now` in the data, else the one on which the plan was made. A pipeline that applies a plan of another day gives `now`.
now := data.now

default now := ""

moment := now if now != ""

moment := input.timestamp if now == ""

deny contains message if {
	time.weekday(time.parse_ns("2006-01-02", substring(moment, 0, 10))) == "Friday"
	count(departures) > 0
	message := sprintf("%d accounts would leave on a Friday (%s)", [count(departures), moment])
}
