//! One open page: what a person does with it and what they get to see.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::connection::{Connection, PATIENCE};
use crate::seen::{Seen, thrown};
use crate::{Error, input};

/// An open page; closed when it is dropped. Its window is 1280 by 900 and light until told otherwise.
#[derive(Debug)]
pub struct Page<'b> {
    connection: &'b Connection,
    session: String,
    /// The storage it shares with nobody.
    context: String,
    seen: Arc<Seen>,
}

/// What the person prefers, as `prefers-color-scheme` tells the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What assistive technology hears of one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its role, such as `heading`, `button` or `main`.
    pub role: String,
    /// Its accessible name.
    pub name: String,
}

impl<'b> Page<'b> {
    pub(crate) fn new(connection: &'b Connection, (session, context): (String, String), seen: Arc<Seen>) -> Self {
        Self {
            connection,
            session,
            context,
            seen,
        }
    }

    fn ask(&self, method: &str, parameters: Json) -> Result<Json, Error> {
        self.connection.ask_in(&self.session, method, parameters)
    }

    /// Goes to an address and waits until the page has loaded.
    ///
    /// # Errors
    /// When it does not load.
    pub fn go(&self, url: &str) -> Result<(), Error> {
        let failed = |why: &str| Error::NotLoaded {
            url: url.to_owned(),
            why: why.to_owned(),
        };
        let answer = self.ask("Page.navigate", json!({ "url": url }))?;
        if let Some(why) = answer["errorText"].as_str() {
            return Err(failed(why));
        }
        // A change of the fragment alone loads nothing.
        let Some(document) = answer["loaderId"].as_str() else {
            return Ok(());
        };
        if self.seen.wait_until_loaded(|it| it == document) {
            return Ok(());
        }
        Err(failed("its load event did not come"))
    }

    /// Loads the page again. What it stored just before may not have reached the next document yet: see [`Self::reload_until`].
    ///
    /// # Errors
    /// When it does not load.
    pub fn reload(&self) -> Result<(), Error> {
        let url = self.text("location.href")?;
        let before = self.seen.loaded();
        self.ask("Page.reload", json!({}))?;
        if self
            .seen
            .wait_until_loaded(|it| !before.iter().any(|document| document == it))
        {
            return Ok(());
        }
        Err(Error::NotLoaded {
            url,
            why: "its load event did not come again".to_owned(),
        })
    }

    /// Loads the page again until an expression is true once it has loaded. For what depends on the page's storage: Chromium writes
    /// that behind the page's back, and a document loaded at once can still find it as it was.
    ///
    /// # Errors
    /// When it does not load, the expression throws, or it does not become true in a generous time; its last value is told.
    pub fn reload_until(&self, expression: &str) -> Result<(), Error> {
        let patience = PATIENCE / 2;
        let begun = Instant::now();
        loop {
            self.reload()?;
            if self.evaluate(&format!("Boolean({expression})"))? == json!(true) {
                return Ok(());
            }
            if begun.elapsed() > patience {
                return Err(Error::NeverTrue {
                    expression: expression.to_owned(),
                    seconds: patience.as_secs(),
                    last: self.text(expression)?,
                });
            }
        }
    }

    /// The value of a JavaScript expression as JSON; a promise is awaited.
    ///
    /// # Errors
    /// When it throws.
    pub fn evaluate(&self, expression: &str) -> Result<Json, Error> {
        let parameters = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let answer = self.ask("Runtime.evaluate", parameters)?;
        match &answer["exceptionDetails"] {
            Json::Null => Ok(answer["result"]["value"].clone()),
            details => Err(Error::Thrown {
                expression: expression.to_owned(),
                thrown: thrown(details),
            }),
        }
    }

    /// The value of an expression as text.
    ///
    /// # Errors
    /// When it throws.
    pub fn text(&self, expression: &str) -> Result<String, Error> {
        let value = self.evaluate(&format!("String({expression})"))?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an expression is true (in JavaScript's sense); while it throws it is not.
    ///
    /// # Errors
    /// When it does not become true in a generous time; its last value is told.
    pub fn wait_for(&self, expression: &str) -> Result<(), Error> {
        let seconds = PATIENCE.as_secs() / 2;
        // Written out, as a page's policy may forbid to evaluate a text.
        let waiting = format!(
            "new Promise(done => {{ const end = performance.now() + {seconds} * 1000; const look = () => {{ let it; \
             try {{ it = ({expression}); if (it) return done(null); }} catch (error) {{ it = error; }} \
             if (performance.now() > end) return done(String(it)); setTimeout(look, 10); }}; look(); }})"
        );
        match self.evaluate(&waiting)? {
            Json::Null => Ok(()),
            last => Err(Error::NeverTrue {
                expression: expression.to_owned(),
                seconds,
                last: last.as_str().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// Clicks in the middle of the first element a CSS selector names, scrolled into view.
    ///
    /// # Errors
    /// When there is none, it is not shown, or something else lies over it.
    pub fn click(&self, selector: &str) -> Result<(), Error> {
        let quoted = json!(selector);
        let place = self.evaluate(&format!(
            "(() => {{ const it = document.querySelector({quoted}); if (!it) return 'there is no such element'; \
             it.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }}); \
             const box = it.getClientRects()[0]; if (!box || !box.width || !box.height) return 'it is not shown'; \
             const x = box.x + box.width / 2, y = box.y + box.height / 2, hit = document.elementFromPoint(x, y); \
             if (!hit || !(it.contains(hit) || hit.contains(it) || (it.labels && [...it.labels].some(l => l.contains(hit))))) \
             return 'something else lies over it: ' + (hit ? hit.outerHTML.slice(0, 80) : 'nothing'); return [x, y]; }})()"
        ))?;
        let (Some(x), Some(y)) = (place[0].as_f64(), place[1].as_f64()) else {
            return Err(Error::NotThere {
                selector: selector.to_owned(),
                why: place.as_str().unwrap_or_default().to_owned(),
            });
        };
        for event in input::click(x, y) {
            self.ask("Input.dispatchMouseEvent", event)?;
        }
        Ok(())
    }

    /// Presses a key: a character, or `Tab`, `Enter`, `Escape`, `Space`, `ArrowDown`, …, behind `Shift+`, `Control+`, `Alt+` or `Meta+`.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn press(&self, key: &str) -> Result<(), Error> {
        for stroke in input::strokes(key)? {
            self.ask("Input.dispatchKeyEvent", stroke)?;
        }
        Ok(())
    }

    /// Types text where the focus is, key by key.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn type_text(&self, text: &str) -> Result<(), Error> {
        for character in text.chars() {
            self.press(&character.to_string())?;
        }
        Ok(())
    }

    /// Makes the window that wide and high, in CSS pixels.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn viewport(&self, width: u32, height: u32) -> Result<(), Error> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", metrics).map(drop)
    }

    /// Prefers light or dark.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn scheme(&self, scheme: Scheme) -> Result<(), Error> {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.ask("Emulation.setEmulatedMedia", json!({ "features": features }))
            .map(drop)
    }

    /// Shows the page as it would be printed, until [`Self::scheme`] is called.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn as_printed(&self) -> Result<(), Error> {
        self.ask("Emulation.setEmulatedMedia", json!({ "media": "print" }))
            .map(drop)
    }

    /// What the window shows, written to a PNG file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn screenshot(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let answer = self.ask("Page.captureScreenshot", json!({ "format": "png" }))?;
        write(path.as_ref(), &answer["data"])
    }

    /// The whole page however long it is, written to a PNG file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn screenshot_of_all(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let parameters = json!({ "format": "png", "captureBeyondViewport": true });
        let metrics = self.ask("Page.getLayoutMetrics", json!({}))?;
        let size = &metrics["cssContentSize"];
        let mut parameters = parameters;
        parameters["clip"] = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let answer = self.ask("Page.captureScreenshot", parameters)?;
        write(path.as_ref(), &answer["data"])
    }

    /// The page as a screen reader finds it, from top to bottom: what is ignored or hidden is not in it.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn accessibility(&self) -> Result<Vec<Role>, Error> {
        let tree = self.ask("Accessibility.getFullAXTree", json!({}))?;
        let text = |json: &Json| json["value"].as_str().unwrap_or_default().to_owned();
        let nodes = tree["nodes"].as_array().into_iter().flatten();
        let heard = nodes.filter(|node| node["ignored"] != json!(true));
        Ok(heard
            .map(|node| Role {
                role: text(&node["role"]),
                name: text(&node["name"]),
            })
            .collect())
    }

    /// Every line of the console so far.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        self.seen.console()
    }

    /// The lines that speak of something wrong: errors, warnings, what was thrown and not caught, what did not load.
    #[must_use]
    pub fn console_errors(&self) -> Vec<String> {
        self.seen.console_errors()
    }

    /// The address of every request so far, the page itself first.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.seen.requests()
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        // A browser that is gone has closed it already.
        drop(self.connection.ask(
            "Target.disposeBrowserContext",
            json!({ "browserContextId": self.context }),
        ));
    }
}

fn write(path: &Path, data: &Json) -> Result<(), Error> {
    let failed = |why: String| Error::NotWritten {
        path: path.display().to_string(),
        why,
    };
    let data = data.as_str().unwrap_or_default().as_bytes();
    let bytes = data_encoding::BASE64
        .decode(data)
        .map_err(|error| failed(error.to_string()))?;
    std::fs::write(path, bytes).map_err(|error| failed(error.to_string()))
}
