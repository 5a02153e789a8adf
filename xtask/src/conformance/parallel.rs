//! Parallel work on all processors.

use std::{sync, thread};

/// Applies `work` to each item and returns the results in order. It uses as many threads as there are
/// processors, at most eight.
pub(super) fn each<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let next = sync::atomic::AtomicUsize::new(0);
    let done = sync::Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, |count| count.get().min(8));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(number) else { break };
                    let made = work(item);
                    done.lock().unwrap_or_else(sync::PoisonError::into_inner).push((number, made));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(sync::PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_item_is_processed_once_and_in_order() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(
            super::each(&items, |item| item * 2),
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
        assert!(super::each::<u32, u32>(&[], |item| *item).is_empty());
    }
}
