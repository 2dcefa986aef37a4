//! How lengths of time are written: `50s`, `250ms`, `1.5s`, `24h`.
//!
//! Exact to the nanosecond in both directions; reads no clock.

use std::time::Duration;

const UNITS: [(&str, u128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a decimal number followed by `ns`, `us`, `ms`, `s`, `m` or `h`.
///
/// # Errors
/// A fragment saying what is wrong with the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    if number.is_empty() {
        return Err(format!("`{text}` is not a duration such as 50s, 250ms or 24h"));
    }
    if unit.is_empty() {
        return Err(format!("the duration `{text}` has no unit"));
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!("`{unit}` is not a unit of time: ns, us, ms, s, m or h"));
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return Err(format!("`{number}` is not a number"));
    }
    let too_long = || format!("`{text}` is too long");
    let whole: u128 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| too_long())?
    };
    let nanos = whole.checked_mul(*scale).ok_or_else(too_long)?;
    let nanos = nanos.checked_add(fraction_of(fraction, *scale)?).ok_or_else(too_long)?;
    u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| too_long())
}

fn fraction_of(digits: &str, scale: u128) -> Result<u128, String> {
    let (mut nanos, mut unit) = (0, scale);
    for digit in digits.chars() {
        let value = u128::from(digit.to_digit(10).unwrap_or(0));
        if value != 0 && unit % 10 != 0 {
            return Err("a duration cannot be finer than a nanosecond".into());
        }
        unit /= 10;
        nanos += value * unit;
    }
    Ok(nanos)
}

/// Writes a duration so that [`parse_duration`] reads the same one back: `50s`, `49.999s`, `1ms`, `24h`.
#[must_use]
pub fn write_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let hour = 3_600_000_000_000;
    if nanos == 0 {
        return "0s".into();
    }
    if nanos.is_multiple_of(hour) {
        return format!("{}h", nanos / hour);
    }
    let (name, scale) = UNITS[..4]
        .iter()
        .rev()
        .find(|(_, scale)| nanos >= *scale)
        .unwrap_or(&UNITS[0]);
    let (whole, rest) = (nanos / scale, nanos % scale);
    if rest == 0 {
        return format!("{whole}{name}");
    }
    let width = scale.ilog10() as usize;
    let fraction = format!("{rest:0width$}");
    format!("{whole}.{}{name}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, nanos) in [
            ("50s", 50_000_000_000),
            ("250ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("24h", 86_400_000_000_000),
            ("2m", 120_000_000_000),
            ("0.5us", 500),
            ("7ns", 7),
            ("0s", 0),
            (".5s", 500_000_000),
            ("49.999 s", 49_999_000_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "`` is not a duration such as 50s, 250ms or 24h"),
            ("fast", "`fast` is not a duration such as 50s, 250ms or 24h"),
            ("-1s", "`-1s` is not a duration such as 50s, 250ms or 24h"),
            ("50", "the duration `50` has no unit"),
            ("50 seconds", "`seconds` is not a unit of time: ns, us, ms, s, m or h"),
            ("1.2.3s", "`1.2.3` is not a number"),
            (".s", "`.` is not a number"),
            ("0.5ns", "a duration cannot be finer than a nanosecond"),
            ("99999999999h", "`99999999999h` is too long"),
            (
                "9999999999999999999999999999999999999999s",
                "`9999999999999999999999999999999999999999s` is too long",
            ),
        ] {
            assert_eq!(parse_duration(text), Err(reason.into()), "{text}");
        }
    }

    #[test]
    fn the_written_form_is_the_shortest_exact_one() {
        for text in ["50s", "49.999s", "1ms", "1.5ms", "24h", "0s", "3ns", "90s"] {
            assert_eq!(write_duration(parse_duration(text).unwrap()), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(nanos: u64) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse_duration(&write_duration(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "[0-9.]{0,40}[a-z]{0,3}") {
            let _outcome = parse_duration(&text);
        }
    }
}
