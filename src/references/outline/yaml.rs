//! YAML and JSON.

use saphyr_parser::{Event, Parser, Span};

use super::{MAX_DEPTH, MAX_KEY, Position, Spot, Step};

/// An open collection.
struct Open {
    /// The key or the index of the next node.
    step: Option<Step>,
    is_mapping: bool,
    /// For a mapping, whether a key comes next.
    key_next: bool,
    /// The index of the mapping, for its type.
    mapping: usize,
}

struct Reader<'p> {
    positions: &'p [Position],
    /// The index of the next position.
    next: usize,
    spots: Vec<Option<Spot>>,
    open: Vec<Open>,
    /// The value of the key `Type` of each mapping.
    types: Vec<Option<String>>,
    /// The mappings around each position.
    around: Vec<Vec<usize>>,
}

pub(super) fn spots(text: &str, positions: &[Position]) -> Vec<Option<Spot>> {
    let mut reader = Reader {
        positions,
        next: 0,
        spots: vec![None; positions.len()],
        open: Vec::new(),
        types: Vec::new(),
        around: vec![Vec::new(); positions.len()],
    };
    let mut parser = Parser::new_from_str(text);
    let mut ended = false;
    while let Some(Ok((event, span))) = parser.next_event() {
        ended = matches!(event, Event::StreamEnd);
        reader.event(&event, span);
        if ended {
            break;
        }
    }
    reader.finish(ended)
}

fn position(marker: saphyr_parser::Marker) -> Position {
    Position { line: marker.line() as u64, column: marker.col() as u64 + 1 }
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: Span) {
        match event {
            Event::Scalar(text, ..) => {
                self.begin(Some(text));
                self.found(span);
                self.note_type(text);
                self.end();
            }
            Event::Alias(_) => {
                self.begin(None);
                self.end();
            }
            Event::SequenceStart(..) => {
                self.begin(None);
                self.open.push(Open { step: None, is_mapping: false, key_next: false, mapping: 0 });
            }
            Event::MappingStart(..) => {
                self.begin(None);
                self.types.push(None);
                self.open.push(Open { step: None, is_mapping: true, key_next: true, mapping: self.types.len() - 1 });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.end();
            }
            Event::DocumentStart(_) | Event::DocumentEnd => self.open.clear(),
            _ => {}
        }
    }

    /// A node begins: a key, a value, or an item.
    fn begin(&mut self, text: Option<&str>) {
        let Some(open) = self.open.last_mut() else { return };
        if !open.is_mapping {
            open.step = Some(match open.step {
                Some(Step::Index(index)) => Step::Index(index + 1),
                _ => Step::Index(0),
            });
        } else if open.key_next {
            open.step = Some(Step::key(text.unwrap_or_default()));
        }
    }

    /// A node ends.
    fn end(&mut self) {
        if let Some(open) = self.open.last_mut().filter(|open| open.is_mapping) {
            open.key_next = !open.key_next;
        }
    }

    fn note_type(&mut self, text: &str) {
        let Some(open) = self.open.last() else { return };
        let is_type = open.is_mapping && !open.key_next && matches!(&open.step, Some(Step::Key(key)) if key == "Type");
        if is_type && let Some(kept) = self.types.get_mut(open.mapping) {
            *kept = Some(text.chars().take(MAX_KEY).collect());
        }
    }

    /// Records the spots of the positions before the end of a scalar. Positions before its start are in comments or between values.
    fn found(&mut self, span: Span) {
        let (start, end) = (position(span.start), position(span.end));
        while let Some(wanted) = self.positions.get(self.next).filter(|wanted| **wanted < end) {
            if *wanted < start {
                self.spots[self.next] = Some(Spot { comment: true, ..Spot::default() });
            } else if self.open.len() <= MAX_DEPTH {
                let steps = self.open.iter().filter_map(|open| open.step.clone()).collect();
                self.spots[self.next] = Some(Spot { steps, ..Spot::default() });
                self.around[self.next] = self.open.iter().filter(|open| open.is_mapping).map(|open| open.mapping).collect();
            }
            self.next += 1;
        }
    }

    fn finish(mut self, ended: bool) -> Vec<Option<Spot>> {
        for (spot, around) in self.spots.iter_mut().zip(&self.around) {
            let types = around.iter().filter_map(|mapping| self.types.get(*mapping)?.clone());
            if let Some(spot) = spot {
                spot.types = types.collect();
            }
        }
        if ended {
            // Positions after the last value.
            self.spots[self.next..].fill(Some(Spot { comment: true, ..Spot::default() }));
        }
        self.spots
    }
}
