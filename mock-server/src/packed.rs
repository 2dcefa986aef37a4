//! JSON values as they are kept for long: one piece of text each, read again when somebody asks.
//!
//! A tree of small allocations per event and output costs several times its text, in memory and in the time it takes to
//! forget it again; most of what a mock keeps is never looked at.

use std::sync::Arc;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;

/// A JSON value, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Arc<str>);

impl Packed {
    /// Packs a value, or what is written like one.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        // Faster than `Display`, which goes through a formatter.
        let text = serde_json::to_string(value).expect("a JSON value has text keys only");
        Self(text.into())
    }

    /// The value again.
    pub(crate) fn unpack(&self) -> Value {
        let mut reader = serde_json::Deserializer::from_str(&self.0);
        // Only values that were read within the limit are packed, but some are wrapped in between.
        reader.disable_recursion_limit();
        Value::deserialize(&mut reader).expect("what was packed is JSON")
    }

    /// Bytes of the text.
    pub(crate) fn size(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".*", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back_the_same(value in values()) {
            let packed = Packed::of(&value);
            prop_assert_eq!(packed.unpack().to_string(), value.to_string(), "members keep their order");
            prop_assert_eq!(packed.unpack(), value);
        }
    }

    #[test]
    fn depth_is_no_obstacle() {
        let deep = (0..500).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(Packed::of(&deep).unpack(), deep);
    }
}
