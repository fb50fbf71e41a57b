"""The request of the Dart client `aws_organizations_api`: two headers of its own and no body."""

import json
import socket

REQUEST = (
    "POST / HTTP/1.1\r\n"
    "Host: {host}:{port}\r\n"
    "Content-Type: application/x-amz-json-1.1\r\n"
    "X-Amz-Target: AWSOrganizationsV20161128.LeaveOrganization\r\n"
    "{authorization}"
    "Content-Length: 0\r\n"
    "Connection: close\r\n"
    "\r\n"
)
AUTHORIZATION = (
    "Authorization: AWS4-HMAC-SHA256 Credential={account}/20261122/us-east-1/organizations/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-target, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n"
)


def exchange(sandbox, authorization):
    host, port = sandbox.address
    with socket.create_connection((host, port)) as connection:
        connection.sendall(REQUEST.format(host=host, port=port, authorization=authorization).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), body


def test_a_member_leaves(sandbox):
    status, head, body = exchange(sandbox, AUTHORIZATION.format(account="333333333333"))
    assert (status, body) == (200, b"")
    assert "content-type: application/x-amz-json-1.1" in head and "x-amzn-requestid: " in head


def test_a_refusal_carries_type_message_and_reason(sandbox):
    status, _, body = exchange(sandbox, AUTHORIZATION.format(account="555555555555"))
    assert status == 400
    error = json.loads(body)
    assert (error["__type"], error["Reason"]) == ("ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
    assert error["Message"]


def test_without_a_signature_no_account_leaves(sandbox):
    status, _, body = exchange(sandbox, "")
    assert (status, json.loads(body)["__type"]) == (400, "MissingAuthenticationTokenException")
