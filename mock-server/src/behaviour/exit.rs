//! Knobs of the Exit operator: how output parameters shape a synchronous answer (contract section 5).
//!
//! Only values; `execution::exit` reads them.

use http::HeaderValue;

use crate::behaviour::knob::{choices, section};

section! {
    /// How the Exit operator shapes a synchronous answer (contract section 5).
    Exit = "exit" {
        /// Content type of an answer that sets none.
        Documented default_content_type: HeaderValue = HeaderValue::from_static("application/json");
        /// Content types an answer may set.
        Documented content_types: Vec<String> = ["application/json", "text/csv", "text/plain", "text/html", "text/xml"].map(str::to_owned).to_vec();
        /// Any other content type.
        Open other_content_type: OtherContentType = OtherContentType::Default;
        /// A value that is not of its parameter's type.
        Open mismatched_value: Unusable = Unusable::InternalError;
        /// A `status` that is no final HTTP status.
        Open invalid_status: Unusable = Unusable::InternalError;
        /// A `headers` that is no JSON object of texts.
        Open invalid_headers: Unusable = Unusable::InternalError;
        /// Headers that frame a message: `Content-Length`, `Transfer-Encoding`, `Connection` and their kin.
        Open framing_headers: Unusable = Unusable::Ignored;
        /// A body where the status allows none (204, 304).
        Open body_without_place: Unusable = Unusable::Ignored;
        /// `status` and `headers` in the body of an answer without a `body` parameter.
        Open special_names: SpecialNames = SpecialNames::LeftOut;
        /// The other parameters when there is a `body` parameter.
        Documented beside_body: BesideBody = BesideBody::LeftOut;
        /// `body`, `status` and `headers` as keys of an Exit operator in JSON mode.
        Open json_mode: JsonMode = JsonMode::Special;
        /// The output of a synchronous execution when it is retrieved later.
        Open retrieved_output: RetrievedOutput = RetrievedOutput::Parameters;
    }
}

choices! {
    /// A content type that is not supported.
    OtherContentType {
        /// The default content type takes its place.
        Default = "default",
        /// It is sent all the same.
        Sent = "sent",
        /// The call is refused with an internal error.
        InternalError = "internal-error",
    }
}

choices! {
    /// Something an answer cannot use.
    Unusable {
        /// The call is refused with an internal error that names the parameter.
        InternalError = "internal-error",
        /// It is left out, or the default takes its place.
        Ignored = "ignored",
    }
}

choices! {
    /// `status` and `headers` in the default body.
    SpecialNames {
        /// They are left out.
        LeftOut = "left-out",
        /// They stay.
        Kept = "kept",
    }
}

choices! {
    /// The other parameters when there is a `body` parameter.
    BesideBody {
        /// They are left out of the answer.
        LeftOut = "left-out",
        /// They stay in it, and `body` is one of them.
        Kept = "kept",
    }
}

choices! {
    /// The three names in JSON mode.
    JsonMode {
        /// They shape the answer.
        Special = "special",
        /// They are ordinary keys.
        Ordinary = "ordinary",
    }
}

choices! {
    /// What retrieving a synchronous execution shows.
    RetrievedOutput {
        /// The parameters as they were.
        Parameters = "parameters",
        /// The `body` parameter alone, where there is one.
        Body = "body",
    }
}
