//! A secret in every encoding in which somebody may send it back.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Each with its name; all of them ASCII when the secret is, and each a text that JSON takes as it is between quotes.
pub(crate) fn of(secret: &str) -> Vec<(&'static str, String)> {
    let bytes = secret.as_bytes();
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let units = |one: fn(u16) -> String| secret.encode_utf16().map(one).collect::<String>();
    let behind = |before: &str| BASE64.encode(format!("{before}{secret}:after").as_bytes());
    let base64 = BASE64.encode(bytes);
    vec![
        ("json", json.clone()),
        ("json-slashes", json.replace('/', "\\/")),
        ("json-html", json.replace('<', "\\u003c").replace('&', "\\u0026")),
        ("json-all", units(|it| format!("\\u{it:04x}"))),
        ("json-all-upper", units(|it| format!("\\u{it:04X}"))),
        ("json-some", json.replace('+', "\\u002B").replace('=', "\\u003d")),
        ("url", percent.clone()),
        ("url-but-slashes", percent.replace("%2F", "/").replace("%7E", "~")),
        (
            "url-lower",
            percent
                .replace("%2F", "%2f")
                .replace("%2B", "%2b")
                .replace("%5C", "%5c")
                .replace("%3C", "%3c")
                .replace("%3D", "%3d")
                .replace("%7E", "%7e"),
        ),
        ("url-every-byte", bytes.iter().map(|it| format!("%{it:02x}")).collect()),
        ("form", form_urlencoded::byte_serialize(bytes).collect()),
        (
            "html",
            secret.chars().map(|it| format!("&#{};", u32::from(it))).collect(),
        ),
        (
            "xml",
            secret
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&#34;")
                .replace('\\', "&#92;"),
        ),
        ("hex", HEXLOWER.encode(bytes)),
        ("hex-upper", HEXUPPER.encode(bytes)),
        ("base64", base64.clone()),
        ("base64-unpadded", BASE64_NOPAD.encode(bytes)),
        ("base64url", BASE64URL.encode(bytes)),
        ("base64url-unpadded", BASE64URL_NOPAD.encode(bytes)),
        (
            "base64-in-url",
            utf8_percent_encode(&base64, NON_ALPHANUMERIC).to_string(),
        ),
        // As in credentials of Basic, and in what is signed: a version, a time, the body.
        ("credentials", behind("some-client:")),
        ("signed-1", behind("v0:1764097200:a")),
        ("signed-2", behind("v0:1764097200:ab")),
        ("signed-text", format!("v0:1764097200:{json}")),
    ]
}
