//! The keys that lead to a place in a file, if the file's structure can be read. They are found in one pass over the text and without
//! recursion, because a repository may contain any text.

mod hcl;
mod yaml;

/// Places below more levels than this have no path.
const MAX_DEPTH: usize = 64;
/// The most characters of a key that are kept.
const MAX_KEY: usize = 200;

/// A place of a file: a line and a column in characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub line: u64,
    pub column: u64,
}

/// The keys that lead to a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Spot {
    /// Keys and indices from the top.
    pub steps: Vec<Step>,
    /// Whether it is in a comment.
    pub comment: bool,
    /// The values of the key `Type` in the enclosing mappings, the innermost last.
    pub types: Vec<String>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn key(text: &str) -> Self {
        Self::Key(text.chars().take(MAX_KEY).collect())
    }
}

impl Spot {
    /// The keys without the indices.
    pub fn keys(&self) -> Vec<&str> {
        let keys = self.steps.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.collect()
    }

    /// The path, such as `workloadAccounts[2].email`; `None` at the top.
    pub fn path(&self) -> Option<String> {
        let path = self.steps.iter().fold(String::new(), |path, step| match step {
            Step::Key(key) if path.is_empty() => key.clone(),
            Step::Key(key) => format!("{path}.{key}"),
            Step::Index(index) => format!("{path}[{index}]"),
        });
        (!path.is_empty()).then_some(path)
    }
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// YAML, and JSON as a subset of YAML.
    Yaml,
    Hcl,
}

impl Format {
    /// The format that the file's name suggests.
    pub fn of(file: &str) -> Option<Self> {
        let name = file.rsplit('/').next()?.to_ascii_lowercase();
        let is = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if is(&[".yaml", ".yml", ".json", ".template", ".tfstate"]) {
            Some(Self::Yaml)
        } else if is(&[".tf", ".tofu", ".hcl", ".tfvars"]) {
            Some(Self::Hcl)
        } else {
            None
        }
    }
}

/// The spots of sorted positions; `None` for a position whose spot is not known.
pub(super) fn spots(format: Format, text: &str, positions: &[Position]) -> Vec<Option<Spot>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Yaml => yaml::spots(text, positions),
        Format::Hcl => hcl::spots(text, positions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(format: Format, text: &str, wanted: &str) -> Vec<String> {
        let mut positions = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let columns = line.match_indices(wanted).map(|(at, _)| line[..at].chars().count() as u64 + 1);
            positions.extend(columns.map(|column| Position { line: index as u64 + 1, column }));
        }
        let shown = |spot: Option<Spot>| match spot {
            None => "?".to_owned(),
            Some(Spot { comment: true, .. }) => "#".to_owned(),
            Some(spot) => spot.path().unwrap_or_default(),
        };
        spots(format, text, &positions).into_iter().map(shown).collect()
    }

    #[test]
    fn places_of_yaml_have_the_keys_that_lead_there() {
        let text = "\
# about 33
a:
  - name: x # 33
    ids: [33, \"ä 33\"]
    text: |
      one
      33
  - !Ref 33
'33':
  b: {c: 33, d: [{e: '33'}]}
---
- 33
";
        let expected = ["#", "#", "a[0].ids[0]", "a[0].ids[1]", "a[0].text", "a[1]", "33", "33.b.c", "33.b.d[0].e", "[0]"];
        assert_eq!(paths(Format::Yaml, text, "33"), expected);
    }

    #[test]
    fn json_is_read_as_well_up_to_a_mistake() {
        let text = "{\n\t\"a\": [{\"b\": \"33\"}, {\"c\": \"arn:33:x\"}],\n\t\"d\": {\"33\": 33}\n}";
        assert_eq!(paths(Format::Yaml, text, "33"), ["a[0].b", "a[1].c", "d.33", "d.33"]);
        assert_eq!(paths(Format::Yaml, "a: 33\nb: [33\n", "33"), ["a", "b[0]"]);
        assert_eq!(paths(Format::Yaml, "a: 33\n}: @\nb: 33\n", "33"), ["a", "?"]);
    }

    #[test]
    fn the_types_around_a_place_are_known_wherever_they_stand() {
        let text = "Crm:\n  Properties:\n    AccountId: '33'\n  Type: OC::ORG::Account\n";
        let spot = spots(Format::Yaml, text, &[Position { line: 3, column: 17 }]).remove(0).unwrap();
        assert_eq!((spot.path().as_deref(), spot.types), (Some("Crm.Properties.AccountId"), vec!["OC::ORG::Account".to_owned()]));
    }

    #[test]
    fn places_of_hcl_have_the_blocks_and_arguments_that_lead_there() {
        let text = "\
# 33
resource \"aws_organizations_account\" \"x33\" {
  email = \"33@example.com\" /* 33 */
  tags  = { a = 33, \"b c\" = [\"33\"] }
  policy = jsonencode({
    Statement = [{ Principal = { AWS = \"arn:aws:iam::${33}:root\" } }]
  })
}
provider \"aws\" {
  assume_role {
    role_arn = <<-EOT
      33
    EOT
  }
}
locals {
  ids = var.x ? [33] : { y : 33 }
}
";
        let account = "resource.aws_organizations_account.x33";
        let expected = [
            "#".to_owned(),
            "resource.aws_organizations_account".to_owned(),
            format!("{account}.email"),
            "#".to_owned(),
            format!("{account}.tags.a"),
            format!("{account}.tags.b c"),
            format!("{account}.policy.Statement.Principal.AWS"),
            "provider.aws.assume_role.role_arn".to_owned(),
            "locals.ids".to_owned(),
            "locals.ids.y".to_owned(),
        ];
        assert_eq!(paths(Format::Hcl, text, "33"), expected);
        assert_eq!(paths(Format::Hcl, "a = 33\nb = \"33\n", "33"), ["a", "b"]);
    }

    #[test]
    fn whatever_a_file_holds_reading_it_ends_without_a_deep_stack() {
        for opening in ["[", "{", "(", "a {", "a = [", "\"${", "- ", "a: {", "{a: ", "? "] {
            let text = format!("{}33", opening.repeat(20_000));
            for format in [Format::Hcl, Format::Yaml] {
                let column = text.chars().count() as u64 - 1;
                let found = spots(format, &text, &[Position { line: 1, column }]);
                assert!(found[0].as_ref().is_none_or(|spot| spot.steps.len() <= MAX_DEPTH), "{opening}");
            }
        }
    }
}
