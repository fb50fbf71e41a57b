//! Forms of text for JSON Schemas: for fields that are strings in Rust, and for types of other crates, which have no schema.
//!
//! The program never creates a value of these types. Times and days have a pattern in addition to a `format`, which many validators ignore.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// Defines types that describe strings of one form, for `#[schemars(with = "…")]`.
macro_rules! text_forms {
    ($($(#[$meta:meta])* $name:ident = { $($key:literal: $value:expr),+ };)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug)]
            pub struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", $($key: $value),+ })
                }
            }
        )+
    };
}

text_forms! {
    /// A point in time in UTC (RFC 3339), as `jiff::Timestamp` writes it.
    DateTime = { "format": "date-time", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$" };

    /// A day (RFC 3339 `full-date`), as `jiff::civil::Date` writes it.
    Day = { "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" };

    /// SHA-256 in lower-case hexadecimal.
    Sha256 = { "pattern": "^[0-9a-f]{64}$" };

    /// SHA-256 in lower-case hexadecimal, or an empty string if there is nothing to hash.
    Sha256OrEmpty = { "pattern": "^([0-9a-f]{64})?$" };

    /// An ARN (IAM user guide, "Amazon Resource Names").
    Arn = { "pattern": "^arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws)?:.+$" };

    /// An ARN, or an empty string if AWS sent none.
    ArnOrEmpty = { "pattern": "^(arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws)?:.+)?$" };

    /// The id of a root or an organizational unit (Organizations API reference, `ParentId`).
    UnitId = { "pattern": "^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$" };

    /// The id of a policy (Organizations API reference, `PolicyId`).
    PolicyId = { "pattern": "^p-[0-9a-zA-Z_]{8,128}$" };

    /// The id of a policy's target: a root, a unit or an account (Organizations API reference, `PolicyTargetId`).
    PolicyTargetId = { "pattern": "^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|[0-9]{12})$" };

    /// An id of Organizations, a policy type or a service principal (Organizations API reference, `ServicePrincipal`).
    IdOrName = { "pattern": "^[0-9A-Za-z_+=,.@-]+$" };

    /// The id of a handshake (Organizations API reference, `HandshakeId`).
    HandshakeId = { "pattern": "^h-[0-9a-z]{8,32}$" };

    /// An operation of an AWS API, such as `organizations:ListAccounts`.
    OperationName = { "pattern": "^[a-z0-9-]+:[A-Za-z0-9]+$" };

    /// The version of a format. Minor versions only add to it.
    FormatVersion = { "pattern": r"^1\.[0-9]+$" };

    /// The version of a program (Semantic Versioning).
    ProgramVersion = { "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$" };

    /// The name of a record in the backend.
    RecordName = { "pattern": r"^records/[^/]+\.json$" };
}
