//! The list that the table of refusals is compared with matches AWS's client.

use aws_sdk_organizations::types::{
    ConstraintViolationExceptionReason, HandshakeConstraintViolationExceptionReason, InvalidInputExceptionReason,
};

const DECLARED: &str = include_str!("../../apply/tests/declared.txt");

/// A newer version of the client may know more Reasons. Then the list, and the table with it, must follow.
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
