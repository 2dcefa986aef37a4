//! Every assertion of every case dropped, negated and loosened: which losses does nothing notice?
//!
//! First by replay of what the right mock answers, one field of it changed at a time; what no such change tells is run, with
//! every fault the case is there for and with every other answer to what is open.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use torq_conformance::attempt::Exchange;
use torq_conformance::spec::model::{Case, FactSource, Matcher, Specs};

use crate::alteration::{self, Change, Grain};
use crate::answers::patience;
use crate::assertion::{How, Mutant, Weight, mutants};
use crate::replay::{Came, replay};
use crate::survivors::{Of, Survivor, Tried};
use crate::world::{Scene, World, open_worlds};
use crate::{Recorded, cores, parallel};

/// Tries every changed case.
pub(crate) async fn unnoticed(specs: &Specs, scene: &Scene<'_>, recorded: &[Recorded<'_>]) -> Tried {
    let by_replay = parallel::map(recorded, cores(), |one| {
        let all = mutants(one.case);
        let alterations = Alteration::all(one);
        let count = all.len();
        let is_left = |mutant: &Mutant| !is_noticed(mutant, one, &alterations);
        let left: Vec<_> = all
            .into_iter()
            .filter(is_left)
            .map(|mutant| (one.case, mutant))
            .collect();
        (count, left)
    });
    let count: usize = by_replay.iter().map(|(count, _)| count).sum();
    let mut left: Vec<_> = by_replay.into_iter().flat_map(|(_, left)| left).collect();
    for world in worlds(specs) {
        left = run(scene, specs, &world, left).await;
    }
    let survivors = left.into_iter().map(|(_, mutant)| Survivor {
        name: mutant.name,
        place: Some(mutant.at.to_string()),
    });
    Tried {
        of: Of::Assertions,
        count,
        survivors: survivors.collect(),
    }
}

/// One field of the answers of one step changed.
struct Alteration {
    step: usize,
    /// Which exchanges of the step.
    exchanges: Vec<usize>,
    change: Change,
    /// What the case as it is makes of it; known once somebody asks.
    came: OnceLock<Came>,
}

impl Alteration {
    fn all(one: &Recorded<'_>) -> Vec<Self> {
        let mut all = Vec::new();
        let more = more(one);
        for step in &one.run.steps {
            for exchanges in groups(&step.exchanges) {
                let Some(last) = exchanges.last() else { continue };
                let changes = alteration::changes(&step.exchanges[*last], Grain::Fine).into_iter();
                for change in changes.chain(more.iter().cloned()) {
                    all.push(Self {
                        step: step.number,
                        exchanges: exchanges.clone(),
                        change,
                        came: OnceLock::new(),
                    });
                }
            }
        }
        all
    }

    /// Whether a changed case makes something else of it than the case as it is.
    fn tells(&self, mutant: &Mutant, one: &Recorded<'_>) -> bool {
        let usual = self.came.get_or_init(|| self.replay(one.case, one));
        self.replay(&mutant.case, one) != *usual
    }

    fn replay(&self, case: &Case, one: &Recorded<'_>) -> Came {
        let altered = |(step, index): (usize, usize), exchange: &Exchange| {
            let is_meant = step == self.step && self.exchanges.binary_search(&index).is_ok();
            is_meant
                .then(|| self.change.of(exchange, patience(&one.run.given)))
                .flatten()
        };
        replay(case, &one.run, &altered)
    }
}

/// What an answer may have that it should not: whatever the case has sent, and headers that its expectations name.
fn more(one: &Recorded<'_>) -> Vec<Change> {
    let exchanges = one.run.steps.iter().flat_map(|step| &step.exchanges);
    let said: Vec<_> = exchanges.map(|it| it.request.body.text()).collect();
    let mut more = vec![Change::Says(said.join(" "))];
    let expectations = one.case.steps.iter().filter_map(|step| step.expect.as_ref());
    for (name, matcher) in expectations.flat_map(|it| &it.headers) {
        let value = match &matcher.value {
            Matcher::Not(inner) => match &**inner {
                Matcher::Equals(value) => value.eval(&one.run.given).ok().map(|it| alteration::text_of(&it)),
                _ => None,
            },
            _ => None,
        };
        more.push(Change::OneHeaderMore(
            name.clone(),
            value.unwrap_or_else(|| "other".to_owned()),
        ));
    }
    more
}

/// The exchanges of a step that are changed together: those of each status, and the first and the last of them alone.
fn groups(exchanges: &[Exchange]) -> Vec<Vec<usize>> {
    let mut by_status: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        if let Some(answer) = exchange.answer() {
            by_status.entry(answer.status).or_default().push(index);
        }
    }
    let mut groups = Vec::new();
    for all in by_status.into_values() {
        if let [first, .., last] = all.as_slice() {
            groups.extend([vec![*first], vec![*last]]);
        }
        groups.push(all);
    }
    groups
}

fn is_noticed(mutant: &Mutant, one: &Recorded<'_>, alterations: &[Alteration]) -> bool {
    let on_the_right_mock = replay(&mutant.case, &one.run, &|_, _| None) != one.came;
    match mutant.how {
        // Who demands the opposite must be refuted by the right mock itself.
        How::Negated(Weight::Decisive) => on_the_right_mock,
        How::Negated(Weight::OfAChoice) | How::Dropped | How::Loosened(_) => {
            // What tells a change of a step is mostly something in the answer to that step.
            let (here, elsewhere): (Vec<_>, Vec<_>) = alterations.iter().partition(|it| it.step == mutant.step);
            on_the_right_mock || here.into_iter().chain(elsewhere).any(|it| it.tells(mutant, one))
        }
    }
}

/// Where the right mock's answers cannot tell.
fn worlds(specs: &Specs) -> Vec<World> {
    let faults = specs.power.faults.iter().map(|fault| World::Faulty(fault.name.clone()));
    [World::Right].into_iter().chain(faults).chain(open_worlds()).collect()
}

/// Whether a world could tell a case from a changed one: it comes out otherwise there, or records what is open.
fn could_tell(world: &World, specs: &Specs, (case, mutant): (&Case, &Mutant)) -> bool {
    let facts = || case.steps.iter().flat_map(|step| &step.observe);
    let refuted_by_the_right_mock = mutant.how == How::Negated(Weight::Decisive);
    match world {
        World::Right => true,
        World::Faulty(_) | World::Open { .. } if refuted_by_the_right_mock => false,
        World::Faulty(name) => specs.power.kills.get(name).is_some_and(|kills| {
            kills.fails(&case.id)
                || kills.inconclusive.contains(&case.id)
                || facts().any(|it| kills.facts.contains(&it.name))
        }),
        World::Open { .. } => facts().any(|it| matches!(it.source, FactSource::Choices(_))),
    }
}

/// Runs the changed cases beside those they come from; what is left is what comes to the same.
async fn run<'c>(
    scene: &Scene<'_>,
    specs: &Specs,
    world: &World,
    left: Vec<(&'c Case, Mutant)>,
) -> Vec<(&'c Case, Mutant)> {
    let (tried, mut kept): (Vec<_>, Vec<_>) = left
        .into_iter()
        .partition(|(case, mutant)| could_tell(world, specs, (*case, mutant)));
    if tried.is_empty() {
        return kept;
    }
    let mut usual: BTreeMap<&str, &Case> = BTreeMap::new();
    for (case, _) in &tried {
        usual.insert(&case.id, case);
    }
    let usual: Vec<&Case> = usual.into_values().collect();
    let runs = scene.run(world, &usual).await;
    let usual: BTreeMap<&str, Came> = usual
        .iter()
        .zip(&runs)
        .map(|(case, run)| (case.id.as_str(), Came::of(case, run)))
        .collect();
    let changed: Vec<&Case> = tried.iter().map(|(_, mutant)| &mutant.case).collect();
    let runs = scene.run(world, &changed).await;
    let came: Vec<_> = changed
        .iter()
        .zip(&runs)
        .map(|(case, run)| Came::of(case, run))
        .collect();
    for (one, came) in tried.into_iter().zip(came) {
        if usual.get(one.0.id.as_str()) == Some(&came) {
            kept.push(one);
        }
    }
    kept
}
