//! Whether the specs as a whole hang together. (written next)
use located_yaml::Problems;
use super::model::Specs;
pub(super) fn lint(_: &mut Specs, _: &mut Problems) {}
