//! What a person does with keys and a mouse, as events of the protocol.

use serde_json::{Value as Json, json};

use crate::Error;

/// Keys that are no characters: name, number, and what they write.
const NAMED: [(&str, u32, Option<&str>); 14] = [
    ("Tab", 9, None),
    ("Enter", 13, Some("\r")),
    ("Escape", 27, None),
    ("Space", 32, Some(" ")),
    ("Backspace", 8, None),
    ("Delete", 46, None),
    ("Home", 36, None),
    ("End", 35, None),
    ("PageUp", 33, None),
    ("PageDown", 34, None),
    ("ArrowLeft", 37, None),
    ("ArrowUp", 38, None),
    ("ArrowRight", 39, None),
    ("ArrowDown", 40, None),
];

/// The bit of Shift, the only modifier with which a key still writes.
const SHIFT: u32 = 8;

/// Down and up of a key, named as in [`crate::Page::press`].
pub(crate) fn strokes(name: &str) -> Result<[Json; 2], Error> {
    let (modifiers, key) = modifiers(name);
    let named = NAMED.iter().find(|(given, ..)| *given == key);
    let (key, code, number, text) = match named {
        Some((name, number, text)) => {
            let key = if *name == "Space" { " " } else { *name };
            (key, (*name).to_owned(), *number, text.map(str::to_owned))
        }
        None => character(key).ok_or_else(|| Error::UnknownKey(name.to_owned()))?,
    };
    // With Control, Alt or Meta a key writes nothing.
    let text = text.filter(|_| modifiers & !SHIFT == 0);
    let stroke = |kind: &str, text: Option<&String>| {
        let mut stroke = json!({
            "type": kind, "key": key, "code": code, "modifiers": modifiers,
            "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number,
        });
        if let Some(text) = text {
            stroke["text"] = json!(text);
        }
        stroke
    };
    let down = if text.is_some() { "keyDown" } else { "rawKeyDown" };
    Ok([stroke(down, text.as_ref()), stroke("keyUp", None)])
}

/// The key of a character: itself, where it is on a keyboard, its number, what it writes.
fn character(key: &str) -> Option<(&str, String, u32, Option<String>)> {
    let mut characters = key.chars();
    let (character, None) = (characters.next()?, characters.next()) else {
        return None;
    };
    let upper = character.to_ascii_uppercase();
    let (code, number) = match upper {
        ' ' => ("Space".to_owned(), 32),
        '/' => ("Slash".to_owned(), 191),
        'A'..='Z' => (format!("Key{upper}"), u32::from(upper)),
        '0'..='9' => (format!("Digit{upper}"), u32::from(upper)),
        // Typed by name alone: where it is depends on the keyboard.
        _ => (String::new(), 0),
    };
    Some((key, code, number, Some(key.to_owned())))
}

/// The bits of the protocol for `Control+Shift+` and the like, and what stands behind them.
fn modifiers(name: &str) -> (u32, &str) {
    let (mut bits, mut rest) = (0, name);
    for (prefix, bit) in [("Alt+", 1), ("Control+", 2), ("Meta+", 4), ("Shift+", SHIFT)]
        .into_iter()
        .cycle()
        .take(16)
    {
        if let Some(after) = rest.strip_prefix(prefix) {
            bits |= bit;
            rest = after;
        }
    }
    (bits, rest)
}

/// A click of the left button at a point of the window.
pub(crate) fn click(x: f64, y: f64) -> [Json; 3] {
    ["mouseMoved", "mousePressed", "mouseReleased"].map(|kind| {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names_and_modifiers() {
        for (name, key, modifiers, text) in [
            ("Tab", "Tab", 0, None),
            ("Shift+Tab", "Tab", 8, None),
            ("Control+Shift+a", "a", 10, None),
            ("Shift+Control+a", "a", 10, None),
            ("a", "a", 0, Some("a")),
            ("/", "/", 0, Some("/")),
            ("Space", " ", 0, Some(" ")),
            ("Enter", "Enter", 0, Some("\r")),
            ("Meta+Enter", "Enter", 4, None),
        ] {
            let [down, up] = strokes(name).unwrap();
            assert_eq!(
                (down["key"].as_str(), down["modifiers"].as_u64()),
                (Some(key), Some(modifiers)),
                "{name}"
            );
            assert_eq!(down["text"].as_str(), text, "{name}");
            assert_eq!(up["type"], "keyUp", "{name}");
        }
        for name in ["Tabulator", "", "Control+"] {
            assert!(matches!(strokes(name), Err(Error::UnknownKey(_))), "{name}");
        }
    }
}
