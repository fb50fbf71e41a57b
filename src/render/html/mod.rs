//! A plan as one HTML page.
//!
//! The page is one file and loads nothing. Its content security policy allows only its own style and script, each by its hash, and no way
//! to turn text into HTML. The page contains the plan as JSON that can't end the element around it. [`view`] decides what an answer means;
//! the script only shows it.

mod view;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Text;
use crate::org::{Unserializable, escaped_line, json_value};
use crate::plan::Plan;
use view::View;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = concat!(
    include_str!("page/base.js"),
    include_str!("page/list.js"),
    include_str!("page/filter.js"),
    include_str!("page/details.js"),
    include_str!("page/tree.js"),
    include_str!("page/matrix.js"),
    include_str!("page/timeline.js"),
    include_str!("page/paper.js"),
    include_str!("page/start.js"),
);

/// What a page shows in addition to the plan.
#[derive(Debug, Clone, Copy)]
pub struct PageView<'a> {
    /// The plan's file, as it should appear in the command that applies it.
    pub plan_file: &'a str,
}

/// The page. The same plan always gives the same bytes.
///
/// # Errors
///
/// Returns an error if the plan can't be serialized.
pub fn page(plan: &Plan, page: PageView<'_>) -> Result<Text, Unserializable> {
    let policy = policy();
    let data = embedded(&View::of(plan, page))?;
    let parts = [("{{policy}}", policy.as_str()), ("{{style}}", STYLE), ("{{data}}", &data), ("{{script}}", SCRIPT)];
    let mut text = String::with_capacity(PAGE.len() + parts.iter().map(|(_, part)| part.len()).sum::<usize>());
    let mut rest = PAGE;
    // Markers are replaced in the page's order, so that inserted text is never searched for markers.
    for (marker, part) in parts {
        if let Some((before, after)) = rest.split_once(marker) {
            text.push_str(before);
            text.push_str(part);
            rest = after;
        }
    }
    text.push_str(rest);
    Ok(Text::document(text))
}

/// The content security policy: the page can run only its own script and use only its own style. `require-trusted-types-for` makes the
/// browser refuse any text that a script passes to it as HTML.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// JSON that is safe in a script element: it contains no character with a meaning in HTML or JavaScript. Such characters occur only in
/// strings, where JSON can escape them. Hidden characters are already replaced with visible escapes.
fn embedded(view: &View<'_>) -> Result<String, Unserializable> {
    let json = Text::json(&visible(json_value(view)?));
    let json = json.trim_end();
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    Ok(text)
}

/// The value with hidden characters escaped in every text, including names of members.
fn visible(value: Value) -> Value {
    let shown = |text: String| text.split('\n').map(escaped_line).collect::<Vec<_>>().join("\n");
    match value {
        Value::String(text) => Value::String(shown(text)),
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (shown(name), visible(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests;
