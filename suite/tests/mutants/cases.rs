//! Every assertion of every case dropped, negated and loosened: which losses does nothing notice?
//!
//! First by replay of what the right mock answers, one field of it changed at a time; what no such change tells is run, with
//! every fault the case is there for and with every other answer to what is open, and what is answered there is replayed with
//! one field changed as well.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use torq_conformance::attempt::Exchange;
use torq_conformance::spec::model::{Case, FactSource, Located, Matcher, Specs, Step, Template};

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
    let right = recorded.iter().map(|one| (one.case.id.as_str(), &one.came)).collect();
    let trial = Trial { scene, specs, right };
    for world in worlds(specs) {
        left = trial.run(&world, left).await;
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

/// What an answer may have that it should not: whatever the case has sent, and headers that it names, as it names them and
/// otherwise.
fn more(one: &Recorded<'_>) -> Vec<Change> {
    let exchanges = one.run.steps.iter().flat_map(|step| &step.exchanges);
    let said: Vec<_> = exchanges.map(|it| it.request.body.text()).collect();
    let mut more = vec![Change::Says(said.join(" "))];
    for (name, matcher) in one.case.steps.iter().flat_map(headers) {
        let named = named(&matcher.value).and_then(|value| value.eval(&one.run.given).ok());
        let value = named.map(|it| alteration::text_of(&it));
        let longer = value.iter().map(|value| format!("{value}~"));
        let values = value.iter().cloned().chain(longer).chain(["other".to_owned()]);
        more.extend(values.map(|value| Change::OneHeaderMore(name.clone(), value)));
    }
    more.sort();
    more.dedup();
    more
}

/// The headers that a step is about.
fn headers(step: &Step) -> impl Iterator<Item = &(String, Located<Matcher>)> {
    let choices = step.observe.iter().flat_map(|fact| match &fact.source {
        FactSource::Choices(choices) => choices.as_slice(),
        FactSource::Value(_) | FactSource::Limiter(_) => &[],
    });
    let choices = choices.map(|(_, expectation)| expectation);
    step.expect.iter().chain(choices).flat_map(|it| &it.headers)
}

/// The one value that a matcher asks for or refuses, when it names one.
fn named(matcher: &Matcher) -> Option<&Template> {
    match matcher {
        Matcher::Equals(value) | Matcher::Contains(value) => Some(value),
        Matcher::Not(inner) => named(inner),
        _ => None,
    }
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

/// What changed cases are run on, and what the right mock made of those they come from.
struct Trial<'s> {
    scene: &'s Scene<'s>,
    specs: &'s Specs,
    right: BTreeMap<&'s str, &'s Came>,
}

impl Trial<'_> {
    /// Runs the changed cases beside those they come from; what is left is what comes to the same.
    async fn run<'c>(&self, world: &World, left: Vec<(&'c Case, Mutant)>) -> Vec<(&'c Case, Mutant)> {
        let (tried, mut kept): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|(case, mutant)| could_tell(world, self.specs, (*case, mutant)));
        if tried.is_empty() {
            return kept;
        }
        let cases: BTreeMap<&str, &'c Case> = tried.iter().map(|(case, _)| (case.id.as_str(), *case)).collect();
        let cases: Vec<&'c Case> = cases.into_values().collect();
        let runs = self.scene.run(world, &cases).await;
        let usual: BTreeMap<&str, Recorded<'c>> = cases
            .into_iter()
            .zip(runs)
            .map(|(case, run)| (case.id.as_str(), Recorded::of(case, run)))
            .collect();
        let changed: Vec<&Case> = tried.iter().map(|(_, mutant)| &mutant.case).collect();
        let runs = self.scene.run(world, &changed).await;
        let told: Vec<bool> = tried
            .iter()
            .zip(&runs)
            .map(|((case, mutant), run)| Came::of(&mutant.case, run) != usual[case.id.as_str()].came)
            .collect();
        let mut alike: BTreeMap<&str, Vec<(&'c Case, Mutant)>> = BTreeMap::new();
        for ((case, mutant), _) in tried.into_iter().zip(told).filter(|(_, told)| !told) {
            alike.entry(&case.id).or_default().push((case, mutant));
        }
        for (id, alike) in alike {
            kept.extend(self.changed_there(world, &usual[id], alike));
        }
        kept
    }

    /// What is left when the answers of a mock with another answer to what is open are changed, one field at a time.
    fn changed_there<'c>(
        &self,
        world: &World,
        there: &Recorded<'c>,
        alike: Vec<(&'c Case, Mutant)>,
    ) -> Vec<(&'c Case, Mutant)> {
        let is_right = match world {
            World::Right | World::Faulty(_) => true,
            // Where it answers as the right one, all of that was tried.
            World::Open { .. } => self.right[there.case.id.as_str()] == &there.came,
        };
        if is_right || there.again() != there.came {
            return alike;
        }
        let alterations = Alteration::all(there);
        let told = parallel::map(&alike, cores(), |(_, mutant)| {
            alterations.iter().any(|it| it.tells(mutant, there))
        });
        let left = alike.into_iter().zip(told).filter(|(_, told)| !told);
        left.map(|(one, _)| one).collect()
    }
}
