//! Knobs of events: how a body becomes what the workflow sees (contract section 3).
//!
//! Only values; `event` reads them.

use crate::behaviour::knob::{choices, section};

section! {
    /// How a body becomes an event (contract section 3).
    Events = "events" {
        /// What decides how a body is decoded when it could be read in two ways.
        Open decoding: Decoding = Decoding::JsonFirst;
        /// JSON under the type of forms, which is what curl declares.
        Documented json_under_form_type: JsonUnderForm = JsonUnderForm::Json;
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
        /// Where the body is in the event, outside raw mode.
        Vendor place: EventPlace = EventPlace::TopLevel;
        /// Content types that are recognised.
        Vendor recognised_types: Vec<String> = ["application/json", "application/xml", "text/xml", "application/x-www-form-urlencoded"].map(str::to_owned).to_vec();
        /// A recognised type with parameters, such as a charset.
        Vendor type_parameters: TypeParameters = TypeParameters::Ignored;
        /// What XML and forms become.
        Vendor conversion: Conversion = Conversion::Json;
        /// What the event is in raw mode.
        Vendor raw_event: RawEvent = RawEvent::Request;
        /// The method in raw mode.
        Documented raw_method: RawMethod = RawMethod::AsSent;
        /// How names of headers are written in raw mode.
        Vendor raw_header_names: RawHeaderNames = RawHeaderNames::Canonical;
        /// How the values of a header are written in raw mode.
        Vendor raw_header_values: RawHeaderValues = RawHeaderValues::Array;
        /// What a body becomes in raw mode.
        Vendor raw_body: RawBody = RawBody::Parsed;
    }
}

choices! {
    /// What decides how a body is decoded.
    Decoding {
        /// A body that parses as JSON is JSON, whatever recognised type it declares.
        JsonFirst = "json-first",
        /// The declared type alone, but for JSON under the type of forms.
        DeclaredType = "declared-type",
    }
}

choices! {
    /// JSON under the type of forms.
    JsonUnderForm {
        /// Read as JSON.
        Json = "json",
        /// Read as a form.
        Form = "form",
        /// Refused.
        Refused = "refused",
    }
}

choices! {
    /// Where the body is in the event.
    EventPlace {
        /// Its keys are the event's.
        TopLevel = "top-level",
        /// Under the key `body`.
        UnderBody = "under-body",
    }
}

choices! {
    /// What parameters of a content type do.
    TypeParameters {
        /// Nothing.
        Ignored = "ignored",
        /// They make the type another one.
        Unrecognised = "unrecognised",
    }
}

choices! {
    /// What XML and forms become.
    Conversion {
        /// JSON.
        Json = "json",
        /// Text.
        Text = "text",
    }
}

choices! {
    /// The event in raw mode.
    RawEvent {
        /// `body`, `headers` and `http_method`.
        Request = "request",
        /// The body, as if it were not in raw mode.
        BodyAlone = "body-alone",
    }
}

choices! {
    /// The method in raw mode.
    RawMethod {
        /// As it was sent.
        AsSent = "as-sent",
        /// `POST`, whatever was sent.
        AlwaysPost = "always-post",
        /// In lower case.
        Lower = "lower-case",
        /// Missing.
        LeftOut = "left-out",
    }
}

choices! {
    /// Names of headers in raw mode.
    RawHeaderNames {
        /// `X-Real-Ip`.
        Canonical = "canonical",
        /// `x-real-ip`.
        Lower = "lower-case",
    }
}

choices! {
    /// Values of headers in raw mode.
    RawHeaderValues {
        /// All of them in an array.
        Array = "array",
        /// The first as a text.
        First = "first",
        /// All of them in one text.
        Joined = "joined",
    }
}

choices! {
    /// A body in raw mode.
    RawBody {
        /// JSON is parsed, whatever type it is declared to be.
        Parsed = "parsed",
        /// JSON is parsed when its type says so.
        ByType = "by-type",
        /// A text.
        Text = "text",
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
