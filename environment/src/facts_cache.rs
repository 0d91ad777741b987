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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::builtin::tests::package::facts;
    use model::{Component, ComponentType};

    fn with_components(count: usize) -> Arc<PackageFacts> {
        let mut facts = facts("Sample", "1.0.0.0", true);
        facts.components = vec![Component::new(ComponentType::ENTITY, "new_table"); count];
        Arc::new(facts)
    }

    #[test]
    fn what_was_asked_for_last_stays_and_the_oldest_goes() {
        let cache = FactsCache::default();
        for index in 0..PACKAGES {
            cache.put(&index.to_string(), &with_components(1));
        }
        assert!(cache.get("0").is_some());
        cache.put("another", &with_components(1));
        assert!(cache.get("0").is_some() && cache.get("another").is_some());
        assert!(cache.get("1").is_none());
    }

    #[test]
    fn large_packages_push_others_out_and_the_largest_are_not_kept() {
        let cache = FactsCache::default();
        cache.put("small", &with_components(1));
        cache.put("too large", &with_components(COMPONENTS + 1));
        assert!(cache.get("small").is_some() && cache.get("too large").is_none());
        cache.put("large", &with_components(COMPONENTS));
        assert!(cache.get("small").is_none() && cache.get("large").is_some());
        cache.put("large", &with_components(COMPONENTS));
        assert!(cache.get("large").is_some());
        assert_eq!(cache.0.lock().unwrap().components, COMPONENTS);
    }
}
