//! Checks of the keys and gates that the handshake states, common to both directions.

use crate::{error::RecordError, protect::RecordKeys};
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, Gate, KeyChange};

/// Creates the keys of a change, if it is for this direction and an epoch that may follow.
pub(crate) fn new_keys(
    provider: &Provider,
    change: &KeyChange,
    direction: Direction,
    current: Epoch,
) -> Result<RecordKeys, RecordError> {
    if change.direction != direction {
        return Err(RecordError::WrongDirection { got: change.direction });
    }
    if !change.epoch.may_follow(current) {
        return Err(RecordError::EpochNotAfter { current, got: change.epoch });
    }
    RecordKeys::new(provider, &change.keys)
}

/// Checks that an open gate is for the keys in use.
pub(crate) fn check_gate(gate: Gate, is_protected: bool, current: Epoch) -> Result<(), RecordError> {
    match gate {
        Gate::Closed => Ok(()),
        Gate::Open { .. } | Gate::HalfRtt { .. } if !is_protected => Err(RecordError::NoKeys),
        Gate::Open { epoch } | Gate::HalfRtt { epoch } if epoch != current => {
            Err(RecordError::EpochNotCurrent { current, got: epoch })
        }
        Gate::Open { .. } | Gate::HalfRtt { .. } => Ok(()),
    }
}
