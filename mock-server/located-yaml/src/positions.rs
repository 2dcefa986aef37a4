//! The index from every node of a file to the place it stands at, made from the parser's events.
//!
//! Decides nothing about meaning. It also refuses what must not reach a recursive reader: deep nesting, aliases that
//! explode, keys that are no text, tags, and a second document.

mod cursor;

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, Span};

use self::cursor::Cursor;
use crate::{Location, Problem, Problems};

/// How deep mappings and sequences may nest, aliases followed.
pub const MAX_DEPTH: usize = 64;
/// How many values one file may hold, aliases followed.
pub const MAX_VALUES: usize = 250_000;

/// One node: where it stands and what it is made of.
#[derive(Debug)]
pub(crate) struct Spot {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) length: u32,
    pub(crate) content: Content,
    /// How many values it holds, itself included, aliases followed.
    values: usize,
    /// How many levels it holds, itself included, aliases followed.
    depth: usize,
}

/// What a node is made of, as indices into [`Positions`]; an alias shares the index of what it stands for.
#[derive(Debug)]
pub(crate) enum Content {
    /// The text as the parser read it: quotes removed, escapes applied.
    Scalar(Box<str>),
    Sequence(Vec<usize>),
    /// Key and value, in the order of the file.
    Mapping(Vec<(usize, usize)>),
}

/// All nodes of one file.
#[derive(Debug)]
pub(crate) struct Positions {
    spots: Vec<Spot>,
    root: Option<usize>,
}

impl Positions {
    pub(crate) fn of(file: &str, text: &str) -> Result<Self, Problems> {
        let mut builder = Builder::new(file, text);
        for event in Parser::new_from_str(text) {
            match event {
                Ok((event, span)) => builder.take(event, span)?,
                Err(error) => {
                    let location = builder.location(error.marker().line(), error.marker().col() + 1, 1);
                    // The scanner has a limit of its own for `[[[`, and meets it before we see the first bracket.
                    builder.problems.push(match error.info() {
                        "recursion limit exceeded" => too_deep(location),
                        info => Problem::new(location, info).maybe_hint(advice(info)),
                    });
                    return Err(builder.problems);
                }
            }
        }
        let root = builder.root;
        if builder.problems.is_empty() {
            Ok(Self {
                spots: builder.spots,
                root,
            })
        } else {
            Err(builder.problems)
        }
    }

    /// The index of the document's value; `None` when the file holds none.
    pub(crate) fn root(&self) -> Option<usize> {
        self.root
    }

    pub(crate) fn spot(&self, index: usize) -> &Spot {
        &self.spots[index]
    }
}

/// What usually is behind the parser's commonest complaints.
fn advice(info: &str) -> Option<String> {
    let advice = if info.contains("mapping values are not allowed") {
        "a text that contains `: ` must be quoted"
    } else if info.contains("unknown anchor") {
        "an alias `*name` needs an anchor `&name` before it; quote a text that begins with `*`"
    } else if info.contains("cannot start any token") {
        "indent with spaces; quote a text that begins with `@`, `` ` `` or `%`"
    } else {
        return None;
    };
    Some(advice.into())
}

/// A collection that has begun and not ended.
struct Open {
    spot: usize,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<usize>,
    /// Where each key of this mapping was first seen.
    seen: HashMap<Box<str>, u32>,
}

struct Builder<'a> {
    file: Location,
    cursor: Cursor<'a>,
    spots: Vec<Spot>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, usize>,
    documents: usize,
    root: Option<usize>,
    problems: Problems,
}

impl<'a> Builder<'a> {
    fn new(file: &str, text: &'a str) -> Self {
        Self {
            file: Location::start_of(file),
            cursor: Cursor::new(text),
            spots: Vec::new(),
            open: Vec::new(),
            anchors: BTreeMap::new(),
            documents: 0,
            root: None,
            problems: Problems::default(),
        }
    }

    fn location(&self, line: usize, column: usize, length: usize) -> Location {
        let [line, column, length] = [line, column, length].map(narrow);
        Location {
            file: self.file.file.clone(),
            line,
            column,
            length,
        }
    }

    /// Takes one event; fails where reading on would be of no use.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problems> {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let problem = Problem::new(self.location(line, column, 1), "a second document begins here");
                    return self.give_up(problem.hint("keep one document in a file"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), line, column);
                let (column, length) = self.cursor.extent_of_scalar(&span, style, &text);
                let spot = self.add(line, column, length, Content::Scalar(text.into()));
                self.remember(anchor, spot);
                self.attach(spot)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), line, column);
                self.begin(&span, anchor, Content::Sequence(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), line, column);
                self.begin(&span, anchor, Content::Mapping(Vec::new()))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&span)?,
            Event::Alias(anchor) => {
                let Some(&spot) = self.anchors.get(&anchor) else {
                    let problem =
                        Problem::new(self.location(line, column, span.len()), "an alias inside what it names");
                    return self.give_up(problem);
                };
                self.bound(spot, line, column)?;
                self.attach(spot)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn give_up(&mut self, problem: Problem) -> Result<(), Problems> {
        self.problems.push(problem);
        Err(std::mem::take(&mut self.problems))
    }

    fn refuse_tag(&mut self, tagged: bool, line: usize, column: usize) {
        if tagged {
            let problem = Problem::new(self.location(line, column, 1), "tags have no meaning in this file");
            self.problems.push(problem.hint("quote a text that begins with `!`"));
        }
    }

    fn add(&mut self, line: usize, column: usize, length: usize, content: Content) -> usize {
        let [line, column, length] = [line, column, length].map(narrow);
        self.spots.push(Spot {
            line,
            column,
            length,
            content,
            values: 1,
            depth: 1,
        });
        self.spots.len() - 1
    }

    fn remember(&mut self, anchor: usize, spot: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, spot);
        }
    }

    fn begin(&mut self, span: &Span, anchor: usize, content: Content) -> Result<(), Problems> {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        if self.open.len() >= MAX_DEPTH {
            return self.give_up(too_deep(self.location(line, column, 1)));
        }
        let spot = self.add(line, column, span.len().max(1), content);
        self.open.push(Open {
            spot,
            anchor,
            key: None,
            seen: HashMap::new(),
        });
        Ok(())
    }

    fn end(&mut self, span: &Span) -> Result<(), Problems> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let children: Vec<usize> = match &self.spots[open.spot].content {
            Content::Scalar(_) => Vec::new(),
            Content::Sequence(items) => items.clone(),
            Content::Mapping(entries) => entries.iter().flat_map(|(key, value)| [*key, *value]).collect(),
        };
        let values = children
            .iter()
            .fold(1_usize, |sum, child| sum.saturating_add(self.spots[*child].values));
        let depth = 1 + children.iter().map(|child| self.spots[*child].depth).max().unwrap_or(0);
        let first = children
            .first()
            .map(|child| (self.spots[*child].line, self.spots[*child].length));
        let spot = &mut self.spots[open.spot];
        (spot.values, spot.depth) = (values, depth);
        let on_one_line = span.end.line() == spot.line as usize && !span.is_empty();
        if on_one_line {
            // A flow collection: its closing bracket has a place of its own.
            spot.length = narrow((span.end.col() + 1).saturating_sub(spot.column as usize));
        } else if let Some((line, length)) = first
            && line == spot.line
        {
            spot.length = length.max(1);
        }
        let (line, column) = (spot.line as usize, spot.column as usize);
        self.remember(open.anchor, open.spot);
        self.bound(open.spot, line, column)?;
        self.attach(open.spot)
    }

    /// Refuses a node that aliases make too large or too deep where it is used.
    fn bound(&mut self, spot: usize, line: usize, column: usize) -> Result<(), Problems> {
        let location = self.location(line, column, 1);
        if self.spots[spot].values > MAX_VALUES {
            let problem = Problem::new(location, format!("more than {MAX_VALUES} values, aliases included"));
            return self.give_up(problem);
        }
        if self.open.len() + self.spots[spot].depth > MAX_DEPTH + 1 {
            return self.give_up(too_deep(location));
        }
        Ok(())
    }

    /// Hands a complete node to the collection it stands in.
    fn attach(&mut self, spot: usize) -> Result<(), Problems> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(spot);
            return Ok(());
        };
        match &mut self.spots[open.spot].content {
            Content::Scalar(_) => {}
            Content::Sequence(items) => items.push(spot),
            Content::Mapping(entries) => match open.key.take() {
                Some(key) => entries.push((key, spot)),
                None => {
                    open.key = Some(spot);
                    self.check_key(spot);
                }
            },
        }
        Ok(())
    }

    fn check_key(&mut self, spot: usize) {
        let Spot {
            line,
            column,
            length,
            content,
            ..
        } = &self.spots[spot];
        let (line, column, length) = (*line, *column, *length);
        let place = Location {
            file: self.file.file.clone(),
            line,
            column,
            length,
        };
        let Content::Scalar(text) = content else {
            self.problems.push(Problem::new(place, "a key must be a text"));
            return;
        };
        let Some(open) = self.open.last_mut() else { return };
        match open.seen.get(text) {
            Some(first) => {
                let problem = Problem::new(place, format!("the key `{text}` is given twice"));
                self.problems
                    .push(problem.hint(format!("it is first given on line {first}")));
            }
            None => {
                open.seen.insert(text.clone(), line);
            }
        }
    }
}

fn too_deep(location: Location) -> Problem {
    Problem::new(location, format!("nested more than {MAX_DEPTH} levels deep"))
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
