//! Colours.

use anstyle::{AnsiColor, Effects};

use super::Text;
use super::text::Show;

/// Whether, and how, text is coloured. Passed by value: nothing here looks at the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences are written.
    pub color: bool,
}

impl Style {
    /// Text without colours.
    pub const PLAIN: Self = Self { color: false };

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
