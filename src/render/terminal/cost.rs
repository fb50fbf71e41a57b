//! The requests and the time that reading the organization takes, and its progress.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::org::{OperationCost, OperationQuota, ReadingCost, counted};

use crate::render::Text;
use crate::render::text::{put, putln, text};

/// Lists the requests of a saved plan.
#[must_use]
pub fn requests(requests: &BTreeMap<String, u64>) -> Text {
    let mut text = text!("Observed with {}:\n\n", counted(requests.values().sum(), "request"));
    for (operation, count) in requests {
        putln!(text, "    {:>6}  {}", count, operation);
    }
    put!(text, "\n");
    text
}

/// Lists the requests of a plan that was made in this run, how long they waited, and what limited the reading.
#[must_use]
pub fn cost(cost: &ReadingCost) -> Text {
    let mut text = text!("Observed with {}", counted(cost.requests(), "request"));
    // Without a pace nothing waits, and the time depends only on the machine.
    if cost.share_percent.is_some() {
        put!(text, " in {}", seconds(cost.elapsed));
    }
    put!(text, ":\n\n");
    for (operation, of) in cost.operations.iter().filter(|(_, of)| of.requests > 0) {
        putln!(text, "    {:>6}  {}{}", of.requests, operation, waits(of));
    }
    putln!(text, "\n{}", bound(cost));
    if cost.throttled() > 0 {
        putln!(
            text,
            "AWS throttled {}: another caller uses the same quotas. orgroster continued at half its pace until enough requests succeeded.",
            counted(cost.throttled(), "request")
        );
    }
    put!(text, "\n");
    text
}

fn waits(of: &OperationCost) -> String {
    let mut notes = Vec::new();
    if of.waited >= Duration::from_millis(50) {
        notes.push(format!("waited {} for its quota", seconds(of.waited)));
    }
    if of.throttled > 0 {
        notes.push(format!("throttled {}", counted(of.throttled, "time")));
    }
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

fn bound(cost: &ReadingCost) -> String {
    let Some(share) = cost.share_percent else {
        return "Nothing limited the reading: requests to the sandbox are not paced.".to_owned();
    };
    match cost.bound() {
        Some((operation, OperationCost { quota: Some(OperationQuota { documented, used, .. }), .. })) => format!(
            "The quota of {operation} limited the reading: {used:.1} of AWS's {documented} requests a second (api_share = {:.2}).",
            f64::from(share) / 100.0
        ),
        _ => "AWS's response times limited the reading: requests hardly waited for quotas.".to_owned(),
    }
}

/// One line for a terminal while the organization is read. It estimates the rest only if there is a basis for that.
#[must_use]
pub fn reading(cost: &ReadingCost) -> Text {
    let (pages, expected) = cost.account_pages();
    let mut text = Text::ours("Reading the organization: ");
    if pages > 0 {
        put!(text, "page {} of accounts", pages);
        if pages <= expected {
            put!(text, " (of about {})", expected);
        }
        put!(text, ", ");
    }
    put!(text, "{}", counted(cost.requests() - pages, "other request"));
    if let Some(left) = cost.left().filter(|left| *left >= Duration::from_secs(1)) {
        put!(text, ", about {} left", minutes(left));
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading_cost(pages: u64, waited: u64, throttled: u64) -> ReadingCost {
        let quota = Some(OperationQuota { documented: 8, used: 4.8, burst: 7 });
        let list = OperationCost { requests: pages, expected: 100, waited: Duration::from_secs(waited), throttled, quota };
        let root = OperationCost { requests: 1, ..OperationCost::default() };
        let operations = [("organizations:ListAccounts", list), ("organizations:ListRoots", root)];
        ReadingCost {
            operations: operations.into_iter().map(|(name, cost)| (name.to_owned(), cost)).collect(),
            share_percent: Some(60),
            elapsed: Duration::from_secs(10),
        }
    }

    #[test]
    fn the_cost_shows_what_limited_the_reading() {
        assert_eq!(
            cost(&reading_cost(50, 9, 0)).as_str(),
            "Observed with 51 requests in 10.0 s:\n\n        50  organizations:ListAccounts (waited 9.0 s for its quota)\n         1  \
             organizations:ListRoots\n\nThe quota of organizations:ListAccounts limited the reading: 4.8 of AWS's 8 requests a second \
             (api_share = 0.60).\n\n"
        );
        assert!(cost(&reading_cost(50, 1, 0)).contains("AWS's response times limited the reading"));
        assert!(cost(&reading_cost(50, 9, 2)).contains("AWS throttled 2 requests: another caller"));
        let unpaced = ReadingCost { share_percent: None, ..reading_cost(50, 0, 0) };
        assert!(cost(&unpaced).contains("Observed with 51 requests:") && cost(&unpaced).contains("not paced"));
    }

    #[test]
    fn progress_promises_no_more_than_is_known() {
        let line = |pages| reading(&reading_cost(pages, 0, 0)).as_str().to_owned();
        assert_eq!(line(50), "Reading the organization: page 50 of accounts (of about 100), 1 other request, about 10 s left");
        assert_eq!(line(120), "Reading the organization: page 120 of accounts, 1 other request");
        assert_eq!(line(0), "Reading the organization: 1 other request");
        let mut long = reading_cost(20, 0, 0);
        long.operations.values_mut().for_each(|of| of.expected *= 25);
        assert_eq!(
            reading(&long).as_str(),
            "Reading the organization: page 20 of accounts (of about 2500), 1 other request, about 20 min 40 s left"
        );
    }
}
