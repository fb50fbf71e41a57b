//! Functions of IP networks in CIDR notation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use num_bigint::BigInt;

use super::super::value::{Type, Value};
use super::arguments::{Arguments, FunctionError, NUMBER, STRING};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("cidrhost", &[STRING, NUMBER], host),
    Function::new("cidrnetmask", &[STRING], netmask),
    Function::new("cidrsubnet", &[STRING, NUMBER, NUMBER], subnet),
    Function::new("cidrsubnets", &[STRING], subnets).variadic(NUMBER),
];

/// The most bytes of the text of a network.
const MAX_BYTES: usize = 64;

/// The most bits by which `cidrsubnets` extends a prefix, as in Terraform.
const MAX_NEW_BITS: i64 = 32;

/// The network of the first argument. The bits of its address after the prefix are cleared.
fn network(arguments: &Arguments<'_>) -> Result<IpNet, FunctionError> {
    let text = arguments.text(0)?;
    let invalid =
        || FunctionError::argument(0, format!("{text:?} is not a network such as \"10.0.0.0/8\" or \"fd00::/8\"")).showing_argument();
    parse(text).map(|network| network.trunc()).ok_or_else(invalid)
}

/// Terraform allows zeros before the numbers of an IPv4 address and before the length of the prefix.
fn parse(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let significant = |digits: &str| match digits.trim_start_matches('0') {
        "" if !digits.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let address = match address.contains(':') {
        true => address.to_owned(),
        false => address.split('.').map(significant).collect::<Vec<_>>().join("."),
    };
    format!("{address}/{}", significant(length)).parse().ok()
}

/// The first address as a number.
fn first(network: IpNet) -> u128 {
    match network.network() {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// An address of the same kind as those of a network, if the number is not too large.
fn address(number: u128, network: IpNet) -> Option<IpAddr> {
    Some(match network {
        IpNet::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).ok()?)),
        IpNet::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
    })
}

/// The index that a number means in a range of `2^bits`; a negative one counts from the end. `None` if it is out of range.
fn counted(number: &BigInt, bits: u8) -> Option<u128> {
    let count = BigInt::from(1u8) << bits;
    let place = if *number < BigInt::ZERO { &count + number } else { number.clone() };
    if place < count { u128::try_from(place).ok() } else { None }
}

fn whole(arguments: &Arguments<'_>, index: usize) -> Result<BigInt, FunctionError> {
    arguments.number(index)?.to_whole().ok_or_else(|| FunctionError::argument(index, "a whole number is required"))
}

fn host(arguments: &Arguments<'_>) -> Returned {
    let network = network(arguments)?;
    let number = whole(arguments, 1)?;
    let bits = network.max_prefix_len() - network.prefix_len();
    let found = counted(&number, bits).and_then(|place| address(first(network) | place, network));
    let found = found.ok_or_else(|| {
        FunctionError::argument(1, format!("{network} has no host number {number}: its host numbers have {bits} bits")).showing_argument()
    })?;
    Ok(found.to_string().into())
}

fn netmask(arguments: &Arguments<'_>) -> Returned {
    match network(arguments)? {
        IpNet::V4(network) => Ok(network.netmask().to_string().into()),
        IpNet::V6(network) => {
            Err(FunctionError::argument(0, format!("{network} is an IPv6 network, which has no netmask")).showing_argument())
        }
    }
}

/// The length of the network's prefix, extended by `new_bits`.
fn extended(network: IpNet, argument: usize, new_bits: i64) -> Result<u8, FunctionError> {
    let length = i64::from(network.prefix_len()).checked_add(new_bits).and_then(|length| u8::try_from(length).ok());
    length.filter(|length| *length <= network.max_prefix_len()).ok_or_else(|| {
        let left = network.max_prefix_len() - network.prefix_len();
        FunctionError::argument(argument, format!("the prefix of {network} can be extended by at most {left} bits, not by {new_bits}"))
            .showing_argument()
    })
}

fn written(address: Option<IpAddr>, length: u8) -> Option<String> {
    Some(IpNet::new(address?, length).ok()?.to_string())
}

fn subnet(arguments: &Arguments<'_>) -> Returned {
    let network = network(arguments)?;
    let (new_bits, number) = (arguments.integer(1)?, whole(arguments, 2)?);
    if new_bits < 0 {
        return Err(FunctionError::argument(1, "a prefix can't be extended by a negative number of bits"));
    }
    let length = extended(network, 1, new_bits)?;
    let added = length - network.prefix_len();
    let place = Some(&number).filter(|number| **number >= BigInt::ZERO).and_then(|number| counted(number, added));
    let shift = u32::from(network.max_prefix_len() - length);
    // A subnet of all addresses is the first and only one, and its shift overflows.
    let found = place.map(|place| first(network) | place.checked_shl(shift).unwrap_or_default());
    written(found.and_then(|found| address(found, network)), length).map(Value::from).ok_or_else(|| {
        FunctionError::argument(2, format!("{network} has no subnet number {number}: its subnet numbers have {added} bits"))
            .showing_argument()
    })
}

/// Consecutive subnets, each at the next position where it fits.
fn subnets(arguments: &Arguments<'_>) -> Returned {
    let network = network(arguments)?;
    let count = arguments.rest(1).len();
    arguments.pay(count)?;
    arguments.pay_bytes(count.saturating_mul(MAX_BYTES))?;
    let last = match network.broadcast() {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => u128::from(address),
    };
    // `None` once the last address is used.
    let mut next = Some(first(network));
    let mut found = Vec::with_capacity(count);
    for argument in 1..=count {
        let new_bits = arguments.integer(argument)?;
        if !(1..=MAX_NEW_BITS).contains(&new_bits) {
            return Err(FunctionError::argument(argument, format!("a prefix is extended by 1 to {MAX_NEW_BITS} bits, not by {new_bits}"))
                .showing_argument());
        }
        let length = extended(network, argument, new_bits)?;
        let size = 1u128.checked_shl(u32::from(network.max_prefix_len() - length)).unwrap_or(u128::MAX);
        let start = next.and_then(|next| next.checked_next_multiple_of(size)).filter(|start| *start <= last);
        let text = written(start.and_then(|start| address(start, network)), length);
        let (Some(start), Some(text)) = (start, text) else {
            let message = format!("{network} has no addresses left for a subnet with a prefix of {length} bits");
            return Err(FunctionError::argument(argument, message).showing_argument());
        };
        found.push(Value::from(text));
        next = start.checked_add(size);
    }
    Ok(Value::list(Type::String, found))
}
