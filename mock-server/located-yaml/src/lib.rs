//! YAML read as a value tree whose every node knows where it stands in its file.
//!
//! Knows nothing of what the files mean: no key, no default and no rule of any format is in here. `serde_yaml` decides
//! what a text means, the events of `saphyr-parser` say where everything stands, `annotate-snippets` draws the problems.
//!
//! ```
//! use located_yaml::{Document, Paint, Problems, Sources};
//!
//! let document = Document::parse("greeting.yaml", "helo: world\n").expect("the text is well-formed");
//! let mut problems = Problems::default();
//! document.root().fields(&["hello"], &mut problems);
//! let drawn = problems.render(&Sources::of(&document), Paint::Plain);
//! assert!(drawn.contains("did you mean `hello`?"));
//! ```

mod document;
mod duration;
mod fields;
mod location;
mod node;
mod positions;
mod problem;
mod readers;
mod render;
mod suggestion;

pub use document::{Document, MAX_BYTES};
pub use duration::{parse_duration, write_duration};
pub use fields::{Fields, Key};
pub use location::Location;
pub use node::Node;
pub use positions::{MAX_DEPTH, MAX_VALUES};
pub use problem::{Problem, Problems};
pub use render::{Paint, Sources};
pub use suggestion::{did_you_mean, nearest};
