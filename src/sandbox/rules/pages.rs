//! Pages of a list, and the tokens that lead from one to the next.

use std::collections::{HashMap, VecDeque};
use std::ops::Bound;

use crate::org::AccountId;
use crate::sandbox::state::ids;
use crate::sandbox::wire::Refusal;

/// How many tokens are remembered; the oldest is forgotten first, and is then refused.
const REMEMBERED: usize = 10_000;

/// What a token leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Continuation {
    /// The list: operation, input without the page, and the caller's account.
    list: String,
    /// The key of the last item that was answered; empty for the beginning.
    after: String,
    /// The token of the page before, which is used up once this one is used.
    previous: Option<String>,
}

/// The tokens that were given out.
///
/// A token stays valid until the one that its page carried is used: a client whose connection broke may ask for the same page again, one that has
/// gone on may not go back.
#[derive(Debug, Default)]
pub struct Pages {
    issued: u64,
    known: HashMap<String, Continuation>,
    order: VecDeque<String>,
}

/// One request for a page.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// What distinguishes this list from others.
    pub list: String,
    /// `NextToken`.
    pub token: Option<&'w str>,
    /// Whether the list begins with an empty page.
    pub empty_first: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The key after which it begins; empty for the beginning.
    pub after: String,
    /// Whether it is the empty page in front of the list.
    pub empty: bool,
}

impl Start {
    /// The bound for a list in the order of strings.
    #[must_use]
    pub fn bound(&self) -> Bound<String> {
        if self.after.is_empty() { Bound::Unbounded } else { Bound::Excluded(self.after.clone()) }
    }

    /// The bound for a list in the order of account ids.
    #[must_use]
    pub fn account_bound(&self) -> Bound<AccountId> {
        self.after.parse().map_or(Bound::Unbounded, Bound::Excluded)
    }
}

impl Pages {
    /// Where the wanted page begins.
    ///
    /// # Errors
    ///
    /// `INVALID_NEXT_TOKEN` for a token that was not given out for this list, or is used up.
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

    /// A token for the page after the item `after`.
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
