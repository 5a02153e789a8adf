//! A generator that may fail, for code that requires one that cannot, or that hides the error.

use cairn_crypto::CryptoError;
use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};

/// Calls `operation` with a generator that seems infallible. If the generator fails, the bytes are zeros and
/// the result of the operation is discarded.
///
/// # Errors
/// The error of the generator.
pub(crate) fn with_infallible<T>(
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    operation: impl FnOnce(&mut Recording<'_>) -> T,
) -> Result<T, CryptoError> {
    let mut recording = Recording { rng, failed: None };
    let result = operation(&mut recording);
    match recording.failed {
        None => Ok(result),
        Some(error) => Err(error),
    }
}

/// See [`with_infallible`].
pub(crate) struct Recording<'a> {
    rng: &'a mut dyn TryCryptoRng<Error = CryptoError>,
    failed: Option<CryptoError>,
}

impl TryRng for Recording<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        if let Err(error) = self.rng.try_fill_bytes(out) {
            out.fill(0);
            self.failed = Some(error);
        }
        Ok(())
    }
}

impl TryCryptoRng for Recording<'_> {}
