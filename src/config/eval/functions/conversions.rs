//! Functions that convert values, and functions of sensitive values.

use super::super::value::{Type, Value, convert};
use super::arguments::{ANY_OR_NULL, Arguments, FunctionError};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("tostring", &[ANY_OR_NULL], |arguments| to(arguments, &Type::String)),
    Function::new("tonumber", &[ANY_OR_NULL], |arguments| to(arguments, &Type::Number)),
    Function::new("tobool", &[ANY_OR_NULL], |arguments| to(arguments, &Type::Bool)),
    Function::new("tolist", &[ANY_OR_NULL], |arguments| to(arguments, &Type::Any.list())),
    Function::new("toset", &[ANY_OR_NULL], |arguments| to(arguments, &Type::Any.set())),
    Function::new("tomap", &[ANY_OR_NULL], |arguments| to(arguments, &Type::Any.map())),
    Function::new("sensitive", &[ANY_OR_NULL], sensitive),
    Function::new("nonsensitive", &[ANY_OR_NULL], nonsensitive),
    Function::new("issensitive", &[ANY_OR_NULL], is_sensitive),
];

fn to(arguments: &Arguments<'_>, wanted: &Type) -> Returned {
    let value = arguments.value(0)?;
    arguments.pay_for_all()?;
    arguments.pay(value.len())?;
    convert(value, wanted).map_err(|error| FunctionError::argument(0, error.to_string()))
}

fn sensitive(arguments: &Arguments<'_>) -> Returned {
    arguments.host.budget().saw_secret();
    Ok(arguments.value(0)?.clone().marked(true))
}

fn nonsensitive(arguments: &Arguments<'_>) -> Returned {
    // The parts keep their marks: each has to be made public separately.
    Ok(arguments.value(0)?.clone().unmarked())
}

fn is_sensitive(arguments: &Arguments<'_>) -> Returned {
    Ok(Value::from(arguments.value(0)?.is_sensitive()))
}
