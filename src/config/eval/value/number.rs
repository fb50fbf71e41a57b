//! Numbers with Terraform's arithmetic: binary floating point of 512 bits, or of 64 bits if a function counts something. Whole numbers of
//! up to 154 digits are exact, and `0.1 + 0.2` prints as `0.3`.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

/// The bits of a number from a literal or a string.
const WRITTEN_BITS: u64 = 512;

/// The bits of a number that counts something. A result has as many bits as its more precise operand.
const COUNTED_BITS: u64 = 64;

/// The bits of the mantissa of a 64-bit floating-point number.
const FLOAT_BITS: u64 = 53;

/// The largest decimal exponent, positive or negative. With larger ones, a single number could use up the memory when it is printed.
const MAX_EXPONENT: i64 = 1_000;

/// The most digits that are parsed, far more than 512 bits have. Parsing takes time quadratic in the number of digits.
pub const MAX_DIGITS: usize = 1_000;

/// A number: `mantissa` times two to the power of `exponent`. The mantissa is odd or zero.
#[derive(Debug, Clone)]
pub struct Number {
    mantissa: BigInt,
    exponent: i64,
    bits: u64,
}

impl Number {
    /// Parses decimal notation: digits with an optional sign, point and exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: String = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) || exponent.abs() > MAX_EXPONENT || all.len() > MAX_DIGITS {
            return None;
        }
        let mantissa = BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, all.parse::<BigUint>().ok()?);
        let scale = exponent - i64::try_from(fraction.len()).ok()?;
        let power = BigInt::from(10u8).pow(u32::try_from(scale.unsigned_abs()).ok()?);
        if scale >= 0 {
            Some(Self::rounded(mantissa * power, 0, WRITTEN_BITS, false))
        } else {
            Some(Self::quotient(&mantissa, &power, 0, WRITTEN_BITS))
        }
    }

    /// A number that counts something, such as the length of a list.
    #[must_use]
    pub fn counted(count: usize) -> Self {
        Self::rounded(BigInt::from(count), 0, COUNTED_BITS, false)
    }

    /// A whole number of any size, exactly.
    #[must_use]
    pub fn whole(value: BigInt) -> Self {
        let bits = value.bits().max(COUNTED_BITS);
        Self::rounded(value, 0, bits, false)
    }

    /// A number from 64-bit floating point; `None` if it is infinite or not a number. It prints with the fewest digits that parse to the
    /// same value.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // IEEE 754: a sign, 11 bits of exponent and 52 of the fraction, preceded by an implicit one unless the exponent is the least.
        let bits = value.to_bits();
        let fraction = bits & ((1 << (FLOAT_BITS - 1)) - 1);
        let power = i64::try_from((bits >> (FLOAT_BITS - 1)) & 0x7ff).ok()?;
        let magnitude = if power == 0 { fraction } else { fraction | (1 << (FLOAT_BITS - 1)) };
        let sign = if value.is_sign_negative() { Sign::Minus } else { Sign::Plus };
        Some(Self::rounded(BigInt::from_biguint(sign, magnitude.into()), power.max(1) - 1075, FLOAT_BITS, false))
    }

    /// Rounds to `bits`, half to even. `inexact` means that nonzero bits below the mantissa were lost.
    fn rounded(mantissa: BigInt, exponent: i64, bits: u64, inexact: bool) -> Self {
        let (sign, mut magnitude) = mantissa.into_parts();
        let mut exponent = exponent;
        if magnitude.bits() > bits {
            let excess = magnitude.bits() - bits;
            let half = magnitude.bit(excess - 1);
            let above_half = inexact || magnitude.trailing_zeros().is_some_and(|zeros| zeros < excess - 1);
            magnitude >>= excess;
            if half && (above_half || magnitude.bit(0)) {
                magnitude += 1u8;
            }
            exponent += i64::try_from(excess).unwrap_or(i64::MAX);
        }
        let zeros = magnitude.trailing_zeros().unwrap_or_default();
        magnitude >>= zeros;
        let exponent = if magnitude.bits() == 0 { 0 } else { exponent + i64::try_from(zeros).unwrap_or(i64::MAX) };
        Self { mantissa: BigInt::from_biguint(sign, magnitude), exponent, bits }
    }

    fn quotient(dividend: &BigInt, divisor: &BigInt, exponent: i64, bits: u64) -> Self {
        // Two bits more than the result has, so that rounding knows the bits below its last one.
        let shift = (bits + 2 + divisor.bits()).saturating_sub(dividend.bits());
        let shifted = dividend << shift;
        let quotient = &shifted / divisor;
        let inexact = &quotient * divisor != shifted;
        Self::rounded(quotient, exponent - i64::try_from(shift).unwrap_or(i64::MAX), bits, inexact)
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa.sign() == Sign::NoSign
    }

    /// Whether it is less than zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa.sign() == Sign::Minus
    }

    /// Whether it is a whole number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// The whole number; `None` if the number has a fraction.
    #[must_use]
    pub fn to_whole(&self) -> Option<BigInt> {
        self.is_whole().then(|| self.truncated())
    }

    /// The number as an index or count, if it is whole and fits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        self.to_whole()?.try_into().ok()
    }

    /// The nearest 64-bit floating-point number.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The number without its fraction.
    fn truncated(&self) -> BigInt {
        let shift = self.exponent.unsigned_abs();
        if self.exponent >= 0 {
            return &self.mantissa << shift;
        }
        let magnitude = self.mantissa.magnitude() >> shift;
        BigInt::from_biguint(if magnitude.bits() == 0 { Sign::NoSign } else { self.mantissa.sign() }, magnitude)
    }

    /// The largest whole number that is not greater than the number.
    #[must_use]
    pub fn floor(&self) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        Self::whole(self.truncated() - u8::from(self.is_negative()))
    }

    /// The smallest whole number that is not less than the number.
    #[must_use]
    pub fn ceil(&self) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        Self::whole(self.truncated() + u8::from(!self.is_negative()))
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.negated() } else { self.clone() }
    }

    /// The number with the opposite sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self { mantissa: -&self.mantissa, ..self.clone() }
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let (left, right, exponent) = self.aligned(other);
        Self::rounded(left + right, exponent, self.bits.max(other.bits), false)
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    /// The product; `None` if its exponent is out of range.
    #[must_use]
    pub fn times(&self, other: &Self) -> Option<Self> {
        Self::rounded(&self.mantissa * &other.mantissa, self.exponent + other.exponent, self.bits.max(other.bits), false).in_range()
    }

    /// The quotient; `None` if the divisor is zero or the exponent is out of range.
    #[must_use]
    pub fn divided_by(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        Self::quotient(&self.mantissa, &other.mantissa, self.exponent - other.exponent, self.bits.max(other.bits)).in_range()
    }

    /// The remainder of division toward zero. It has the sign of the dividend.
    #[must_use]
    pub fn remainder(&self, other: &Self) -> Option<Self> {
        // No more bits than the operands have: the digits that a number has lost are not part of the remainder.
        let quotient = Self::rounded(self.divided_by(other)?.truncated(), 0, self.bits.max(other.bits), false);
        Some(self.minus(&other.times(&quotient)?))
    }

    fn in_range(self) -> Option<Self> {
        // A decimal digit has less than four bits.
        (self.exponent.abs() <= MAX_EXPONENT * 4).then_some(self)
    }

    /// Both mantissas, scaled to a common exponent, and that exponent.
    fn aligned(&self, other: &Self) -> (BigInt, BigInt, i64) {
        let exponent = self.exponent.min(other.exponent);
        let shifted = |number: &Self| &number.mantissa << (number.exponent - exponent).unsigned_abs();
        (shifted(self), shifted(other), exponent)
    }

    pub(super) fn mantissa(&self) -> &BigInt {
        &self.mantissa
    }

    pub(super) fn exponent(&self) -> i64 {
        self.exponent
    }

    pub(super) fn bits(&self) -> u64 {
        self.bits
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::rounded(BigInt::from(value), 0, COUNTED_BITS, false)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        // A mantissa is odd, so equal numbers have equal parts regardless of their precision.
        self.mantissa == other.mantissa && self.exponent == other.exponent
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right, _) = self.aligned(other);
        left.cmp(&right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn whole_numbers_are_exact() {
        let large = "123456789012345678901234567890";
        assert_eq!(number(large).to_string(), large);
        assert_eq!(number(large).plus(&number("1")).to_string(), "123456789012345678901234567891");
    }

    #[test]
    fn decimal_fractions_print_as_people_expect() {
        assert_eq!(number("0.1").plus(&number("0.2")).to_string(), "0.3");
        assert_eq!(number("1.50").to_string(), "1.5");
        assert_eq!(number("-0.001").to_string(), "-0.001");
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("0").negated().to_string(), "0");
    }

    #[test]
    fn numbers_of_floating_point_print_with_the_fewest_digits() {
        for (value, wanted) in [(0.1, "0.1"), (-2.5, "-2.5"), (1e21, "1000000000000000000000"), (5e-324, "0."), (0.0, "0"), (-0.0, "0")] {
            assert!(Number::from_f64(value).unwrap().to_string().starts_with(wanted), "{value}");
        }
        assert_eq!(Number::from_f64(5e-324).unwrap().to_f64(), 5e-324);
        assert_eq!(Number::from_f64(f64::MAX).unwrap().to_f64(), f64::MAX);
        assert!(Number::from_f64(f64::INFINITY).is_none() && Number::from_f64(f64::NAN).is_none());
    }

    #[test]
    fn what_no_memory_could_hold_is_refused() {
        assert!(Number::parse("1e999999999").is_none());
        assert!(Number::parse("1e99999999999999999999").is_none());
        let mut large = number("1e999");
        while let Some(larger) = large.times(&large) {
            large = larger;
        }
        assert!(large.to_string().len() < 5_000);
    }

    #[test]
    fn division_rounds_half_to_even_and_remainders_keep_the_sign_of_the_dividend() {
        assert_eq!(number("7").remainder(&number("-3")).unwrap().to_string(), "1");
        assert_eq!(number("-7").remainder(&number("3")).unwrap().to_string(), "-1");
        assert!(number("1").divided_by(&number("0")).is_none());
        assert_eq!(number("-1.5").floor().to_string(), "-2");
        assert_eq!(number("-1.5").ceil().to_string(), "-1");
    }
}
