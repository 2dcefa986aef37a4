//! What the answer to a probe says about the deployment, and what to do about it.
//!
//! Pure: from what was seen to a finding. Statuses are documented; phrases only make a diagnosis sharper.

use super::{Ailment, Finding, Fixture};
use crate::attempt::Answer;
use crate::report::Finished;
use crate::run::{NoToken, StepRun, Trouble, title, workspace_of};
use crate::spec::model::{
    Action, Destination, FixtureKind, Fixtures, IdRef, Probe, SecretUse, Send, SignatureUse, Step, Token, WorkflowRef,
};
use crate::verdict::Verdict;

/// What is wrong with which fixture, and what to do about it.
struct Diagnosis {
    fixture: Fixture,
    what: String,
    advice: String,
}

/// What a probe that did not pass says.
pub(super) fn of(probe: &Probe, finished: &Finished<'_>, fixtures: &Fixtures) -> Finding {
    let (steps, trouble) = (&finished.run.steps, finished.run.trouble.as_ref());
    let differs = steps.iter().position(|step| !step.findings.mismatches.is_empty());
    // A step that could not be told is the last one seen; one that ran into trouble is the one after it.
    let last = steps.len().saturating_sub(usize::from(trouble.is_none()));
    let step = probe.case.steps.get(differs.unwrap_or(last));
    let usual = Diagnosis {
        fixture: Fixture::of(probe),
        what: step.map_or_else(String::new, |step| format!("not so: {}", title(step))),
        advice: "build it as the guide says, or declare it unavailable in the profile".to_owned(),
    };
    let (ailment, diagnosis, seen) = match (trouble, differs.and_then(|at| steps.get(at))) {
        (Some(Trouble::NoToken(no_token @ NoToken::Refused(400..=499))), _) => {
            let diagnosis = step.and_then(refused_client).unwrap_or(usual);
            (Ailment::Wrong, diagnosis, vec![no_token.to_string()])
        }
        (_, Some(seen)) => {
            let answer = seen.exchanges.last().and_then(|exchange| exchange.answer());
            let diagnosis = step.zip(answer).and_then(|(step, answer)| meaning(step, answer));
            (Ailment::Wrong, diagnosis.unwrap_or(usual), differences(seen))
        }
        (trouble, None) => {
            let advice = "look at the network between, and examine again".to_owned();
            let ailment = match finished.judgement.verdict {
                Verdict::HarnessError => Ailment::Harness,
                _ => Ailment::Unclear,
            };
            (ailment, Diagnosis { advice, ..usual }, reasons(trouble, steps))
        }
    };
    let (kind, name) = (probe.kind.word(), &probe.name);
    Finding {
        ailment,
        build: diagnosis.fixture.build(fixtures),
        fixture: diagnosis.fixture,
        what: diagnosis.what,
        seen: seen.iter().map(|it| format!("{kind} {name}: {it}")).collect(),
        advice: diagnosis.advice,
    }
}

fn differences(seen: &StepRun) -> Vec<String> {
    let mismatches = seen.findings.mismatches.iter();
    mismatches
        .map(|it| format!("{}: expected {}, found {}", it.part, it.expected, it.found))
        .collect()
}

fn reasons(trouble: Option<&Trouble>, steps: &[StepRun]) -> Vec<String> {
    let doubts = steps.iter().flat_map(|step| &step.findings.doubts);
    let doubts = doubts.map(|doubt| doubt.reason.clone());
    trouble.map(ToString::to_string).into_iter().chain(doubts).collect()
}

/// The request of a step.
fn request(step: &Step) -> Option<&Send> {
    match &step.action {
        Action::Send(send, _) => Some(send),
        Action::Poll(poll) => Some(&poll.request),
        Action::Burst(burst) => Some(&burst.request),
        Action::Raw(..) | Action::Elapse(_) | Action::Await { .. } => None,
    }
}

/// The token endpoint knows no such client.
fn refused_client(step: &Step) -> Option<Diagnosis> {
    let send = request(step)?;
    let workspace = workspace_of(&send.to)?;
    let client = match &send.token {
        Token::Client(name) => format!("the client `{name}`"),
        Token::None | Token::Right | Token::Invalid | Token::Expired | Token::Value(_) => "the first client".to_owned(),
    };
    let fixture = Fixture {
        kind: FixtureKind::Workspace,
        name: workspace.to_owned(),
    };
    Some(Diagnosis {
        fixture,
        what: format!("the token endpoint gives {client} of it no token"),
        advice: format!("correct the id and the secret under `workspaces.{workspace}.clients`, or `urls.auth`"),
    })
}

/// What the answer of a step says, when it says more than that it is not the one expected.
fn meaning(step: &Step, answer: &Answer) -> Option<Diagnosis> {
    let send = request(step)?;
    match &send.to {
        Destination::Trigger {
            integration: IdRef::Fixture(integration),
            workflow: Some(WorkflowRef::Fixture { name, shared_into }),
            ..
        } => {
            let ids = Ids {
                integration,
                workflow: name,
                shared_into: shared_into.as_deref(),
            };
            ids.meaning((step, send), answer)
        }
        Destination::Execution { workspace, .. } => of_retrieval(step, workspace, answer.status),
        Destination::Trigger { .. } | Destination::Path { .. } => None,
    }
}

fn of_retrieval(step: &Step, workspace: &str, status: u16) -> Option<Diagnosis> {
    let clients = format!("workspaces.{workspace}.clients");
    let advice = match (status, step.expected_status()) {
        (200..=299, Some(403)) => {
            "take the permission to read executions away from this client's role, or name another client".to_owned()
        }
        (302, _) => "the token has expired at once: look at the deployment's clock".to_owned(),
        (401, _) => "the API does not accept the tokens of `urls.auth`: do `urls.api` and `urls.auth` belong together?"
            .to_owned(),
        (403, _) => format!("give the role of the client under `{clients}` the permission to read executions"),
        (404, _) => format!("the client under `{clients}` belongs to another workspace: name one of `{workspace}`"),
        _ => return None,
    };
    Some(Diagnosis {
        fixture: Fixture {
            kind: FixtureKind::Workspace,
            name: workspace.to_owned(),
        },
        what: format!("not so: {}", title(step)),
        advice,
    })
}

/// What a trigger names in its URL.
struct Ids<'s> {
    integration: &'s str,
    workflow: &'s str,
    shared_into: Option<&'s str>,
}

impl Ids<'_> {
    fn meaning(&self, (step, send): (&Step, &Send), answer: &Answer) -> Option<Diagnosis> {
        let text = answer.body.text().to_ascii_lowercase();
        let says = |phrase: &str| text.contains(phrase);
        let demands = step.expected_status();
        let (integration, workflow) = (self.integration, self.workflow);
        Some(match answer.status {
            200..=299 if demands == Some(400) && matches!(send.secret, SecretUse::Missing) => self.of_integration(
                "it lets calls in without an authentication header",
                "have it demand the headers that the profile names for it".to_owned(),
            ),
            200..=299 if demands == Some(401) && matches!(send.signature, SignatureUse::Missing) => self.of_integration(
                "it lets calls in without a signature",
                "have it check signatures the way the profile says".to_owned(),
            ),
            200..=299 if demands == Some(400) => self.of_integration(
                &format!("it triggers the workflow `{workflow}`"),
                "let no workflow use it".to_owned(),
            ),
            200..=299 if demands == Some(404) => self.of_workflow(
                "it has a published version",
                format!("make one that was never published, and put its id into `{}`", self.key()),
            ),
            201 => self.of_workflow(
                "its run does not end within the time-out",
                "take out whatever it waits for".to_owned(),
            ),
            404 if says("integration not found") => self.of_integration(
                "no integration has the id the profile names",
                format!("correct `integrations.{integration}.id`"),
            ),
            404 if says("workflow not found") => self.of_workflow(
                "no workflow has the id the profile names, or it has no published version",
                format!("publish it, or correct `{}`", self.key()),
            ),
            404 => self.of_workflow(
                "no published workflow is found under the ids the profile names",
                format!(
                    "publish it, or correct `{}` or `integrations.{integration}.id`; a trigger condition may hold it back, too",
                    self.key()
                ),
            ),
            400 if says("invalid integration id") => self.of_integration(
                "the id the profile names is no UUID",
                format!("correct `integrations.{integration}.id`"),
            ),
            400 if says("invalid workflow id") => self.of_workflow(
                &format!("its id is no UUID, or it is triggered by another integration than `{integration}`"),
                format!("have `{integration}` trigger it, or correct `{}`", self.key()),
            ),
            400 if says("invalid header") => self.of_integration(
                "it demands another authentication header, or another secret, than the profile names",
                format!("correct `integrations.{integration}.headers`: none, if it is to demand none"),
            ),
            400 => self.of_workflow(
                "calls of it are refused 400",
                format!(
                    "correct `{}` or `integrations.{integration}`: a UUID, triggered by this integration, with its headers",
                    self.key()
                ),
            ),
            401 => self.of_integration(
                "it wants requests signed in another way than the profile says",
                format!("correct `integrations.{integration}.hmac`: algorithm, header, encoding, prefix and secret"),
            ),
            429 => self.of_workflow(
                "somebody else uses up the quota of executions",
                "examine the deployment when it is quiet".to_owned(),
            ),
            500.. => self.of_workflow(
                "its run fails",
                "open its last run and see which step failed".to_owned(),
            ),
            _ => return None,
        })
    }

    /// Where the profile names the workflow.
    fn key(&self) -> String {
        let workflow = self.workflow;
        match self.shared_into {
            Some(workspace) => format!("workflows.{workflow}.in.{workspace}"),
            None => format!("workflows.{workflow}.id"),
        }
    }

    fn of_integration(&self, what: &str, advice: String) -> Diagnosis {
        Self::about(FixtureKind::Integration, self.integration, (what, advice))
    }

    fn of_workflow(&self, what: &str, advice: String) -> Diagnosis {
        Self::about(FixtureKind::Workflow, self.workflow, (what, advice))
    }

    fn about(kind: FixtureKind, name: &str, (what, advice): (&str, String)) -> Diagnosis {
        Diagnosis {
            fixture: Fixture {
                kind,
                name: name.to_owned(),
            },
            what: what.to_owned(),
            advice,
        }
    }
}
