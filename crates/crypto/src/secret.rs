//! Types that keep secrets: zeroized on drop, never printed, compared in constant time.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Whether two byte strings are equal, in time that depends on their lengths only.
#[must_use]
pub fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// A secret of a fixed length of `N` bytes, in one place on the heap: moving it moves a pointer, so no copy stays
/// behind on the stack.
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Makes a secret by having `fill` write it in place.
    ///
    /// # Errors
    /// Whatever `fill` returns; what it wrote until then is zeroized.
    pub fn try_with<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// The secret bytes. Whoever calls this answers for where they go.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> From<&[u8; N]> for Secret<N> {
    fn from(bytes: &[u8; N]) -> Self {
        Self(Box::new(*bytes))
    }
}

impl<const N: usize> Clone for Secret<N> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        ct_eq(&*self.0, &*other.0)
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret([{N} bytes])")
    }
}

/// A secret whose length is known at run time only, such as a shared secret or an encoded key.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes over a vector. Its spare capacity is zeroized too when the secret is dropped.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A secret of `len` bytes that `fill` writes in place.
    ///
    /// # Errors
    /// Whatever `fill` returns; what it wrote until then is zeroized.
    pub fn try_with<E>(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self::new(alloc::vec![0; len]);
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// The secret bytes. Whoever calls this answers for where they go.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes; not secret in any use that TLS has for it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&[u8]> for SecretBytes {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for SecretBytes {
    fn from(bytes: &[u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

/// Takes the vector over, as [`SecretBytes::new`] does: no copy stays behind.
impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        ct_eq(&self.0, &other.0)
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes([{} bytes])", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_secret_is_never_printed() {
        let fixed = Secret::from(&[0x41; 4]);
        let bytes = SecretBytes::from(&b"AAAA"[..]);
        for shown in [format!("{fixed:?}"), format!("{bytes:?}")] {
            assert!(!shown.contains("41") && !shown.contains("65") && !shown.contains("AA"), "{shown}");
        }
    }

    #[test]
    fn a_vector_becomes_a_secret_without_a_copy() {
        let bytes = alloc::vec![1, 2, 3];
        let place = bytes.as_ptr();
        let secret = SecretBytes::from(bytes);
        assert_eq!(secret.expose().as_ptr(), place);
        assert_eq!(secret, SecretBytes::from(&[1, 2, 3]));
    }

    #[test]
    fn comparison_sees_every_byte_and_the_length() {
        let a = SecretBytes::from(&[1, 2, 3][..]);
        assert_eq!(a, SecretBytes::from(&[1, 2, 3][..]));
        for i in 0..3 {
            let mut other = [1, 2, 3];
            other[i] ^= 0x80;
            assert_ne!(a, SecretBytes::from(&other[..]));
        }
        assert_ne!(a, SecretBytes::from(&[1, 2][..]));
        assert_ne!(Secret::from(&[1, 2]), Secret::from(&[1, 3]));
        assert_eq!(Secret::from(&[1, 2]).clone(), Secret::from(&[1, 2]));
    }

    #[test]
    fn a_failed_fill_gives_no_secret() {
        assert_eq!(Secret::<4>::try_with(|_| Err(7)), Err(7));
        assert_eq!(SecretBytes::try_with(4, |_| Err(7)), Err(7));
        let ok = SecretBytes::try_with(2, |b| {
            b.copy_from_slice(&[8, 9]);
            Ok::<_, ()>(())
        });
        assert_eq!(ok.map(|s| s.expose().to_vec()), Ok(alloc::vec![8, 9]));
    }
}
