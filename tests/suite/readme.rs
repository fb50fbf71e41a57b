//! Facts that several files repeat.

use std::fs;

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_minimum_version_is_the_same_everywhere() {
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    for path in ["README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml"] {
        assert!(read(path).contains(version), "{path} names another version than {version}");
    }
}
