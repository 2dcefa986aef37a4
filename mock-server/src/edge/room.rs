//! Room for bodies that are not small: taken before one is read, given back when it has become an event.
//!
//! Counts KiB; what is read, and under which limit of its own, is the request's business.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies up to this length are read whether or not there is room.
const SMALL: usize = 64 << 10;
/// KiB that one body takes at most, so that no knob lets one take all of it from the others.
const MOST: usize = 64 << 10;

/// Room of a certain size.
#[derive(Debug)]
pub(crate) struct Room {
    /// KiB that nobody has taken.
    free: Arc<Semaphore>,
    /// KiB altogether.
    size: usize,
}

/// There was no room in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoom;

impl Room {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let size = (bytes >> 10).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(size)),
            size,
        }
    }

    /// Waits, for so long at most, for room for so many bytes. Those who ask first are served first.
    pub(crate) async fn take(&self, bytes: usize, patience: Duration) -> Result<Option<OwnedSemaphorePermit>, NoRoom> {
        if bytes <= SMALL {
            return Ok(None);
        }
        // A body larger than all the room there is takes what there is.
        let wanted = (bytes >> 10).min(MOST).min(self.size);
        let taking = self
            .free
            .clone()
            .acquire_many_owned(u32::try_from(wanted).unwrap_or(u32::MAX));
        match tokio::time::timeout(patience, taking).await {
            // The semaphore is never closed.
            Ok(place) => Ok(place.ok()),
            Err(_) => Err(NoRoom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    #[tokio::test]
    async fn what_is_taken_is_there_again_once_it_was_given_back() {
        let room = Room::new(1 << 20);
        let first = room.take(600 << 10, AT_ONCE).await.expect("there is room");
        assert_eq!(room.take(600 << 10, AT_ONCE).await.err(), Some(NoRoom));
        assert!(room.take(SMALL, AT_ONCE).await.is_ok_and(|place| place.is_none()));
        drop(first);
        assert!(room.take(600 << 10, AT_ONCE).await.is_ok());
    }

    #[tokio::test]
    async fn a_body_larger_than_all_of_it_takes_what_there_is() {
        let room = Room::new(1 << 20);
        let all = room.take(100 << 20, AT_ONCE).await.expect("there is room");
        assert_eq!(room.free.available_permits(), 0);
        drop(all);
        assert_eq!(room.free.available_permits(), 1 << 10);
    }
}
