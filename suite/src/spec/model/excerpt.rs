//! A piece of a YAML file as it is written, for people who read of it elsewhere.
//!
//! Goes by indentation alone: what belongs to a block is indented as far as its first line, or further.

use located_yaml::Location;

/// The block that begins at a place, its indentation taken away; empty when the text has no such place.
pub(super) fn excerpt(text: &str, at: &Location) -> String {
    let indentation = (at.column as usize).saturating_sub(1);
    let mut lines = text.lines().skip((at.line as usize).saturating_sub(1));
    let Some(first) = lines.next() else {
        return String::new();
    };
    let mut out: String = first.chars().skip(indentation).collect();
    // A block in braces ends where its line ends unless it goes on further in.
    let deeper = |line: &str| line.chars().take_while(|it| *it == ' ').count() >= indentation;
    for line in lines.take_while(|line| line.trim().is_empty() || deeper(line)) {
        out.push('\n');
        out.extend(line.chars().skip(indentation));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "steps:\n  - trigger: { é: 1 }\n    expect:\n      status: 200\n\n  - elapse: 1s\n  - { a: 1,\n      b: 2 }\nfinally: []\n";

    fn at(line: u32, column: u32) -> String {
        let place = Location {
            line,
            column,
            ..Location::start_of("it.yaml")
        };
        excerpt(TEXT, &place)
    }

    #[test]
    fn a_block_ends_where_the_next_one_begins() {
        assert_eq!(at(2, 5), "trigger: { é: 1 }\nexpect:\n  status: 200\n");
        assert_eq!(at(6, 5), "elapse: 1s\n");
        assert_eq!(at(7, 5), "{ a: 1,\n  b: 2 }\n");
    }

    #[test]
    fn a_place_beyond_the_text_has_nothing_written() {
        assert_eq!(at(99, 1), "");
    }
}
