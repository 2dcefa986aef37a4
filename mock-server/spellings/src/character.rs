//! One character, escaped or not. What is escaped may be escaped again and again: JSON in JSON, a URL in a URL.
//!
//! Reads every way bytes can be meant; which is meant only whoever looks for something can tell.

/// How many backslashes in a row are taken for an escape: what was escaped six times. More of them would take long to read.
const MOST_BACKSLASHES: usize = 64;

/// Tells `found` of every character that the bytes from `at` on may stand for, and where what stands for it ends.
pub(crate) fn read(bytes: &[u8], at: usize, found: &mut impl FnMut(char, usize)) {
    match bytes.get(at) {
        Some(b'%') => percent(bytes, at + 1, found),
        Some(b'\\') => backslash(bytes, at, found),
        Some(b'&') => entity(bytes, at + 1, found),
        Some(b'+') => found(' ', at + 1),
        Some(_) | None => {}
    }
    if let Some(plain) = plain(bytes, at) {
        found(plain, at + plain.len_utf8());
    }
}

/// The character of UTF-8 that begins here.
fn plain(bytes: &[u8], at: usize) -> Option<char> {
    let first = *bytes.get(at)?;
    if first.is_ascii() {
        return Some(char::from(first));
    }
    let character = bytes.get(at..at + length_of(first)?)?;
    std::str::from_utf8(character).ok()?.chars().next()
}

/// How many bytes of UTF-8 a character has that begins with this one.
const fn length_of(first: u8) -> Option<usize> {
    match first {
        0..=0x7f => Some(1),
        0xc2..=0xdf => Some(2),
        0xe0..=0xef => Some(3),
        0xf0..=0xf4 => Some(4),
        0x80..=0xc1 | 0xf5..=0xff => None,
    }
}

/// After a percent sign: the number of a byte, the sign itself perhaps escaped before it.
fn percent(bytes: &[u8], mut at: usize, found: &mut impl FnMut(char, usize)) {
    while bytes[at..].starts_with(b"25") {
        at += 2;
        found('%', at);
    }
    let Some(first) = hex(bytes, at, 2).and_then(|it| u8::try_from(it).ok()) else {
        return;
    };
    let Some(length) = length_of(first) else { return };
    let (mut utf8, mut end) = ([first, 0, 0, 0], at + 2);
    for byte in utf8.iter_mut().take(length).skip(1) {
        let Some((next, after)) = escaped_byte(bytes, end) else {
            return;
        };
        (*byte, end) = (next, after);
    }
    if let Some(character) = plain(&utf8[..length], 0) {
        found(character, end);
        if character == '\\' {
            after_backslash(bytes, end, found);
        }
    }
}

/// A byte that is not the first of its character, and where what stands for it ends.
fn escaped_byte(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut at = at + bytes.get(at..)?.starts_with(b"%").then_some(1)?;
    while bytes[at..].starts_with(b"25") {
        at += 2;
    }
    Some((u8::try_from(hex(bytes, at, 2)?).ok()?, at + 2))
}

/// Backslashes, and what they escape.
fn backslash(bytes: &[u8], at: usize, found: &mut impl FnMut(char, usize)) {
    let after = at + length_of_backslashes(&bytes[at..]);
    // The character itself is plain where it stands alone.
    for end in at + 2..=after {
        found('\\', end);
    }
    after_backslash(bytes, after, found);
}

/// What a backslash escapes that ends here, itself perhaps escaped in another way.
fn after_backslash(bytes: &[u8], after: usize, found: &mut impl FnMut(char, usize)) {
    match bytes.get(after) {
        Some(b'u') => {
            if let Some((character, end)) = unicode(bytes, after + 1) {
                found(character, end);
            }
        }
        Some(b'x') => {
            if let Some(character) = hex(bytes, after + 1, 2).and_then(char::from_u32) {
                found(character, after + 3);
            }
        }
        Some(itself @ (b'"' | b'\'' | b'/')) => found(char::from(*itself), after + 1),
        Some(b'n') => found('\n', after + 1),
        Some(b'r') => found('\r', after + 1),
        Some(b't') => found('\t', after + 1),
        Some(b'%') => {
            let itself = length_of_backslashes(&bytes[after..]);
            if itself > 0 {
                found('\\', after + itself);
            }
        }
        Some(_) | None => {}
    }
}

/// After `\u`: a number in braces, or one or two units of UTF-16.
fn unicode(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    if bytes.get(at) == Some(&b'{') {
        let (code, end) = number(bytes, at + 1, 16)?;
        let closed = bytes.get(end) == Some(&b'}');
        return Some((closed.then(|| char::from_u32(code)).flatten()?, end + 1));
    }
    let first = hex(bytes, at, 4)?;
    let end = at + 4;
    if let Some(character) = char::from_u32(first) {
        return Some((character, end));
    }
    let after = end + length_of_backslashes(&bytes[end..]);
    if after == end || bytes.get(after) != Some(&b'u') {
        return None;
    }
    let units = [first, hex(bytes, after + 1, 4)?].map(|unit| u16::try_from(unit).unwrap_or_default());
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, after + 5))
}

/// How many bytes stand for a backslash that may have been escaped again and again.
fn length_of_backslashes(bytes: &[u8]) -> usize {
    let in_url = [&b"%5C"[..], b"%5c"].into_iter().find(|it| bytes.starts_with(it));
    match in_url {
        Some(escaped) => escaped.len(),
        None => bytes
            .iter()
            .take(MOST_BACKSLASHES)
            .take_while(|it| **it == b'\\')
            .count(),
    }
}

/// After an ampersand: a character by name or number, the sign itself perhaps escaped before it.
fn entity(bytes: &[u8], mut at: usize, found: &mut impl FnMut(char, usize)) {
    while bytes[at..].starts_with(b"amp;") {
        at += 4;
        found('&', at);
    }
    for (name, character) in [("quot;", '"'), ("apos;", '\''), ("lt;", '<'), ("gt;", '>')] {
        if bytes[at..].starts_with(name.as_bytes()) {
            found(character, at + name.len());
        }
    }
    let by_number = match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'#'), Some(b'x' | b'X')) => number(bytes, at + 2, 16),
        (Some(b'#'), Some(_)) => number(bytes, at + 1, 10),
        _ => None,
    };
    if let Some((code, end)) = by_number
        && bytes.get(end) == Some(&b';')
        && let Some(character) = char::from_u32(code)
    {
        found(character, end + 1);
        if character == '\\' {
            after_backslash(bytes, end + 1, found);
        }
    }
}

/// A number of just so many digits.
fn hex(bytes: &[u8], at: usize, digits: usize) -> Option<u32> {
    let (code, end) = number(bytes.get(..at + digits)?, at, 16)?;
    (end == at + digits).then_some(code)
}

/// A number, and where its digits end.
fn number(bytes: &[u8], at: usize, radix: u32) -> Option<(u32, usize)> {
    let digits = bytes
        .get(at..)?
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(radix));
    let mut code = 0_u32;
    let mut end = at;
    for digit in digits {
        code = code.checked_mul(radix)?.checked_add(digit)?;
        end += 1;
    }
    (end > at).then_some((code, end))
}
