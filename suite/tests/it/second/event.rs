//! What a workflow sees of a request, where nobody publishes it chosen otherwise than by the mock.
//!
//! An empty body is null, what is no object is wrapped, fields of forms are arrays, the root of XML is left out.

use serde_json::{Map, Value as Json, json};

use super::http::Request;

/// The event of a request; nothing when its body cannot become one.
pub(super) fn of(request: &Request, raw: bool) -> Option<Json> {
    if raw {
        return Some(raw_event(request));
    }
    let declared = request.header("content-type").next().unwrap_or_default();
    let declared = declared
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if request.body.is_empty() {
        return Some(Json::Null);
    }
    let text = String::from_utf8_lossy(&request.body);
    let parsed = serde_json::from_str::<Json>(&text).ok();
    match declared.as_str() {
        "application/json" => parsed.map(wrapped),
        "application/x-www-form-urlencoded" => parsed.map(wrapped).or_else(|| Some(form(&request.body))),
        "application/xml" | "text/xml" => Xml::document(&text),
        _ => Some(json!({ "text": text })),
    }
}

/// Every event is an object here.
fn wrapped(value: Json) -> Json {
    if value.is_object() {
        value
    } else {
        json!({ "value": value })
    }
}

fn raw_event(request: &Request) -> Json {
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        let values = headers.entry(canonical(name)).or_insert_with(|| json!([]));
        values.as_array_mut().expect("it is an array").push(json!(value));
    }
    if request.body.is_empty() {
        return json!({ "http_method": request.method, "headers": headers, "body": null });
    }
    let body = serde_json::from_slice(&request.body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&request.body)));
    json!({ "http_method": request.method, "headers": headers, "body": body })
}

/// `x-real-ip` as `X-Real-Ip`.
fn canonical(name: &str) -> String {
    let capital = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        format!("{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase())
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

fn form(body: &[u8]) -> Json {
    let mut event = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let values = event.entry(name.into_owned()).or_insert_with(|| json!([]));
        values.as_array_mut().expect("it is an array").push(json!(value));
    }
    Json::Object(event)
}

/// What is left of an XML text.
struct Xml<'x>(&'x str);

impl<'x> Xml<'x> {
    /// The content of the root element.
    fn document(text: &'x str) -> Option<Json> {
        let mut xml = Self(text);
        while !xml.0.starts_with('<') || xml.0.starts_with("<?") || xml.0.starts_with("<!") {
            xml.0 = xml.0[xml.0.find('>')? + 1..].trim_start();
        }
        let (_, content) = xml.element()?;
        xml.0.trim().is_empty().then(|| wrapped(content))
    }

    /// What is before a mark, which is passed over.
    fn until(&mut self, mark: &str) -> Option<&'x str> {
        let (before, after) = self.0.split_once(mark)?;
        self.0 = after;
        Some(before)
    }

    /// An element's name and content; attributes are left out.
    fn element(&mut self) -> Option<(String, Json)> {
        self.0 = self.0.strip_prefix('<')?;
        let tag = self.until(">")?;
        let name = tag.split([' ', '/']).next()?.to_owned();
        if tag.ends_with('/') {
            return Some((name, json!("")));
        }
        let (mut children, mut text) = (Map::new(), String::new());
        loop {
            text.push_str(&unescaped(&self.0[..self.0.find('<')?]));
            self.0 = &self.0[self.0.find('<')?..];
            if let Some(rest) = self.0.strip_prefix("</") {
                self.0 = rest;
                return (self.until(">")?.trim() == name).then_some((name, content(children, text)));
            } else if let Some(rest) = self.0.strip_prefix("<![CDATA[") {
                self.0 = rest;
                text.push_str(self.until("]]>")?);
            } else if self.0.starts_with("<!--") {
                self.until("-->")?;
            } else {
                let (child, value) = self.element()?;
                children.insert(child, value);
            }
        }
    }
}

fn content(children: Map<String, Json>, text: String) -> Json {
    if children.is_empty() {
        Json::String(text)
    } else {
        Json::Object(children)
    }
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&apos;", "'").replace("&amp;", "&")
}
