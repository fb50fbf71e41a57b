//! Lists with several pages, read to their end.

use std::collections::HashSet;

use super::{ApiError, Operation};

/// The maximum number of pages of a list: 200,000 accounts with 20 per page, four times as many as an organization may have.
const MAX_PAGES: usize = 10_000;
/// The maximum number of consecutive empty pages. An empty page need not be the last one (Organizations API reference, ListAccounts).
const MAX_EMPTY_PAGES: usize = 100;

/// The progress in reading a list. Only a missing token ends a list. A repeated token, or a list that does not end, is a fault of the
/// server.
#[derive(Debug)]
pub struct Pages {
    operation: &'static str,
    token: Option<String>,
    seen: HashSet<String>,
    read: usize,
    empty: usize,
}

impl Pages {
    /// A list of which nothing has been read yet.
    #[must_use]
    pub fn new(operation: Operation) -> Self {
        Self::of(operation.action())
    }

    /// The same for an operation of the backend, such as `s3:ListBucket`.
    #[must_use]
    pub fn of(operation: &'static str) -> Self {
        Self { operation, token: None, seen: HashSet::new(), read: 0, empty: 0 }
    }

    /// The token of the next page. `None` for the first one.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Counts a page with this number of items, and returns whether another page follows.
    ///
    /// # Errors
    ///
    /// Returns an error if the list does not end: its token was repeated, or it has more pages than any AWS list.
    pub fn turn(&mut self, items: usize, next: Option<String>) -> Result<bool, ApiError> {
        self.read += 1;
        self.empty = if items == 0 { self.empty + 1 } else { 0 };
        let Some(token) = next.filter(|token| !token.is_empty()) else { return Ok(false) };
        let endless = |why: String| Err(ApiError::malformed(self.operation, format!("the list does not end: {why}")));
        if !self.seen.insert(token.clone()) {
            return endless(format!("page {} leads back to a page that was read", self.read));
        }
        if self.empty >= MAX_EMPTY_PAGES {
            return endless(format!("{MAX_EMPTY_PAGES} pages in a row are empty, and each leads to another one"));
        }
        if self.read >= MAX_PAGES {
            return endless(format!("it has more than {MAX_PAGES} pages"));
        }
        self.token = Some(token);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a list whose pages have these numbers of items and tokens, and returns the number of pages.
    fn read(mut page: impl FnMut(usize) -> (usize, Option<String>)) -> Result<usize, String> {
        let mut pages = Pages::new(Operation::ListAccounts);
        for number in 0.. {
            let (items, next) = page(number);
            if !pages.turn(items, next).map_err(|error| error.message)? {
                return Ok(number + 1);
            }
        }
        Ok(0)
    }

    #[test]
    fn empty_pages_are_read_on_and_a_missing_or_empty_token_ends_the_list() {
        assert_eq!(read(|number| (usize::from(number % 50 == 0), (number < 2_600).then(|| number.to_string()))), Ok(2_601));
        assert_eq!(read(|number| (0, if number == 0 { Some("a".into()) } else { Some(String::new()) })), Ok(2));
    }

    #[test]
    fn a_token_that_repeats_and_pages_without_end_end_with_an_error() {
        assert!(read(|_| (20, Some("x".into()))).unwrap_err().contains("page 2 leads back"));
        // A cycle of three tokens.
        assert!(read(|number| (20, Some((number % 3).to_string()))).unwrap_err().contains("page 4 leads back"));
        assert!(read(|number| (0, Some(number.to_string()))).unwrap_err().contains("100 pages in a row are empty"));
        assert!(read(|number| (1, Some(number.to_string()))).unwrap_err().contains("more than 10000 pages"));
    }
}
