"""Checks answers against AWS's own service models, more strictly than the clients, which ignore unknown members."""

import json
import re
from xml.etree import ElementTree

# In the API reference since autumn 2026, but not in the models of the pinned clients: its words are checked here.
NEWER = {"VerificationStatus": {"PENDING", "VERIFIED", "UNVERIFIED", "NOT_SUPPORTED"}}

SCALARS = {"string": str, "integer": int, "long": int, "boolean": bool, "timestamp": (int, float, str), "float": (int, float), "double": (int, float)}


def check_json(shape, value, path="$"):
    """Checks that every member is known, has its type, and matches the pattern, length and enumeration of its shape."""
    if shape.type_name == "structure":
        assert isinstance(value, dict), f"{path} is no structure: {value!r}"
        for name in shape.required_members:
            assert name in value, f"{path} lacks {name}"
        for name, member in value.items():
            if name in NEWER and name not in shape.members:
                assert member in NEWER[name], f"{path}.{name} is not in the enumeration: {member!r}"
                continue
            assert name in shape.members, f"{path}.{name} is not in the model"
            check_json(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            check_json(shape.member, item, f"{path}[{index}]")
    else:
        assert isinstance(value, SCALARS[shape.type_name]), f"{path} is no {shape.type_name}: {value!r}"
        check_text(shape, value, path)


def check_text(shape, value, path):
    if not isinstance(value, str):
        return
    metadata = shape.metadata
    assert value in metadata.get("enum", [value]), f"{path} is not in the enumeration: {value!r}"
    assert metadata.get("min", 0) <= len(value) <= metadata.get("max", len(value)), f"{path} has a wrong length: {value!r}"
    pattern = metadata.get("pattern")
    if pattern and "\\p{" not in pattern and "\\x{" not in pattern and "\\u" not in pattern:
        assert re.search(pattern, value), f"{path} doesn't match {pattern}: {value!r}"


def check_xml(shape, element, path="$"):
    """Checks that every element of a query protocol's result is a member of its shape."""
    if shape.type_name == "structure":
        known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for child in element:
            name = child.tag.split("}")[-1]
            assert name in known, f"{path}.{name} is not in the model"
            check_xml(known[name], child, f"{path}.{name}")
    elif shape.type_name == "list":
        for child in element:
            check_xml(shape.member, child, f"{path}[]")
    elif shape.type_name == "string" and "%7B" not in (element.text or ""):
        check_text(shape, element.text or "", path)


def check_answer(operation_model, response_dict, **_):
    """The botocore hook that runs before it parses an answer."""
    status, body = response_dict["status_code"], response_dict["body"]
    assert response_dict["headers"].get("x-amzn-requestid"), "an answer without a request id"
    protocol = operation_model.service_model.metadata["protocol"]
    if status >= 300:
        if protocol == "json":
            check_error(operation_model, json.loads(body))
        return
    shape = operation_model.output_shape
    if protocol == "query":
        (result, *_) = [child for child in ElementTree.fromstring(body) if child.tag.endswith("Result")]
        check_xml(shape, result)
    elif shape is None:
        assert body == b"", f"{operation_model.name} has no output, but answered {body!r}"
    else:
        check_json(shape, json.loads(body))


# Errors of signing and routing: every service has them, but no model declares them.
UNDECLARED = {"UnrecognizedClientException", "ExpiredTokenException", "MissingAuthenticationTokenException", "SerializationException", "SubscriptionRequiredException", "UnknownOperationException"}


def check_error(operation_model, error):
    declared = {shape.name: shape for shape in operation_model.error_shapes}
    code = error["__type"]
    if code in UNDECLARED:
        return
    assert code in declared, f"{operation_model.name} declares no {code}"
    members = {name: value for name, value in error.items() if name != "__type"}
    check_json(declared[code], members)
