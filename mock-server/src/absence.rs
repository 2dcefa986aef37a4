//! Why there is no execution of an id, as far as it can be told: for the journal, never for the caller.
//!
//! Guesses and says; what the caller is answered is decided without it.

use crate::config::Config;
use crate::ids::ExecutionId;
use crate::rejection::Advice;
use crate::store::State;

/// What explains something that is no id.
pub(crate) fn of_a_malformed(id: &str) -> Option<Advice> {
    is_no_value(id).then(|| {
        let hint = "the id was not there when the URL was made; it is `execution_id` in the answer of the call";
        Advice::new("no-id", hint)
    })
}

/// What programs write where they have no value.
fn is_no_value(id: &str) -> bool {
    [
        "",
        "undefined",
        "null",
        "none",
        "nil",
        "nan",
        "{id}",
        "[object%20object]",
    ]
    .contains(&id.to_lowercase().as_str())
}

/// Why there is no execution of an id, what the id is instead, and what to do.
pub(crate) fn of(id: ExecutionId, state: &State, config: &Config) -> (&'static str, String, Option<Advice>) {
    let uuid = id.to_string();
    if state.promised.contains(&id) {
        let hint = "look at the request that was answered with this id: the trigger condition rejected its event";
        return (
            "nothing was started under this id, as the trigger condition rejected the event",
            format!("{uuid}, which an asynchronous caller was given all the same"),
            Some(Advice::new("rejected-by-condition", hint)),
        );
    }
    if let Some(name) = config.catalog.name_of(&uuid) {
        let advice = Advice::new("another-id", "send `execution_id` of the answer that started it");
        let received = format!("{uuid}, which is the id of {name}");
        return ("no execution has this id", received, Some(advice));
    }
    let advice = match state.executions.evicted() {
        0 => None,
        evicted => Some(Advice::new(
            "forgotten",
            format!("{evicted} executions were forgotten, the oldest first; a larger `--memory` keeps more"),
        )),
    };
    ("no execution of this id is remembered", uuid, advice)
}
