//! What the table of refusals is held against is what AWS's client knows.

use aws_sdk_organizations::types::{
    ConstraintViolationExceptionReason, HandshakeConstraintViolationExceptionReason, InvalidInputExceptionReason,
};

const DECLARED: &str = include_str!("../../apply/tests/declared.txt");

/// A client of a newer version may know more Reasons: the list, and the table with it, follow.
#[test]
fn the_list_of_declared_reasons_is_that_of_the_client() {
    let lists: [(&str, &[&str]); 3] = [
        ("ConstraintViolationException", ConstraintViolationExceptionReason::values()),
        ("HandshakeConstraintViolationException", HandshakeConstraintViolationExceptionReason::values()),
        ("InvalidInputException", InvalidInputExceptionReason::values()),
    ];
    for (error, known) in lists {
        let listed = DECLARED.lines().find_map(|line| line.strip_prefix(error)?.strip_prefix(": ")).unwrap();
        assert_eq!(listed.split(' ').collect::<Vec<_>>(), known, "{error}");
    }
}
