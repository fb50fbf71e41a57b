//! Colors and line wrapping.

use anstyle::{AnsiColor, Effects};

use super::Text;
use super::text::Show;

/// Text is not wrapped for this width or less, which would leave about one word per line.
const NARROWEST: usize = 40;

/// Whether text is colored, and how wide it may be. Callers pass it in: nothing here reads the process's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences are written.
    pub color: bool,
    /// The terminal's width in columns, to which running text is wrapped. `None` for a log or a pipe, which get lines of any length.
    pub width: Option<usize>,
}

impl Style {
    /// Text without colors.
    pub const PLAIN: Self = Self { color: false, width: None };

    /// Wraps a line of running text, with its indent, to the terminal's width. Lines after the first begin with `hanging`. Words stay
    /// whole. Text that users copy must not be wrapped.
    #[must_use]
    pub fn wrapped(self, line: &Text, hanging: &'static str) -> Text {
        let Some(width) = self.width.filter(|width| *width > NARROWEST) else { return line.clone() };
        let options = textwrap::Options::new(width).subsequent_indent(hanging).break_words(false);
        Text::document(textwrap::wrap(line.as_str(), options.word_splitter(textwrap::WordSplitter::NoHyphenation)).join("\n"))
    }

    fn paint(self, style: anstyle::Style, value: impl Show) -> Text {
        let text = Text::of(value);
        if self.color { Text::document(format!("{style}{}{style:#}", text.as_str())) } else { text }
    }

    /// For names.
    #[must_use]
    pub fn bold(self, value: impl Show) -> Text {
        self.paint(anstyle::Style::new().effects(Effects::BOLD), value)
    }

    /// For removals and errors.
    #[must_use]
    pub fn red(self, value: impl Show) -> Text {
        self.paint(AnsiColor::Red.on_default(), value)
    }

    /// For what is done.
    #[must_use]
    pub fn green(self, value: impl Show) -> Text {
        self.paint(AnsiColor::Green.on_default(), value)
    }

    /// For what needs attention.
    #[must_use]
    pub fn yellow(self, value: impl Show) -> Text {
        self.paint(AnsiColor::Yellow.on_default(), value)
    }

    /// For what matters less.
    #[must_use]
    pub fn dim(self, value: impl Show) -> Text {
        self.paint(AnsiColor::BrightBlack.on_default(), value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_text_ends_its_lines_at_the_terminals_width_and_words_stay_whole() {
        let style = Style { color: true, width: Some(60) };
        let arn = "arn:aws:iam::220000000001:role/a-role-whose-name-is-longer-than-the-line";
        let line = Text::of(format!("    not_denied: the policy denies it to {arn} whatever the account does, and more words follow"));
        let wrapped = style.wrapped(&style.bold(&line), "      ");
        let lines: Vec<_> = wrapped.plain().lines().map(str::to_owned).collect();
        assert_eq!(lines.join(" ").split_whitespace().collect::<Vec<_>>(), line.plain().split_whitespace().collect::<Vec<_>>());
        assert!(lines[0].starts_with("    not_denied") && lines[1..].iter().all(|line| line.starts_with("      ")), "{lines:?}");
        assert!(lines.iter().all(|line| line.chars().count() <= 60 || line.contains(arn)) && lines.len() > 2, "{lines:?}");
    }

    #[test]
    fn a_pipe_and_a_sliver_of_a_terminal_get_whole_lines() {
        let line = Text::of("word ".repeat(50));
        for width in [None, Some(0), Some(NARROWEST)] {
            assert_eq!(Style { color: false, width }.wrapped(&line, ""), line);
        }
    }
}
