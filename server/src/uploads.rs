//! How many uploads run at once: altogether, and of one person, so that nobody takes the places of all.

use model::{Problem, id::UserId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Uploads at once.
const ALL: usize = 8;
/// Uploads of one person at once.
const OF_PERSON: usize = 3;

/// The places for uploads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Uploads {
    all: Arc<Semaphore>,
    running: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// A place for an upload, until it is dropped.
#[derive(Debug)]
pub struct Place {
    person: UserId,
    running: Arc<Mutex<HashMap<UserId, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), running: Arc::default() }
    }
}

impl Uploads {
    /// Takes a place for an upload of somebody.
    pub fn begin(&self, person: UserId) -> Result<Place, Problem> {
        let unavailable = |message: &str| Problem::Unavailable(message.to_owned());
        let permit = self.all.clone().try_acquire_owned();
        let permit = permit.map_err(|_| unavailable("Too many uploads are running. Try again in a minute."))?;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let own = running.entry(person).or_default();
        if *own >= OF_PERSON {
            return Err(unavailable("You have three uploads running already. Wait until one of them is done."));
        }
        *own += 1;
        Ok(Place { person, running: self.running.clone(), _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = running.get_mut(&self.person) {
            *own -= 1;
            if *own == 0 {
                running.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn person(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_person_has_three_places_and_leaves_the_others_theirs() {
        let uploads = Uploads::default();
        let mut places: Vec<Place> = (0..OF_PERSON).map(|_| uploads.begin(person(1)).unwrap()).collect();
        assert!(uploads.begin(person(1)).unwrap_err().to_string().contains("three uploads"));
        let other = uploads.begin(person(2)).unwrap();
        places.pop();
        places.push(uploads.begin(person(1)).unwrap());
        drop((places, other));
        assert!(uploads.running.lock().unwrap().is_empty(), "nothing is kept of who has no upload running");
    }

    #[test]
    fn all_together_have_eight_places() {
        let uploads = Uploads::default();
        let places: Vec<Place> = (0..8).map(|number| uploads.begin(person(number)).unwrap()).collect();
        assert!(uploads.begin(person(9)).unwrap_err().to_string().contains("Too many"));
        drop(places);
        uploads.begin(person(9)).unwrap();
    }
}
