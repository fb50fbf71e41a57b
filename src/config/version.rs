//! `required_version`: version constraints as Terraform writes them.

use std::cmp::Ordering;

/// A version: major, minor and patch.
type Version = [u64; 3];

/// Whether `version` satisfies every constraint of the comma-separated list: `>= 0.1, < 2.0`, `~> 0.3`, `= 0.1.0` or `0.1.0`, `!= 0.2.0`.
///
/// # Errors
///
/// Returns the constraint that can't be parsed.
pub fn satisfies(version: &str, constraints: &str) -> Result<bool, String> {
    let (actual, _) = parse(version).ok_or_else(|| version.to_owned())?;
    let mut satisfied = true;
    for constraint in constraints.split(',').map(str::trim) {
        satisfied &= holds(actual, constraint).ok_or_else(|| constraint.to_owned())?;
    }
    Ok(satisfied)
}

fn holds(actual: Version, constraint: &str) -> Option<bool> {
    let operator_length = constraint.find(|character: char| character.is_ascii_digit())?;
    let (operator, text) = constraint.split_at(operator_length);
    let (wanted, parts) = parse(text)?;
    let order = actual.cmp(&wanted);
    Some(match operator.trim() {
        "" | "=" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        // Only the last written part may increase: ~> 1.2 allows versions below 2, ~> 1.2.3 versions below 1.3.
        "~>" => order != Ordering::Less && actual.iter().zip(&wanted).take(parts.saturating_sub(1)).all(|(a, w)| a == w),
        _ => return None,
    })
}

/// The version, and the number of parts that were written.
fn parse(text: &str) -> Option<(Version, usize)> {
    let mut version = [0; 3];
    let parts: Vec<_> = text.trim().split('.').collect();
    if parts.len() > version.len() {
        return None;
    }
    for (slot, part) in version.iter_mut().zip(&parts) {
        *slot = part.parse().ok()?;
    }
    Some((version, parts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_mean_what_they_mean_in_terraform() {
        let cases = [
            ("0.1.0", ">= 0.1", true),
            ("0.1.0", "> 0.1", false),
            ("0.1.0", "0.1.0", true),
            ("0.1.0", "= 0.1", true),
            ("0.1.0", "!= 0.1.0", false),
            ("1.9.0", "~> 1.2", true),
            ("2.0.0", "~> 1.2", false),
            ("1.3.0", "~> 1.2.3", false),
            ("1.2.4", "~> 1.2.3", true),
            ("0.5.0", ">= 0.1, < 0.4", false),
            ("0.3.9", ">= 0.1, <= 0.4", true),
        ];
        for (version, constraints, expected) in cases {
            assert_eq!(satisfies(version, constraints), Ok(expected), "{version} {constraints}");
        }
        for wrong in ["", "latest", ">= ", "=> 1", ">= 1.2.3.4", ">= 1,"] {
            assert!(satisfies("0.1.0", wrong).is_err(), "{wrong:?}");
        }
    }
}
