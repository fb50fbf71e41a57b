//! Colors, and where lines end.

use anstyle::{AnsiColor, Effects};

use super::Text;
use super::text::Show;

/// Wrapping for fewer columns than these would leave a word a line.
const NARROWEST: usize = 40;

/// Whether, and how, text is colored. Passed by value: nothing here reads the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences are written.
    pub color: bool,
    /// The columns of the terminal that running text is wrapped for. A log or a pipe has none, and lines of any length.
    pub width: Option<usize>,
}

impl Style {
    /// Text without colors.
    pub const PLAIN: Self = Self { color: false, width: None };

    /// A line of running text, with its indent, over as many lines as the terminal needs; those after the first are behind `hanging`. Words
    /// stay whole, and what is to be copied must not pass through here.
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

    /// What is named.
    #[must_use]
    pub fn bold(self, value: impl Show) -> Text {
        self.paint(anstyle::Style::new().effects(Effects::BOLD), value)
    }

    /// What goes away, and errors.
    #[must_use]
    pub fn red(self, value: impl Show) -> Text {
        self.paint(AnsiColor::Red.on_default(), value)
    }

    /// What is done.
    #[must_use]
    pub fn green(self, value: impl Show) -> Text {
        self.paint(AnsiColor::Green.on_default(), value)
    }

    /// What wants attention.
    #[must_use]
    pub fn yellow(self, value: impl Show) -> Text {
        self.paint(AnsiColor::Yellow.on_default(), value)
    }

    /// What matters less.
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
