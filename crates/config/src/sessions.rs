//! The store of the sessions of a configuration.

use alloc::sync::Arc;

/// Where the sessions of a configuration are stored.
#[derive(Debug)]
pub(crate) enum Sessions<S: ?Sized> {
    /// Nowhere: every handshake is full.
    None,
    /// In a store that responds immediately.
    Store(Arc<S>),
    /// By the caller, through questions.
    Ask,
}

impl<S: ?Sized> Clone for Sessions<S> {
    fn clone(&self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Store(store) => Self::Store(Arc::clone(store)),
            Self::Ask => Self::Ask,
        }
    }
}

impl<S: ?Sized> Sessions<S> {
    pub(crate) const fn are_kept(&self) -> bool {
        !matches!(self, Self::None)
    }
}
