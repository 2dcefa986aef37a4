//! How long answers take on the way: a named distribution, drawn from the seed.
//!
//! Draws times and waits for none. The n-th request of a sandbox takes the same time in every run.

use std::str::FromStr;
use std::time::Duration;

use located_yaml::{parse_duration, write_duration};
use thiserror::Error;

use crate::ids::{Seed, Sequence};

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874_040_841;
/// No answer is delayed longer, whatever is drawn.
const LONGEST: Duration = Duration::from_secs(600);

/// How long answers take on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Latency {
    /// Not at all.
    #[default]
    None,
    /// Always as long.
    Fixed(Duration),
    /// Anything from one time to another, all as likely.
    Uniform(Duration, Duration),
    /// Mostly short, with a long tail: half of them up to the median, 99 of 100 up to the other.
    LogNormal {
        /// Half of them take no longer.
        median: Duration,
        /// 99 of 100 take no longer.
        p99: Duration,
    },
}

/// A text that is no latency.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no latency; write none, lan, wan, mobile, fixed:200ms, uniform:50ms..250ms or lognormal:80ms..900ms (median \
     and 99th percentile)"
)]
pub struct LatencyError(String);

impl Latency {
    /// Within a building.
    pub const LAN: Self = Self::LogNormal {
        median: Duration::from_micros(500),
        p99: Duration::from_millis(3),
    };
    /// Between continents.
    pub const WAN: Self = Self::LogNormal {
        median: Duration::from_millis(120),
        p99: Duration::from_millis(450),
    };
    /// Over a mobile network.
    pub const MOBILE: Self = Self::LogNormal {
        median: Duration::from_millis(180),
        p99: Duration::from_millis(2_500),
    };

    /// The time at two numbers from 0 (included) to 1 (not included).
    fn at(self, (first, second): (f64, f64)) -> Duration {
        let drawn = match self {
            Self::None => Duration::ZERO,
            Self::Fixed(time) => time,
            Self::Uniform(least, most) => least + most.saturating_sub(least).mul_f64(first),
            Self::LogNormal { median, p99 } => {
                // Box and Muller's way from two even numbers to one that is distributed normally.
                let normal = (-2.0 * (1.0 - first).ln()).sqrt() * (std::f64::consts::TAU * second).cos();
                let spread = (p99.as_secs_f64() / median.as_secs_f64()).ln() / Z99;
                Duration::try_from_secs_f64(median.as_secs_f64() * (spread * normal).exp()).unwrap_or(LONGEST)
            }
        };
        drawn.min(LONGEST)
    }

    /// How it is written.
    #[must_use]
    pub fn write(self) -> String {
        let two = |word: &str, one, other| format!("{word}:{}..{}", write_duration(one), write_duration(other));
        match self {
            Self::None => "none".to_owned(),
            Self::Fixed(time) => format!("fixed:{}", write_duration(time)),
            Self::Uniform(least, most) => two("uniform", least, most),
            Self::LogNormal { median, p99 } => two("lognormal", median, p99),
        }
    }
}

impl FromStr for Latency {
    type Err = LatencyError;

    fn from_str(text: &str) -> Result<Self, LatencyError> {
        let wrong = || LatencyError(text.to_owned());
        let time = |text: &str| {
            let time = parse_duration(text).map_err(|_| wrong())?;
            if time > LONGEST { Err(wrong()) } else { Ok(time) }
        };
        let two = |text: &str| {
            let (one, other) = text.split_once("..").ok_or_else(wrong)?;
            let (one, other) = (time(one)?, time(other)?);
            if one > other { Err(wrong()) } else { Ok((one, other)) }
        };
        match text.split_once(':') {
            None => match text {
                "none" => Ok(Self::None),
                "lan" => Ok(Self::LAN),
                "wan" => Ok(Self::WAN),
                "mobile" => Ok(Self::MOBILE),
                _ => Err(wrong()),
            },
            Some(("fixed", rest)) => time(rest).map(Self::Fixed),
            Some(("uniform", rest)) => two(rest).map(|(least, most)| Self::Uniform(least, most)),
            Some(("lognormal", rest)) => match two(rest)? {
                (median, _) if median.is_zero() => Err(wrong()),
                (median, p99) => Ok(Self::LogNormal { median, p99 }),
            },
            Some(_) => Err(wrong()),
        }
    }
}

/// The latency of one sandbox, and how far its draws have come.
#[derive(Debug)]
pub(crate) struct Delays {
    latency: Latency,
    draws: Sequence,
}

impl Delays {
    pub(crate) fn new(latency: Latency, seed: Seed) -> Self {
        Self {
            latency,
            draws: Sequence::new(seed, "latency"),
        }
    }

    /// How long the next answer takes on the way.
    pub(crate) fn next(&self) -> Duration {
        match self.latency {
            // Nothing is drawn for nothing.
            Latency::None => Duration::ZERO,
            latency => latency.at(self.draws.draw_fractions()),
        }
    }

    /// The latency it draws from.
    pub(crate) const fn latency(&self) -> Latency {
        self.latency
    }

    /// Starts over, as if nothing had been drawn.
    pub(crate) fn rewind(&self) {
        self.draws.rewind();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_read_and_written() {
        for text in ["none", "fixed:200ms", "uniform:50ms..250ms", "lognormal:80ms..900ms"] {
            assert_eq!(text.parse::<Latency>().map(Latency::write).as_deref(), Ok(text));
        }
        assert_eq!("wan".parse(), Ok(Latency::WAN));
        for wrong in [
            "",
            "slow",
            "fixed",
            "fixed:soon",
            "fixed:1h",
            "uniform:5s",
            "uniform:5s..1s",
            "lognormal:0s..1s",
            "pareto:1s..2s",
        ] {
            let error = wrong.parse::<Latency>().expect_err(wrong);
            assert!(error.to_string().contains("is no latency; write"), "{error}");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_times_and_they_are_distributed_as_said() {
        let draw = |latency, seed| {
            let delays = Delays::new(latency, Seed::new(seed));
            let mut times: Vec<_> = (0..4_000).map(|_| delays.next()).collect();
            delays.rewind();
            assert_eq!(delays.next(), times[0]);
            times.sort_unstable();
            times
        };
        assert_eq!(draw(Latency::WAN, 7), draw(Latency::WAN, 7));
        assert_ne!(draw(Latency::WAN, 7), draw(Latency::WAN, 8));
        let near = |time: Duration, wanted: f64| (time.as_secs_f64() / wanted - 1.0).abs() < 0.15;
        let wan = draw(Latency::WAN, 1);
        assert!(
            near(wan[2_000], 0.120) && near(wan[3_960], 0.450),
            "{:?} {:?}",
            wan[2_000],
            wan[3_960]
        );
        let (least, most) = (Duration::from_millis(50), Duration::from_millis(250));
        let uniform = draw(Latency::Uniform(least, most), 1);
        assert!(uniform[0] >= least && uniform[3_999] < most && near(uniform[2_000], 0.150));
        let fixed = draw(Latency::Fixed(least), 1);
        assert_eq!((fixed[0], fixed[3_999]), (least, least));
        assert_eq!(Delays::new(Latency::None, Seed::new(1)).next(), Duration::ZERO);
    }
}
