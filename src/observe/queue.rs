//! Asking about many things at once, each once.

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::api::{ApiError, ApiErrorKind, Operation, ReadOrganization};
use crate::org::Observed;

/// Requests of one kind in flight together: enough to use up every quota where an answer takes a fifth of a second.
const AT_ONCE: usize = 4;

/// What somebody else reads more about, each once.
pub struct WorkQueue<'a, A, T> {
    api: &'a A,
    operation: Operation,
    seen: RefCell<BTreeSet<String>>,
    to: UnboundedSender<T>,
}

impl<'a, A: ReadOrganization, T> WorkQueue<'a, A, T> {
    /// A queue, and where its items arrive: each costs one request of `operation`.
    pub fn new(api: &'a A, operation: Operation) -> (Self, UnboundedReceiver<T>) {
        let (to, items) = unbounded_channel();
        (Self { api, operation, seen: RefCell::default(), to }, items)
    }

    /// Enqueues an item, each id once.
    pub fn enqueue(&self, id: &str, item: T) {
        if self.seen.borrow_mut().insert(id.to_owned()) {
            self.api.expect(self.operation, 1);
            // Nobody listens any more only where another reading has failed.
            let _ = self.to.send(item);
        }
    }
}

/// Asks about each, several at once.
pub async fn each<A: ReadOrganization, K, V>(
    api: &A,
    operation: Operation,
    keys: impl IntoIterator<Item = K>,
    ask: impl AsyncFn(K) -> Result<V, ApiError>,
) -> Result<Vec<V>, ApiError> {
    let keys: Vec<_> = keys.into_iter().collect();
    api.expect(operation, keys.len() as i64);
    stream::iter(keys).map(|key| ask(key)).buffer_unordered(AT_ONCE).try_collect().await
}

/// The answer about something that may be gone: `None` if it is, and why there is none where AWS denies it.
pub fn unless_gone<T>(answer: Result<T, ApiError>) -> Result<Option<Observed<T>>, ApiError> {
    match answer {
        Ok(found) => Ok(Some(Ok(found))),
        Err(error) if error.kind == ApiErrorKind::TargetNotFound => Ok(None),
        Err(error) => error.denied().map(|unreadable| Some(Err(unreadable))),
    }
}
