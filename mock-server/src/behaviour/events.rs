//! Knobs of events: how a body becomes what the workflow sees (contract section 3).
//!
//! Only values; `event` reads them.

use crate::behaviour::knob::{choices, section};

section! {
    /// How a body becomes an event (contract section 3).
    Events = "events" {
        /// What decides how a body is decoded when it could be read in two ways.
        Open decoding: Decoding = Decoding::JsonFirst;
        /// The event of a request without a body, outside raw mode.
        Open empty_body: EmptyBody = EmptyBody::EmptyObject;
        /// A body that cannot be decoded as its type says.
        Open invalid_body: InvalidBody = InvalidBody::Refused;
        /// A content type that is not one of the recognised ones, outside raw mode.
        Open unrecognised_type: UnrecognisedType = UnrecognisedType::Refused;
        /// A body without a content type, outside raw mode.
        Open missing_type: MissingType = MissingType::Json;
        /// What becomes of a form key that is given several times.
        Open repeated_form_key: RepeatedKey = RepeatedKey::Array;
        /// Whether the root element of an XML document is a key of the event.
        Open xml_root: XmlRoot = XmlRoot::Kept;
        /// What stands before the name of an XML attribute.
        Open xml_attribute_prefix: String = "@".to_owned();
        /// The key of the text of an XML element that has attributes or children as well.
        Open xml_text_key: String = "#text".to_owned();
    }
}

choices! {
    /// What decides how a body is decoded.
    Decoding {
        /// A body that parses as JSON is JSON, whatever recognised type it declares.
        JsonFirst = "json-first",
        /// The declared type alone.
        DeclaredType = "declared-type",
    }
}

choices! {
    /// The event of an empty body.
    EmptyBody {
        /// `{}`.
        EmptyObject = "empty-object",
        /// `null`.
        Null = "null",
        /// None: the request is refused.
        Refused = "refused",
    }
}

choices! {
    /// A body that cannot be decoded.
    InvalidBody {
        /// Refused.
        Refused = "refused",
        /// Its text is the event.
        Text = "text",
    }
}

choices! {
    /// A type that is not recognised.
    UnrecognisedType {
        /// Refused.
        Refused = "refused",
        /// Taken as JSON.
        Json = "json",
        /// Its text is the event.
        Text = "text",
    }
}

choices! {
    /// A body without a type.
    MissingType {
        /// Taken as JSON.
        Json = "json",
        /// Treated as a type that is not recognised.
        Unrecognised = "unrecognised",
    }
}

choices! {
    /// A form key given several times.
    RepeatedKey {
        /// An array of its values.
        Array = "array",
        /// Its first value.
        First = "first",
        /// Its last value.
        Last = "last",
    }
}

choices! {
    /// The root element of an XML document.
    XmlRoot {
        /// The only key of the event.
        Kept = "kept",
        /// Left out: its content is the event.
        Dropped = "dropped",
    }
}
