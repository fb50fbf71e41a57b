//! Making many requests concurrently, each once.

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::api::{ApiError, ApiErrorKind, Operation, ReadOrganization};
use crate::org::Observed;

/// The number of concurrent requests of one operation: enough to use every quota fully if an answer takes a fifth of a second.
const AT_ONCE: usize = 4;

/// A queue of items about which the receiver reads more, each once.
pub struct WorkQueue<'a, A, T> {
    api: &'a A,
    operation: Operation,
    seen: RefCell<BTreeSet<String>>,
    to: UnboundedSender<T>,
}

impl<'a, A: ReadOrganization, T> WorkQueue<'a, A, T> {
    /// Creates a queue and the receiver of its items, each of which costs one request of `operation`.
    pub fn new(api: &'a A, operation: Operation) -> (Self, UnboundedReceiver<T>) {
        let (to, items) = unbounded_channel();
        (Self { api, operation, seen: RefCell::default(), to }, items)
    }

    /// Enqueues an item, unless its id was already enqueued.
    pub fn enqueue(&self, id: &str, item: T) {
        if self.seen.borrow_mut().insert(id.to_owned()) {
            self.api.expect(self.operation, 1);
            // The receiver is gone only if another read has failed.
            let _ = self.to.send(item);
        }
    }
}

/// Makes a request for each key, several at once.
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

/// The answer about something that may be gone: `None` if it is gone, or a failure if AWS denies the call.
pub fn unless_gone<T>(answer: Result<T, ApiError>) -> Result<Option<Observed<T>>, ApiError> {
    match answer {
        Ok(found) => Ok(Some(Ok(found))),
        Err(error) if error.kind == ApiErrorKind::TargetNotFound => Ok(None),
        Err(error) => error.denied().map(|unreadable| Some(Err(unreadable))),
    }
}
