//! The S3 backend: a store whose every write is conditional.
//!
//! | object | written |
//! |---|---|
//! | `lock` | once, with `If-None-Match: *`; removed with `If-Match` on what this process wrote |
//! | `records/…` | once, with `If-None-Match: *` |
//! | `journal/NNNNNNNNNNNN.json` | once, with `If-None-Match: *`: two writers can't both write one entry |
//! | `head` | with `If-Match` on what was read |
//!
//! A write counts only if its answer contains the checksum of what was sent: a proxy or a captive portal answers 200 too.
//!
//! If the answer to a write is lost, the SDK retries. The retry fails its own condition, finds its own bytes in the object, and counts as a
//! success.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

use crate::api::{ApiError, ApiErrorKind, Pages};
use crate::journal::{LockHolder, LogLine, MAX_OBJECT, Store, StoreError};

use crate::aws::wire::error::translate;

const LOCK: &str = "lock";
/// The maximum number of objects read at the same time.
const READS: usize = 16;
/// How often a write is repeated if S3 refuses it because another write is in progress (409 ConditionalRequestConflict).
const CONFLICTS: usize = 5;

/// A prefix of a bucket.
#[derive(Debug, Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    prefix: String,
}

/// The lock object that this process wrote.
#[derive(Debug)]
pub struct S3Lock {
    etag: String,
    body: Vec<u8>,
}

/// The condition of a write.
enum Condition<'c> {
    Absent,
    Unchanged(&'c str),
}

/// Why a conditional write did not happen.
enum Unwritten {
    ConditionFailed,
    Failed(StoreError),
}

/// An object and its version.
struct Found {
    bytes: Vec<u8>,
    etag: String,
}

impl S3Store {
    pub(in crate::aws) fn new(client: Client, bucket: &str, prefix: &str) -> Self {
        Self { client, bucket: bucket.to_owned(), prefix: prefix.to_owned() }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn get(&self, name: &str) -> Result<Option<Found>, StoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(self.key(name)).checksum_mode(ChecksumMode::Enabled);
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(self.failed(name, "s3:GetObject", &error)),
        };
        // Every object in S3 has an ETag; a page from a server in between has none.
        let etag = answer.e_tag.take().filter(|etag| !etag.is_empty());
        let etag = etag.ok_or_else(|| self.not_s3(name, "s3:GetObject: the answer has no ETag"))?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.body.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| StoreError::Failed(format!("{}: {error}", self.place(name))))?);
            if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_OBJECT) {
                return Err(StoreError::Failed(format!("{}: it is larger than {MAX_OBJECT} bytes", self.place(name))));
            }
        }
        Ok(Some(Found { bytes, etag }))
    }

    /// Writes under a condition, and returns the new ETag.
    async fn put(&self, name: &str, bytes: &[u8], condition: &Condition<'_>) -> Result<String, Unwritten> {
        let checksum = STANDARD.encode(Sha256::digest(bytes));
        for _ in 0..CONFLICTS {
            let request = self.client.put_object().bucket(&self.bucket).key(self.key(name)).content_type("application/json");
            let request = request.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(&checksum);
            let request = under(request, condition).body(ByteStream::from(bytes.to_vec()));
            match request.send().await {
                Ok(answer) => {
                    let proven = answer.e_tag.filter(|_| answer.checksum_sha256.as_ref() == Some(&checksum));
                    let unproven = || self.not_s3(name, "s3:PutObject: the answer does not contain the SHA-256 checksum of what was sent");
                    return proven.ok_or_else(|| Unwritten::Failed(unproven()));
                }
                Err(error) if error.code() == Some("ConditionalRequestConflict") => {}
                // With If-Match, a missing object is a 404.
                Err(error) if matches!(error.code(), Some("PreconditionFailed" | "NoSuchKey")) => return Err(Unwritten::ConditionFailed),
                Err(error) => return Err(Unwritten::Failed(self.failed(name, "s3:PutObject", &error))),
            }
        }
        Err(Unwritten::Failed(StoreError::Failed(format!("{}: other writers keep changing it", self.place(name)))))
    }

    /// Writes an object that must not exist yet. If it exists with the same bytes, the answer to this very write was lost.
    async fn put_new<E>(&self, name: &str, bytes: &[u8], taken: impl FnOnce(Found) -> E) -> Result<String, E>
    where
        E: From<StoreError>,
    {
        match self.put(name, bytes, &Condition::Absent).await {
            Ok(etag) => Ok(etag),
            Err(Unwritten::Failed(error)) => Err(error.into()),
            Err(Unwritten::ConditionFailed) => match self.get(name).await? {
                Some(found) if found.bytes == bytes => Ok(found.etag),
                Some(found) => Err(taken(found)),
                None => Err(StoreError::Conflict(name.to_owned()).into()),
            },
        }
    }

    async fn delete(&self, name: &str, etag: &str) -> Result<(), Unwritten> {
        let request = self.client.delete_object().bucket(&self.bucket).key(self.key(name)).if_match(etag);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "NoSuchKey" | "ConditionalRequestConflict")) => {
                Err(Unwritten::ConditionFailed)
            }
            Err(error) => Err(Unwritten::Failed(self.failed(name, "s3:DeleteObject", &error))),
        }
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        let mut pages = Pages::of("s3:ListBucket");
        let faulty = |error: &ApiError| StoreError::Failed(format!("{}: {}", self.place(prefix), without_operation(error)));
        loop {
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(self.key(prefix)).set_continuation_token(pages.token());
            let page = request.send().await.map_err(|error| self.failed(prefix, "s3:ListBucket", &error))?;
            // Without the bucket's name, the answer is not a list, and an empty list would hide every record.
            if page.name.is_none() {
                return Err(self.not_s3(prefix, "s3:ListBucket: the answer contains no bucket name"));
            }
            if page.is_truncated == Some(true) && page.next_continuation_token.is_none() {
                return Err(faulty(&ApiError::malformed("s3:ListBucket", "the list is truncated and has no token for the next page")));
            }
            let objects = page.contents.unwrap_or_default();
            let more = pages.turn(objects.len(), page.next_continuation_token).map_err(|error| faulty(&error))?;
            let keys = objects.into_iter().filter_map(|object| object.key);
            let keys = keys.filter_map(|key| key.strip_prefix(&self.prefix).map(str::to_owned));
            // Consoles create folders as empty objects whose names end with a slash.
            names.extend(keys.filter(|name| !name.ends_with('/')));
            if !more {
                names.sort();
                return Ok(names);
            }
        }
    }

    /// The error for an answer that S3 does not give.
    fn not_s3(&self, name: &str, what: &str) -> StoreError {
        StoreError::Failed(format!(
            "{}: {what}, so it is not from S3. Check proxies and AWS_ENDPOINT_URL_S3; a server in S3's place must behave like S3",
            self.place(name)
        ))
    }

    fn place(&self, name: &str) -> String {
        format!("s3://{}/{}", self.bucket, self.key(name))
    }

    /// Describes the failure and its remedy. `action` is the IAM action that the request needs.
    fn failed<E>(&self, name: &str, action: &str, error: &SdkError<E, HttpResponse>) -> StoreError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let place = self.place(name);
        let found = translate(action, error);
        let remedy = match (found.code.as_deref(), found.kind) {
            (Some("NoSuchBucket"), _) => format!(". There is no bucket {:?}; check `bucket` in the backend block", self.bucket),
            (Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"), _) => {
                format!(". The bucket is in another region{}; set `region` in the backend block", right_region(error))
            }
            (_, ApiErrorKind::AccessDenied) => format!(". Allow {action} on this bucket and prefix"),
            (Some("301" | "307" | "400"), _) | (None, _) if is_redirect(error) => {
                format!(". The bucket is in another region{}; set `region` in the backend block", right_region(error))
            }
            _ => String::new(),
        };
        StoreError::Failed(format!("{place}: {}{remedy}", without_operation(&found)))
    }
}

fn under(request: PutObjectFluentBuilder, condition: &Condition<'_>) -> PutObjectFluentBuilder {
    match condition {
        Condition::Absent => request.if_none_match("*"),
        Condition::Unchanged(etag) => request.if_match(*etag),
    }
}

fn without_operation(error: &ApiError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

fn is_redirect<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|response| matches!(response.status().as_u16(), 301 | 307))
}

fn right_region<E>(error: &SdkError<E, HttpResponse>) -> String {
    let region = error.raw_response().and_then(|response| response.headers().get("x-amz-bucket-region"));
    region.map_or_else(String::new, |region| format!(", {region}"))
}

/// The key of an entry: its number, so that appending needs no list and a list is sorted.
fn entry_name(log: &str, sequence: u64) -> String {
    format!("{}{sequence:012}.json", folder_of(log))
}

fn folder_of(log: &str) -> String {
    format!("{}/", log.split_once('.').map_or(log, |(stem, _)| stem))
}

impl Store for S3Store {
    type Lock = S3Lock;

    async fn lock(&self, holder: &LockHolder) -> Result<S3Lock, StoreError> {
        let body = serde_json::to_vec(holder).map_err(|error| StoreError::Failed(format!("{}: {error}", self.place(LOCK))))?;
        let taken = |found: Found| StoreError::Locked(Some(LockHolder::read(&found.bytes)));
        match self.put_new(LOCK, &body, taken).await {
            Ok(etag) => Ok(S3Lock { etag, body }),
            Err(error) => {
                // An unproven write may have happened all the same. Remove that lock, so that it does not block the next run.
                if let (StoreError::Failed(_), Ok(Some(found))) = (&error, self.get(LOCK).await)
                    && found.bytes == body
                {
                    let _ = self.delete(LOCK, &found.etag).await;
                }
                Err(error)
            }
        }
    }

    async fn holds(&self, lock: &S3Lock) -> Result<(), StoreError> {
        match self.get(LOCK).await? {
            Some(found) if found.bytes == lock.body => Ok(()),
            found => Err(StoreError::LockLost(found.map(|found| LockHolder::read(&found.bytes)))),
        }
    }

    async fn unlock(&self, lock: S3Lock) -> Result<(), StoreError> {
        match self.delete(LOCK, &lock.etag).await {
            Ok(()) => Ok(()),
            Err(Unwritten::Failed(error)) => Err(error),
            Err(Unwritten::ConditionFailed) => match self.get(LOCK).await? {
                // The answer to this very delete was lost.
                None => Ok(()),
                Some(found) if found.bytes == lock.body => Err(StoreError::Conflict(LOCK.to_owned())),
                Some(found) => Err(StoreError::LockLost(Some(LockHolder::read(&found.bytes)))),
            },
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(name).await?.map(|found| found.bytes))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.keys(prefix).await
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_new(name, bytes, |_| StoreError::Exists(name.to_owned())).await.map(|_| ())
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        let conflict = || StoreError::Conflict(name.to_owned());
        let found = self.get(name).await?;
        if found.as_ref().map(|found| found.bytes.as_slice()) != expected {
            return Err(conflict());
        }
        let condition = found.as_ref().map_or(Condition::Absent, |found| Condition::Unchanged(&found.etag));
        match self.put(name, bytes, &condition).await {
            Ok(_) => Ok(()),
            Err(Unwritten::Failed(error)) => Err(error),
            Err(Unwritten::ConditionFailed) => match self.get(name).await? {
                Some(found) if found.bytes == bytes => Ok(()),
                _ => Err(conflict()),
            },
        }
    }

    async fn append(&self, log: &str, sequence: u64, line: &str) -> Result<(), StoreError> {
        let name = entry_name(log, sequence);
        self.put_new(&name, line.as_bytes(), |_| StoreError::Conflict(name.clone())).await.map(|_| ())
    }

    async fn lines(&self, log: &str) -> Result<Vec<LogLine>, StoreError> {
        let names = self.keys(&folder_of(log)).await?;
        let line = |name: String| async move {
            let found = self.get(&name).await?.ok_or_else(|| StoreError::Failed(format!("{}: it no longer exists", self.place(&name))))?;
            Ok(LogLine { text: String::from_utf8_lossy(&found.bytes).into_owned(), place: name })
        };
        stream::iter(names).map(line).buffered(READS).try_collect().await
    }

    async fn holder(&self) -> Result<Option<LockHolder>, StoreError> {
        Ok(self.get(LOCK).await?.map(|found| LockHolder::read(&found.bytes)))
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        let Some(found) = self.get(LOCK).await? else { return Err(StoreError::NotThatLock(None)) };
        let holder = LockHolder::read(&found.bytes);
        if holder.id != id {
            return Err(StoreError::NotThatLock(Some(holder)));
        }
        match self.delete(LOCK, &found.etag).await {
            Ok(()) => Ok(()),
            Err(Unwritten::Failed(error)) => Err(error),
            Err(Unwritten::ConditionFailed) => Err(StoreError::Conflict(LOCK.to_owned())),
        }
    }

    fn location(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_numbered_so_that_a_list_is_in_order() {
        assert_eq!(entry_name("journal.jsonl", 7), "journal/000000000007.json");
    }
}
