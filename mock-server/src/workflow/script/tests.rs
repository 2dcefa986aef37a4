//! What steps come to, as tables.

use located_yaml::{Document, Problems};
use serde_json::json;

use super::*;
use crate::config::steps::read_steps;

fn script_with(steps: &str, event: &Value, mismatched: Unusable) -> Script {
    let document = Document::parse("steps.yaml", steps).expect("well-formed steps");
    let mut problems = Problems::default();
    let steps = read_steps(document.root(), &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    let rules = Rules {
        mismatched_value: mismatched,
        ..Rules::default()
    };
    Script::evaluate(&steps, &json!({"event": event}), &rules)
}

fn script(steps: &str, event: &Value) -> Script {
    script_with(steps, event, Unusable::InternalError)
}

fn parameters(value: impl Into<Value>) -> Ending {
    Ending::Exit(Output::new(OutputForm::Parameters, &value.into()))
}

fn wait(seconds: u64) -> Segment {
    Segment::Wait(Duration::from_secs(seconds))
}

#[test]
fn waits_add_up_and_holds_part_them() {
    let script = script(
        "[ wait: 1, wait: 2s, wait: 0, hold: a, wait: 0, hold: b, wait: 4, exit: {} ]",
        &json!({}),
    );
    let expected = [wait(3), Segment::Hold("a".into()), Segment::Hold("b".into()), wait(4)];
    assert_eq!(
        (&*script.segments, script.ending),
        (expected.as_slice(), parameters(json!({})))
    );
}

#[test]
fn a_wait_can_come_from_the_event() {
    for (seconds, expected) in [
        (json!(70), Some(Duration::from_secs(70))),
        (json!(49.999_999_999), Some(Duration::from_nanos(49_999_999_999))),
        (json!("70s"), Some(Duration::from_secs(70))),
        (json!("1.5"), Some(Duration::from_millis(1_500))),
        (json!(-1), None),
        (json!(1e300), None),
        (json!("soon"), None),
        (json!([1]), None),
        (json!(null), None),
    ] {
        let script = script(
            "[ wait: '{{ $.event.seconds }}', exit: {} ]",
            &json!({"seconds": seconds}),
        );
        match expected {
            Some(expected) => assert_eq!(&*script.segments, [Segment::Wait(expected)], "{seconds}"),
            None => assert!(matches!(script.ending, Ending::Failed(_)), "{seconds}"),
        }
    }
    let Ending::Failed(reason) = script("[ wait: '{{ $.event.seconds }}' ]", &json!({})).ending else {
        panic!()
    };
    assert_eq!(reason, "the time to wait is not set");
}

#[test]
fn the_first_end_that_is_reached_is_the_end() {
    let steps = "
- when: { path: $.event.kind, equals: a }
  then: [ exit: { json: first } ]
  else:
    - when: { path: $.event.kind, equals: b }
      then: [ fail: 'no {{ $.event.kind }}' ]
- when: { path: $.event.kind, equals: c }
  then: [ stop: enough, exit: {} ]
- when: { path: $.event.kind, equals: d }
  then: [ wait: 1 ]
- when: { path: $.event.kind, equals: e }
  then: [ exit: { json: second } ]
";
    let json = |value: Value| Ending::Exit(Output::new(OutputForm::Json, &value));
    for (kind, ending) in [
        ("a", json(json!("first"))),
        ("b", Ending::Failed("no b".to_owned())),
        ("c", Ending::Stopped("enough".to_owned())),
        ("d", Ending::NoExit),
        ("e", json(json!("second"))),
        ("f", Ending::NoExit),
    ] {
        assert_eq!(script(steps, &json!({"kind": kind})).ending, ending, "{kind}");
    }
}

#[test]
fn unset_parameters_have_the_default_of_their_type_or_are_left_out() {
    let steps = "
- exit:
    parameters:
      text: { type: string, value: '{{ $.event.text }}' }
      number: { type: number, value: '{{ $.event.number }}' }
      flag: { type: boolean, value: '{{ $.event.flag }}' }
      data: { type: json, value: '{{ $.event.data }}' }
      empty: { type: string }
      bare: '{{ $.event.bare }}'
      constant: 7
";
    let unset = json!({"text": "", "number": 0, "flag": false, "data": {}, "empty": "", "constant": 7});
    assert_eq!(script(steps, &json!({})).ending, parameters(unset));
    let event = json!({"text": "t", "number": 1.5, "flag": true, "data": [1], "bare": null});
    let set = json!({"text": "t", "number": 1.5, "flag": true, "data": [1], "empty": "", "bare": null, "constant": 7});
    assert_eq!(script(steps, &event).ending, parameters(set));
}

#[test]
fn a_value_of_another_type_fails_the_workflow_unless_it_is_ignored() {
    let steps = "[ exit: { parameters: { x: { type: TYPE, value: '{{ $.event }}' } } } ]";
    for (declared, value, default) in [
        ("string", json!(1), json!("")),
        ("number", json!("1"), json!(0)),
        ("boolean", json!("true"), json!(false)),
        ("json", json!("{}"), json!({})),
        ("string", json!(null), json!("")),
    ] {
        let steps = steps.replace("TYPE", declared);
        let reason = format!("the value of the output parameter `x` is no {declared}");
        assert_eq!(script(&steps, &value).ending, Ending::Failed(reason));
        let lenient = script_with(&steps, &value, Unusable::Ignored);
        assert_eq!(lenient.ending, parameters(json!({"x": default})), "{declared}");
    }
}
