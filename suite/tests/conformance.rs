//! Every YAML case as a test of its own name, for `cargo test` and `cargo nextest run`.
//!
//! Against the embedded mock. A case with a positive twin runs the twin as well.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::target::{ControlClient, Described, Embedded, Target};
use torq_conformance::verdict::Verdict;
use torq_conformance::{Run, conduct, plan, report};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let loaded = Arc::new(spec::load(&Source::Embedded).expect("the specs are in the binary"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let trials = loaded
        .specs
        .cases
        .iter()
        .map(|case| {
            let (loaded, handle, id) = (loaded.clone(), runtime.handle().clone(), case.id.clone());
            Trial::test(case.id.clone(), move || handle.block_on(check(&loaded, &id)))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

async fn check(loaded: &Loaded, id: &str) -> Result<(), Failed> {
    let specs = &loaded.specs;
    let client = Client::new()?;
    let mock = Embedded::start().await?;
    let target = Target::Sandboxes {
        name: "the embedded mock".to_owned(),
        control: ControlClient::new(client.http().clone(), &mock.control_url(), None),
        configuration: specs.fixtures.text.as_str().into(),
        file: specs.fixtures.file.clone(),
        described: Described::default(),
    };
    let plan = plan::plan(specs, &[id.to_owned()], None)?;
    let outcome = conduct(
        Run {
            specs,
            plan,
            target,
            client,
            jobs: 2,
        },
        &Silent,
    )
    .await;
    mock.shut_down().await;
    let finished = outcome
        .cases
        .iter()
        .find(|it| it.case.id == id)
        .ok_or("the case was not run")?;
    match finished.judgement.verdict {
        Verdict::Passed | Verdict::Recorded => Ok(()),
        Verdict::Failed | Verdict::Deviates | Verdict::Inconclusive | Verdict::Unavailable | Verdict::HarnessError => {
            Err(report::explain_failure(finished, specs).into())
        }
    }
}
