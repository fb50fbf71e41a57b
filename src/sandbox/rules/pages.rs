//! Pages of a list, and the tokens for the next page.

use std::collections::{HashMap, VecDeque};
use std::ops::Bound;

use crate::org::AccountId;
use crate::sandbox::state::ids;
use crate::sandbox::wire::Refusal;

/// How many tokens are kept. The oldest is dropped first, and then refused.
const REMEMBERED: usize = 10_000;

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Continuation {
    /// The list: operation, input without the page, and caller's account.
    list: String,
    /// The key of the last item in the answer; empty at the start.
    after: String,
    /// The token of the previous page, which becomes invalid when this token is used.
    previous: Option<String>,
}

/// The issued tokens.
///
/// A token stays valid until the token of its page is used: after a broken connection, a client may request the same page again, but a
/// client that went on can't go back.
#[derive(Debug, Default)]
pub struct Pages {
    issued: u64,
    known: HashMap<String, Continuation>,
    order: VecDeque<String>,
}

/// A request for a page.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// What distinguishes this list from others.
    pub list: String,
    /// `NextToken`.
    pub token: Option<&'w str>,
    /// Whether the list begins with an empty page.
    pub empty_first: bool,
}

/// The start of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The key after which the page begins; empty for the first page.
    pub after: String,
    /// Whether this is the empty page before the list.
    pub empty: bool,
}

impl Start {
    /// The start position in a list that is sorted by strings.
    #[must_use]
    pub fn bound(&self) -> Bound<String> {
        if self.after.is_empty() { Bound::Unbounded } else { Bound::Excluded(self.after.clone()) }
    }

    /// The start position in a list that is sorted by account ids.
    #[must_use]
    pub fn account_bound(&self) -> Bound<AccountId> {
        self.after.parse().map_or(Bound::Unbounded, Bound::Excluded)
    }
}

impl Pages {
    /// Finds the start of the requested page.
    ///
    /// # Errors
    ///
    /// Returns `INVALID_NEXT_TOKEN` for a token that was not issued for this list, or is no longer valid.
    pub fn start(&mut self, wanted: &Wanted<'_>) -> Result<Start, Refusal> {
        let Some(token) = wanted.token else {
            return Ok(Start { after: String::new(), empty: wanted.empty_first });
        };
        let found = self.known.get(token).filter(|known| known.list == wanted.list).cloned();
        let Some(found) = found else {
            return Err(Refusal::invalid(
                "INVALID_NEXT_TOKEN",
                "You provided an invalid NextToken. Get the value from the response to the previous call of the operation.",
            ));
        };
        if let Some(previous) = found.previous {
            self.known.remove(&previous);
        }
        Ok(Start { after: found.after, empty: false })
    }

    /// Issues a token for the page after the item `after`.
    pub fn next(&mut self, wanted: &Wanted<'_>, after: String) -> String {
        self.issued += 1;
        let token = ids::derive(&["page", &self.issued.to_string(), &wanted.list, &after], ids::LOWER, 64);
        let continuation = Continuation { list: wanted.list.clone(), after, previous: wanted.token.map(str::to_owned) };
        self.known.insert(token.clone(), continuation);
        self.order.push_back(token.clone());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted<'w>(list: &str, token: Option<&'w str>) -> Wanted<'w> {
        Wanted { list: list.to_owned(), token, empty_first: false }
    }

    #[test]
    fn a_token_leads_on_and_can_be_used_again_until_the_next_one_is() {
        let mut pages = Pages::default();
        assert_eq!(pages.start(&wanted("a", None)).unwrap().after, "");
        let first = pages.next(&wanted("a", None), "2".into());
        assert_eq!(pages.start(&wanted("a", Some(&first))).unwrap().after, "2");
        assert_eq!(pages.start(&wanted("a", Some(&first))).unwrap().after, "2");
        let second = pages.next(&wanted("a", Some(&first)), "4".into());
        assert_eq!(pages.start(&wanted("a", Some(&second))).unwrap().after, "4");
        assert_eq!(pages.start(&wanted("a", Some(&first))).unwrap_err().reason.unwrap(), "INVALID_NEXT_TOKEN");
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        let mut pages = Pages::default();
        let token = pages.next(&wanted("a", None), "2".into());
        for (list, token) in [("b", token.as_str()), ("a", "invented"), ("a", "")] {
            assert_eq!(pages.start(&wanted(list, Some(token))).unwrap_err().reason.unwrap(), "INVALID_NEXT_TOKEN");
        }
    }

    #[test]
    fn tokens_are_forgotten_in_the_end() {
        let mut pages = Pages::default();
        let first = pages.next(&wanted("a", None), "2".into());
        for index in 0..REMEMBERED {
            pages.next(&wanted("a", None), index.to_string());
        }
        assert_eq!(pages.known.len(), REMEMBERED);
        assert!(pages.start(&wanted("a", Some(&first))).is_err());
    }
}
