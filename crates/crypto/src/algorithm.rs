//! Properties of an implementation of an algorithm.

/// Properties common to all implementations.
pub trait Algorithm: Send + Sync {
    /// The name of the implementation, for people to read, such as `"AWS-LC"`. The algorithms of a provider
    /// may have different implementations.
    fn implementation(&self) -> &'static str;

    /// Returns `true` if the implementation is part of a validated FIPS 140 module in its approved mode.
    fn fips(&self) -> bool {
        false
    }
}
