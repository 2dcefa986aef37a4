//! Whether the specs as a whole hang together. (written next)
use super::model::Specs;
use located_yaml::Problems;
pub(super) fn lint(_: &mut Specs, _: &mut Problems) {}
