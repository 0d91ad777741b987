//! The facts of the packages that were asked for last.

use model::package::PackageFacts;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many packages are kept, and how many components they may have together: the components are nearly all of the
/// memory that facts take, some 200 bytes each.
const PACKAGES: usize = 64;
const COMPONENTS: usize = 40_000;

/// Keeps facts by the SHA-256 of their package. Facts never change, so nothing in here is ever wrong.
#[derive(Debug, Default)]
pub(crate) struct FactsCache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<String, Entry>,
    components: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    facts: Arc<PackageFacts>,
    used: u64,
}

impl FactsCache {
    pub(crate) fn get(&self, sha256: &str) -> Option<Arc<PackageFacts>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let now = kept.uses;
        let entry = kept.entries.get_mut(sha256)?;
        entry.used = now;
        Some(Arc::clone(&entry.facts))
    }

    pub(crate) fn put(&self, sha256: &str, facts: &Arc<PackageFacts>) {
        let weight = weight(facts);
        if weight > COMPONENTS {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let entry = Entry { facts: Arc::clone(facts), used: kept.uses };
        kept.components += weight;
        if let Some(before) = kept.entries.insert(sha256.to_owned(), entry) {
            kept.components -= self::weight(&before.facts);
        }
        while kept.entries.len() > PACKAGES || kept.components > COMPONENTS {
            let Some(oldest) =
                kept.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(sha256, _)| sha256.clone())
            else {
                break;
            };
            if let Some(entry) = kept.entries.remove(&oldest) {
                kept.components -= self::weight(&entry.facts);
            }
        }
    }
}

fn weight(facts: &PackageFacts) -> usize {
    facts.components.len() + facts.root_components.len() + facts.missing_dependencies.len() * 2
}
