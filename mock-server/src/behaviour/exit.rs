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
        /// The body of an answer without a `body` parameter.
        Documented parameters: ParametersForm = ParametersForm::AsTheyAre;
        /// The body of an answer in JSON mode.
        Documented json: JsonForm = JsonForm::AsItIs;
        /// What becomes of the `body` parameter.
        Documented body: BodyForm = BodyForm::AsItIs;
        /// What becomes of the `status` parameter.
        Documented status: StatusUse = StatusUse::Honoured;
        /// What becomes of the `headers` parameter.
        Documented headers: HeadersUse = HeadersUse::Added;
        /// A `Content-Type` among `headers`.
        Documented content_type: ContentTypeUse = ContentTypeUse::Replaces;
        /// Parameters of such a content type, for one its charset.
        Documented type_parameters: ContentTypeParameters = ContentTypeParameters::Kept;
        /// The three names in an asynchronous execution.
        Documented async_names: AsyncNames = AsyncNames::Ordinary;
        /// A parameter that is not set.
        Vendor unset: Unset = Unset::EmptyValue;
        /// What follows an Exit operator that is reached.
        Vendor after_exit: AfterExit = AfterExit::Ends;
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
    /// Parameters as a body.
    ParametersForm {
        /// An object of them.
        AsTheyAre = "as-they-are",
        /// That object under the key `output`.
        Wrapped = "wrapped",
        /// An object of them, every value a text.
        Texts = "texts",
    }
}

choices! {
    /// The value of JSON mode as a body.
    JsonForm {
        /// The value.
        AsItIs = "as-it-is",
        /// The value under the key `output`.
        Wrapped = "wrapped",
        /// Its text, in quotes.
        Quoted = "quoted",
    }
}

choices! {
    /// The `body` parameter as a body.
    BodyForm {
        /// The value and nothing else.
        AsItIs = "as-it-is",
        /// The value under the key `body`.
        Wrapped = "wrapped",
        /// The value as a JSON string, whatever its type.
        Quoted = "quoted",
        /// The value without the white space around it.
        Trimmed = "trimmed",
        /// The first 4,096 characters of the value.
        CutOff = "cut-off",
    }
}

choices! {
    /// The `status` parameter.
    StatusUse {
        /// The status of the answer.
        Honoured = "honoured",
        /// As long as it is a number.
        TextIgnored = "text-ignored",
        /// As long as it is a text.
        NumberIgnored = "number-ignored",
        /// As long as it is from 200 to 299; the default status otherwise.
        SuccessOnly = "success-only",
        /// Nothing.
        Ignored = "ignored",
    }
}

choices! {
    /// The `headers` parameter.
    HeadersUse {
        /// They are added to the headers of the answer.
        Added = "added",
        /// They take the place of its headers.
        Replacing = "replacing",
        /// The first of them is added.
        FirstOnly = "first-only",
        /// They are added when the status is from 200 to 299.
        SuccessOnly = "success-only",
        /// Nothing.
        Ignored = "ignored",
    }
}

choices! {
    /// A content type among the headers.
    ContentTypeUse {
        /// It replaces the default one.
        Replaces = "replaces",
        /// Both are sent.
        BesideDefault = "beside-default",
        /// Nothing.
        Ignored = "ignored",
    }
}

choices! {
    /// Parameters of a content type.
    ContentTypeParameters {
        /// They are sent.
        Kept = "kept",
        /// They are not.
        Dropped = "dropped",
    }
}

choices! {
    /// The three names in an asynchronous execution.
    AsyncNames {
        /// Parameters like any other.
        Ordinary = "ordinary",
        /// `body` alone is the output.
        ShapeTheOutput = "shape-the-output",
        /// They are left out of the output.
        LeftOut = "left-out",
    }
}

choices! {
    /// A parameter that is not set.
    Unset {
        /// The empty value of its type.
        EmptyValue = "empty-value",
        /// `null`.
        Null = "null",
        /// Missing.
        LeftOut = "left-out",
    }
}

choices! {
    /// What follows an Exit operator.
    AfterExit {
        /// Nothing: the workflow ends there.
        Ends = "ends",
        /// The next steps, and the last Exit operator gives the output.
        GoesOn = "goes-on",
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
