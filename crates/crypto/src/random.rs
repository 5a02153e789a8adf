//! Randomness.

use crate::error::CryptoError;
use core::fmt;
use rand_core::{TryCryptoRng, TryRng};

/// A source of randomness that many connections can share.
pub trait RandomSource: Send + Sync {
    /// Fills `out` with random bytes that are suitable for keys.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`]. The content of `out` must then not be used.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

impl fmt::Debug for dyn RandomSource + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RandomSource")
    }
}

/// Adapts a [`RandomSource`] to the traits of `rand_core`.
#[derive(Clone, Copy, Debug)]
pub struct ProviderRng<'a>(pub &'a dyn RandomSource);

impl TryRng for ProviderRng<'_> {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.fill(out)
    }
}

impl TryCryptoRng for ProviderRng<'_> {}

/// A [`RandomSource`] from a generator without state, such as a handle to the operating system's. Each call
/// uses a copy of the handle.
///
/// Do not use this for a generator with state, because every copy would return the same bytes. Use `Locked`
/// instead (with the feature `std`).
#[derive(Clone, Copy, Debug)]
pub struct Shared<R>(pub R);

impl<R: TryCryptoRng + Copy + Send + Sync> RandomSource for Shared<R> {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut handle = self.0;
        handle.try_fill_bytes(out).map_err(|_| CryptoError::RandomFailed)
    }
}

/// A [`RandomSource`] from a generator with state, such as a seeded one. A mutex protects the state.
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct Locked<R>(std::sync::Mutex<R>);

#[cfg(feature = "std")]
impl<R> Locked<R> {
    /// Wraps `rng`.
    pub const fn new(rng: R) -> Self {
        Self(std::sync::Mutex::new(rng))
    }
}

#[cfg(feature = "std")]
impl<R: TryCryptoRng + Send> RandomSource for Locked<R> {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut rng = self.0.lock().map_err(|_| CryptoError::RandomFailed)?;
        rng.try_fill_bytes(out).map_err(|_| CryptoError::RandomFailed)
    }
}

#[cfg(all(test, feature = "std"))]
pub(crate) mod tests {
    use super::*;

    /// A source that always fails.
    pub(crate) fn nothing() -> impl RandomSource {
        struct Nothing;
        impl RandomSource for Nothing {
            fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
                Err(CryptoError::RandomFailed)
            }
        }
        Nothing
    }
    use core::convert::Infallible;

    /// A counter, which shows whether state is kept.
    struct Counter(u8);

    impl TryRng for Counter {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(7)
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(7)
        }
        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            for byte in out {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Counter {}

    #[test]
    fn locked_generator_keeps_its_state() {
        let source = Locked::new(Counter(1));
        let mut rng = ProviderRng(&source);
        assert_eq!(rng.try_next_u32(), Ok(u32::from_le_bytes([1, 2, 3, 4])));
        let mut two = [0; 2];
        rng.try_fill_bytes(&mut two).unwrap();
        assert_eq!(two, [5, 6]);
        assert_eq!(rng.try_next_u64(), Ok(u64::from_le_bytes([7, 8, 9, 10, 11, 12, 13, 14])));
    }

    #[test]
    fn poisoned_source_fails() {
        let source = alloc::sync::Arc::new(Locked::new(Counter(1)));
        let poisoner = alloc::sync::Arc::clone(&source);
        let _ = std::thread::spawn(move || {
            let _held = poisoner.0.lock();
            panic!("poison the lock");
        })
        .join();
        assert_eq!(source.fill(&mut [0]), Err(CryptoError::RandomFailed));
    }
}
