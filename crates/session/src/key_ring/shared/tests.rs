use super::*;
use crate::testing::{NOW, ticket_key};

#[test]
fn first_key_seals_and_all_keys_open() {
    let keys = SharedKeys::new([1, 2, 3].map(ticket_key));
    assert_eq!(keys.sealing_key(NOW), Some(ticket_key(1)));
    for n in [1, 2, 3] {
        assert_eq!(keys.opening_key(ticket_key(n).name(), NOW), Some(ticket_key(n)));
    }
    assert_eq!(keys.opening_key(ticket_key(4).name(), NOW), None);

    keys.replace([4, 1].map(ticket_key));
    assert_eq!(keys.sealing_key(NOW), Some(ticket_key(4)));
    assert_eq!(keys.opening_key(ticket_key(2).name(), NOW), None);
    assert_eq!(keys.keys().len(), 2);

    keys.replace([]);
    assert_eq!(keys.sealing_key(NOW), None);
    assert_eq!(keys.opening_key(ticket_key(4).name(), NOW), None);
}

#[test]
fn replaced_keys_are_dropped() {
    let key = ticket_key(1);
    let keys = SharedKeys::new([Arc::clone(&key)]);
    assert_eq!(Arc::strong_count(&key), 2);
    keys.replace([ticket_key(2)]);
    assert_eq!(Arc::strong_count(&key), 1);
}

#[test]
fn poisoned_lock_does_not_block_other_threads() {
    let keys = SharedKeys::new([ticket_key(1)]);
    std::thread::scope(|scope| {
        let died = scope.spawn(|| {
            let _keys = keys.0.write();
            panic!("while the lock is held");
        });
        assert!(died.join().is_err());
    });
    assert!(keys.0.is_poisoned());
    assert_eq!(keys.sealing_key(NOW), Some(ticket_key(1)));
    keys.replace([ticket_key(2)]);
    assert_eq!(keys.sealing_key(NOW), Some(ticket_key(2)));
}
